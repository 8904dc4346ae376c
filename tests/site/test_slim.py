"""Pages get smaller and stay what they were."""

from bs4 import BeautifulSoup

from course_utils.site.slim import slim

PAGE = """<!doctype html>
<html lang="en">
  <head><title>A</title><script id="c" type="application/json">{"a":  "</b>"}</script></head>
  <body>
    <nav>

      <a href="x/" title="to  x"> <span class="md-ellipsis">
        x </span> </a>
      <input type="text" required>
    </nav>
    <div class="language-python highlight"><pre><span></span>\
<code><span class="k">if</span><span class="w"> </span>\
<span class="n">a</span><span class="o">&lt;</span><span class="mi">1</span>: \
<span class="c1"># why</span>
        <span class="n">b</span><span class="p">(</span><span class="sa">f</span>\
<span class="s2">&quot;</span><span class="s2">x</span><span class="s2">&quot;</span>)
</code></pre></div>
    <p>one <em>two</em> three</p>
  </body>
</html>
"""


def test_code_keeps_its_text_and_tells_three_kinds_of_token_apart() -> None:
    code = BeautifulSoup(slim(PAGE), "html.parser").code
    assert code is not None
    assert code.get_text() == 'if a<1: # why\n        b(f"x")\n'
    assert [(tag.name, tag.get_text()) for tag in code.find_all(True)] == [
        ("b", "if"),
        ("i", "# why"),
        ("u", 'f"x"'),
    ]


def test_elements_and_text_stay() -> None:
    before, after = (BeautifulSoup(text, "html.parser") for text in (PAGE, slim(PAGE)))
    for page in (before, after):
        for code in page.find_all("pre"):
            code.decompose()
    assert [tag.name for tag in after.find_all(True)] == [tag.name for tag in before.find_all(True)]
    assert "".join(after.get_text().split()) == "".join(before.get_text().split())
    assert "<span class=md-ellipsis>x</span></a>" in slim(PAGE)
    assert "<div class=highlight><pre><code>" in slim(PAGE)
    assert "<p>one <em>two</em> three</p>" in slim(PAGE)
    link, field = after.find("a"), after.find("input")
    assert link is not None
    assert field is not None
    assert link["title"] == "to  x"
    assert field["type"] == "text"
    assert field.has_attr("required")


def test_the_empty_corner_of_a_table_is_no_header() -> None:
    assert "<tr><td></td><th>A</th>" in slim("<table><tr><th>\n</th><th>A</th></tr></table>")


def test_it_is_smaller() -> None:
    assert len(slim(PAGE)) < 0.75 * len(PAGE)

"""Pages get smaller and stay what they were."""

from bs4 import BeautifulSoup

from course_utils.site.slim import slim

PAGE = """<!doctype html>
<html lang="en">
  <head><title>A</title><script id="c" type="application/json">{"a":  "</b>"}</script></head>
  <body>
    <nav>

      <a href="x/" title="to  x">x</a>
      <input type="text" required>
    </nav>
    <div class="highlight"><pre><code><span class="k">if</span><span class="w"> </span>\
<span class="n">a</span><span class="o">&lt;</span><span class="mi">1</span>:
        <span class="n">b</span>
</code></pre></div>
    <p>one <em>two</em> three</p>
  </body>
</html>
"""


def test_code_keeps_its_lines_and_loses_plain_spans() -> None:
    code = BeautifulSoup(slim(PAGE), "html.parser").code
    assert code is not None
    assert code.get_text() == "if a<1:\n        b\n"
    assert [span["class"] for span in code.find_all("span")] == [["k"], ["mi"]]


def test_elements_and_text_stay() -> None:
    before, after = (BeautifulSoup(text, "html.parser") for text in (PAGE, slim(PAGE)))
    assert [tag.name for tag in after.find_all(True)] == [
        tag.name
        for tag in before.find_all(True)
        if not (tag.name == "span" and tag["class"][0] in {"n", "o", "w"})
    ]
    assert "".join(after.get_text().split()) == "".join(before.get_text().split())
    assert "<p>one <em>two</em> three</p>" in slim(PAGE)
    link, field = after.find("a"), after.find("input")
    assert link is not None and field is not None
    assert link["title"] == "to  x"
    assert field.has_attr("required")


def test_it_is_smaller() -> None:
    assert len(slim(PAGE)) < 0.75 * len(PAGE)

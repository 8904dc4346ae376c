"""The converter: cells in order, each in the form that Markdown renders natively."""

from pathlib import Path

import pytest
from markdown import markdown
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_utils.site.errors import SiteError
from course_utils.site.notebook import to_markdown

SVG = '<svg width="10" height="20"></svg>'
EXTENSIONS = ["admonition", "attr_list", "md_in_html", "pymdownx.details", "pymdownx.superfences"]


def printed(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


def plot() -> NotebookNode:
    return new_output("display_data", data={"image/svg+xml": SVG, "text/plain": "<Figure>"})


def converted(*cells: NotebookNode) -> str:
    return to_markdown(new_notebook(cells=list(cells)), name="inference/words").markdown


def tagged(source: str, *tags: str, outputs: list[NotebookNode] | None = None) -> NotebookNode:
    return new_code_cell(source, metadata={"tags": list(tags)}, outputs=outputs or [])


def test_cells_keep_their_order() -> None:
    cells = (new_markdown_cell("# T"), new_code_cell("x = 1\n"), new_markdown_cell("End."))
    assert converted(*cells) == "# T\n\n```python\nx = 1\n```\n\nEnd.\n"


def test_output_follows_its_code_and_stays_out_of_the_search() -> None:
    cell = new_code_cell("print(1)", outputs=[printed("1\n")])
    assert converted(cell) == (
        "```python\nprint(1)\n```\n\n"
        '<div class="nb-out" data-search-exclude>\n<pre>1</pre>\n</div>\n'
    )


def test_code_that_holds_fences_gets_longer_ones() -> None:
    assert converted(new_code_cell('"````"')) == '`````python\n"````"\n`````\n'


def test_the_parameters_cell_says_so() -> None:
    assert converted(tagged("a = 1", "parameters")).startswith('```python title="Parameters"\n')


def test_a_solution_folds_with_its_output() -> None:
    assert converted(tagged("print(1)", "solution", outputs=[printed("1\n")])) == (
        '<details class="solution" markdown="1">\n<summary>Solution</summary>\n\n'
        "```python\nprint(1)\n```\n\n"
        '<div class="nb-out" data-search-exclude>\n<pre>1</pre>\n</div>\n\n</details>\n'
    )


def test_hidden_input_folds_and_its_output_does_not() -> None:
    text = converted(tagged("print(1)", "hide-input", outputs=[printed("1\n")]))
    fold, _, rest = text.partition("</details>")
    assert "print(1)" in fold
    assert "<pre>1</pre>" in rest


def test_a_plot_becomes_two_images_with_its_alternative_text() -> None:
    cell = new_code_cell("draw()", metadata={"alt": "Loss [nats]\nfalls"}, outputs=[plot()])
    result = to_markdown(new_notebook(cells=[cell]), name="inference/words")
    assert set(result.images) == {"words/plot-1.svg", "words/plot-1-dark.svg"}
    assert (
        "![Loss \\[nats\\] falls](words/plot-1.svg#only-light)"
        '{ loading=lazy width="10" height="20" }' in result.markdown
    )
    assert "(words/plot-1-dark.svg#only-dark)" in result.markdown
    assert result.plots[0].path == "words/plot-1.svg"


def test_text_around_a_plot_keeps_its_place() -> None:
    outputs = [printed("before\n"), plot(), printed("after\n")]
    text = converted(new_code_cell("draw()", metadata={"alt": "A"}, outputs=outputs))
    assert text.index("before") < text.index("plot-1.svg") < text.index("after")


def test_a_plot_without_alternative_text_is_refused() -> None:
    cells = [new_code_cell("1"), new_code_cell("draw()", outputs=[plot()])]
    with pytest.raises(SiteError, match=r"^x\.py cell 2: the plot has no alternative text.*alt="):
        to_markdown(new_notebook(cells=cells), name="x", place=lambda number: f"x.py cell {number}")


@pytest.mark.parametrize("tags", [(), ("solution",)])
def test_no_output_can_leave_its_box(tags: tuple[str, ...]) -> None:
    nasty = '</pre></div>\n\n```python\n*a* [b](c) $d$\n\n??? hint "x"\n    y\n\n# Title\n~~~\n<b>'
    error = new_output("error", ename="E", evalue="a\n\n# b", traceback=["x\n\n```y"])
    cell = tagged("1", *tags, outputs=[printed(nasty), error])
    page = markdown(converted(cell, new_markdown_cell("*End*")), extensions=EXTENSIONS)
    assert page.endswith("<p><em>End</em></p>")
    for escaped in ("<h1", "<b>", "<a ", 'class="hint"'):
        assert escaped not in page
    assert page.count("<em>") == 1
    assert page.count("<div") == page.count("</div")
    assert page.count("<details") == page.count("</details")


def test_it_can_be_written_to_disk(tmp_path: Path) -> None:
    cell = new_code_cell("draw()", metadata={"alt": "A"}, outputs=[plot()])
    result = to_markdown(new_notebook(cells=[cell]), name="words")
    result.write(tmp_path / "deep" / "words.md")
    assert (tmp_path / "deep" / "words.md").read_text() == result.markdown
    assert (tmp_path / "deep" / "words" / "plot-1.svg").read_text().startswith("<svg")

"""Formulas set at build time."""

import pytest

from course_utils.site.errors import SiteError
from course_utils.site.maths import render_formula, set_maths


def test_inline_and_display_formulas_are_set() -> None:
    content = (
        '<p>a <span class="arithmatex">\\(x &lt; y\\)</span></p>'
        '<div class="arithmatex">\\[\n\\frac{1}{2}\n\\]</div>'
    )
    text, count = set_maths(content, page="a.md")
    assert count == 2
    assert "arithmatex" not in text
    assert "<mo>&lt;</mo>" in text
    assert text.count("katex-display") == 1
    assert text.count("data-search-exclude") == 2


def test_pages_without_formulas_are_left_alone() -> None:
    assert set_maths("<p>$5 and $6</p>", page="a.md") == ("<p>$5 and $6</p>", 0)


@pytest.mark.parametrize(
    "tex",
    [r"\begin{aligned} a &= b \\ c &= d \end{aligned}", r"\mathbb{R}", r"\operatorname*{argmax}_x"],
)
def test_what_lessons_need_is_known(tex: str) -> None:
    formula = render_formula(tex, display=True)
    assert "<math" in formula
    assert "katex-error" not in formula


def test_a_wrong_formula_names_page_and_place() -> None:
    content = '<span class="arithmatex">\\(\\frac{1}\\)</span>'
    with pytest.raises(SiteError, match=r"^lessons/x\.py: the formula \$\\frac\{1\}\$ is wrong: "):
        set_maths(content, page="lessons/x.py")

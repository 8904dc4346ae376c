"""A practice quiz in a browser: usable by keyboard alone, marked as `course_utils.quiz` marks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from course_utils.quiz import load_quiz, mark_question
from course_utils.site.quiz_form import render_form

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "src/course_utils/site/assets"
QUIZ = load_quiz(ROOT / "tests/quiz/data/all_types.yaml")

#: The theme's variables that quiz.css uses, for both schemes.
THEME = """
:root { --md-default-fg-color: #1f2430; --md-default-fg-color--light: #555b68;
  --md-default-fg-color--lightest: #d5d9e0; --md-default-bg-color: #fff;
  --md-primary-fg-color: #2b4c8c; --md-primary-bg-color: #fff; --md-accent-fg-color: #2456b8 }
@media (prefers-color-scheme: dark) { :root { --md-default-fg-color: #e6e9ef;
  --md-default-fg-color--light: #b3b9c6; --md-default-bg-color: #1e2129;
  --md-default-fg-color--lightest: #3a3f4b; --md-accent-fg-color: #8fb4ff } }
body { background: var(--md-default-bg-color); color: var(--md-default-fg-color) }
.md-button { color: inherit; border: 1px solid }
"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    css, js = ((ASSETS / name).read_text() for name in ("quiz.css", "quiz.js"))
    path = tmp_path_factory.mktemp("quiz") / "quiz.html"
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quiz</title>'
        f"<style>{THEME}{css}</style></head><body><main><h1>Quiz</h1>{render_form(QUIZ)}</main>"
        f"<script>{js}</script></body></html>"
    )
    return path


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, page_file: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param)
    opened = context.new_page()
    opened.goto(page_file.as_uri())
    yield opened
    context.close()


def field(page: Page, question: str) -> Locator:
    return page.locator(f'[data-question="{question}"]')


def answer(page: Page, question: str, response: Any) -> None:
    """Fill in a response of the shape that `mark_question` takes."""
    place, kind = field(page, question), QUIZ.question(question).type
    if kind in ("single", "bug"):
        place.locator(f'input[value="{response}"]').check()
    elif kind == "multiple":
        for box in place.locator("input").all():
            box.set_checked(box.get_attribute("value") in response)
    elif kind == "order":
        for number, item in enumerate(response, 1):
            place.locator(f'select[data-part="{item}"]').select_option(str(number))
    elif kind == "match":
        for left, right in response.items():
            place.locator(f'select[data-part="{left}"]').select_option(right)
    else:
        place.locator("input").fill(str(response))
    place.locator("button").click()


RESPONSES: list[tuple[str, Any]] = [
    *[("one", option) for option in "abc"],
    *[("fault", option) for option in ("start", "loop", "add")],
    *[
        ("several", chosen)
        for chosen in (["two"], ["four"], ["two", "three"], ["two", "four"],
                       ["two", "three", "four"], ["two", "three", "four", "one"])
    ],
    *[("number", text) for text in ("0.125", "0.1259", "0.1261", "1.25e-1", ".125", "-0.125")],
    *[("word", text) for text in ("tokenizer", "  The  TOKENIZER", "tokeniser", "a tokenizer ")],
    *[("prints", text) for text in ("5", " 5 ", "five")],
    *[
        ("steps", order)
        for order in (["i0", "i1", "i2", "i3"], ["i1", "i2", "i3", "i0"],
                      ["i3", "i2", "i1", "i0"], ["i0", "i1", "i3", "i2"])
    ],
    *[
        ("pairs", pairs)
        for pairs in ({"bert": "bert"}, {"bert": "gpt", "gpt": "gpt"},
                      {"bert": "bert", "gpt": "gpt", "t5": "t5"}, {"t5": "bert"})
    ],
]  # fmt: skip


def test_the_page_marks_as_the_package_does(browser: Browser, page_file: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    for question, response in RESPONSES:
        page.goto(page_file.as_uri())
        page.evaluate("localStorage.clear()")
        page.reload()
        answer(page, question, response)
        shown = float(field(page, question).get_attribute("data-score") or "nan")
        expected = mark_question(QUIZ.question(question), response).score
        assert shown == pytest.approx(expected), (question, response)
    context.close()


def test_the_keyboard_is_enough(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.locator("[data-score]").count() == 0, "choosing must not check yet"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert field(page, "one").get_attribute("data-score") == "1"
    assert "Four is twice two." in field(page, "one").inner_text()
    field(page, "number").locator("input").focus()
    page.keyboard.type("0.125")
    page.keyboard.press("Enter")
    assert field(page, "number").get_attribute("data-score") == "1"
    assert page.locator(".quiz-total").inner_text() == "2 of 8 points, 2 answered"


def test_a_right_option_in_a_wrong_answer_is_marked_right(page: Page) -> None:
    answer(page, "several", ["two", "four"])
    marks = field(page, "several").locator("[data-mark]")
    assert [mark.get_attribute("data-mark") for mark in marks.all()] == ["right", "wrong"]
    assert "Not yet." in field(page, "several").locator(".quiz-result").inner_text()


def test_an_empty_or_odd_answer_is_asked_again(page: Page) -> None:
    answer(page, "number", "a lot")
    result = field(page, "number").locator(".quiz-result")
    assert "Write a number" in result.inner_text()
    assert field(page, "number").get_attribute("data-score") is None


def test_a_changed_answer_is_no_longer_marked(page: Page) -> None:
    answer(page, "one", "a")
    assert field(page, "one").get_attribute("data-score") == "0"
    field(page, "one").locator('input[value="b"]').check()
    assert field(page, "one").get_attribute("data-score") is None


def test_answers_are_still_there_after_a_reload(page: Page) -> None:
    answer(page, "one", "b")
    page.reload()
    assert field(page, "one").get_attribute("data-score") == "1"


def test_text_from_the_quiz_is_text(page: Page) -> None:
    answer(page, "one", "c")
    why = field(page, "one").locator('[data-why="c"]')
    assert why.locator("b").count() == 0
    assert "markup" in why.inner_text()


def test_axe_finds_nothing_before_and_after(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []
    for question, response in {
        "one": "a",
        "several": ["two", "four"],
        "pairs": {"t5": "gpt"},
    }.items():
        answer(page, question, response)
    assert Axe().run(page).response["violations"] == []


def test_without_scripts_the_answers_fold_open(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    folds = page.locator("details.quiz-key summary")
    assert folds.count() == len(QUIZ.questions)
    assert all(fold.is_visible() for fold in folds.all())
    assert not page.locator(".quiz-actions").first.is_visible()
    context.close()


def test_what_is_embedded_cannot_break_out() -> None:
    form = render_form(QUIZ)
    embedded = form.split('<script type="application/json">')[1].split("</script>")[0]
    assert "<" not in embedded
    assert set(json.loads(embedded)) == {question.id for question in QUIZ.questions}

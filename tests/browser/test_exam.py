"""The page of a graded quiz in a browser: it draws and saves what marking expects."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from course_utils.quiz import draw, load_bank, load_keyed, mark_files
from course_utils.quiz.bank import Bank
from course_utils.quiz.question import Choice, Match, Order, Question
from course_utils.site.exam_page import ExamPage

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "src/course_utils/site/assets"
GRADED = ROOT / "tests/quiz/data/graded"
SMALL, MODULE = load_bank(GRADED / "quizzes/small.yaml"), load_bank(ROOT / "quizzes/module.yaml")
KEYED = load_keyed(SMALL, GRADED / "keys")


def written(folder: Path, bank: Bank) -> Path:
    """The page opened from disk, where no request and no secure context is to be had."""
    page = ExamPage(bank)
    css, quiz, exam = ((ASSETS / name).read_text() for name in ("quiz.css", "quiz.js", "exam.js"))
    path = folder / "exam.html"
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quiz</title>'
        f'<meta name="viewport" content="width=device-width"><style>{css}</style></head>'
        f"<body><main><h1>Quiz</h1><h2>Paper</h2>{page.slots[0]}</main>"
        f"<script>{page.script()}</script><script>{quiz}</script><script>{exam}</script></body>"
        "</html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    contexts: list[BrowserContext] = []

    def open_page(bank: Bank = SMALL, **settings: Any) -> Page:
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.goto(written(tmp_path, bank).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def begin(page: Page, learner: str = "ann", attempt: int = 1) -> None:
    page.fill("input[name=learner]", learner)
    page.fill("input[name=attempt]", str(attempt))
    page.keyboard.press("Enter")


def shown(page: Page) -> list[str]:
    fields = page.locator("fieldset").all()
    return [str(field.get_attribute("data-question")) for field in fields]


def answer(page: Page, question: Question, right: Any) -> None:
    field = page.locator(f'[data-question="{question.id}"]')
    if isinstance(question, Choice):
        for name in right if isinstance(right, list) else [right]:
            field.locator(f'input[value="{name}"]').check()
    elif isinstance(question, Order):
        for place, name in enumerate(right, 1):
            field.locator(f'[data-part="{name}"]').select_option(str(place))
    elif isinstance(question, Match):
        for left, name in right.items():
            field.locator(f'[data-part="{left}"]').select_option(name)
    else:
        field.locator("input").fill(str(right))


def saved(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.locator(".exam-save").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.mark.parametrize("bank", [SMALL, MODULE], ids=lambda bank: bank.id)
def test_the_page_draws_as_the_package_does(opened: Callable[..., Page], bank: Bank) -> None:
    page = opened(bank)
    learners = ["ann", "b", "0", "x.y_z@a+b-c", *(f"learner-{n}" for n in range(60))]
    cases = [(learner, 1 + n % 7) for n, learner in enumerate(learners)]
    drawn = page.evaluate(
        "cases => cases.map(([who, n]) => courseExam.draw(courseBank, who, n))", cases
    )
    assert drawn == [draw(bank, learner, attempt) for learner, attempt in cases]


def test_the_page_digests_as_the_package_does(opened: Callable[..., Page]) -> None:
    texts = ["", "abc", *("é☃𝄞x"[n % 4] * n for n in range(140))]
    digests = opened().evaluate("texts => texts.map(courseExam.sha256)", texts)
    assert digests == [hashlib.sha256(text.encode()).hexdigest() for text in texts]


def test_what_is_saved_is_marked(opened: Callable[..., Page], tmp_path: Path) -> None:
    page = opened(accept_downloads=True)
    asked = set()
    for attempt in (1, 2, 3):
        begin(page, "Ann", attempt)
        paper = shown(page)
        assert paper == draw(SMALL, "ann", attempt)
        for name in paper:
            question = KEYED.quiz.question(name)
            one = isinstance(question, Choice) and question.type != "multiple"
            answer(page, question, question.key[0] if one else question.key)  # type: ignore[index]
        (record,) = mark_files(KEYED, [saved(page, tmp_path)])
        assert (record.status, record.score, record.passed) == ("marked", 5, True), record.why
        asked |= set(paper)
    assert len(asked) == len(SMALL.questions), "each type was answered once"


def test_answers_are_kept_for_each_learner_and_attempt(opened: Callable[..., Page]) -> None:
    page = opened()
    begin(page)
    first = page.locator("fieldset").first
    inputs = first.locator("input, select").first
    inputs.evaluate(
        """input => { if (input.matches("select")) input.selectedIndex = 1;
        else if (input.hasAttribute("value")) input.checked = true; else input.value = "7";
        input.dispatchEvent(new Event("input", { bubbles: true })); }"""
    )
    before = page.evaluate("localStorage.length")
    page.reload()
    assert shown(page) == draw(SMALL, "ann", 1), "the paper is there again"
    assert page.evaluate(
        "courseForm.all(document, 'fieldset').some(f => JSON.stringify(courseForm.read(f))"
        """.match(/"[a-z0-9]+"(?=[\\],}])|^"7"$/))"""
    )
    begin(page, "bob")
    assert page.locator(".exam-said").inner_text().endswith("0 of 5 answered.")
    assert page.evaluate("localStorage.length") == before


@pytest.mark.parametrize(
    ("learner", "attempt", "said"),
    [("", "1", "A learner id has"), ("a b", "1", "A learner id has"), ("ann", "0", "numbered from"),
     ("ann", "1.5", "numbered from"), ("ann", "51", "numbered from"), ("ann", "", "numbered from")],
)  # fmt: skip
def test_odd_ids_are_asked_again(
    opened: Callable[..., Page], learner: str, attempt: str, said: str
) -> None:
    page = opened()
    page.fill("input[name=learner]", learner)
    page.fill("input[name=attempt]", attempt)
    page.keyboard.press("Enter")
    assert said in page.locator(".exam-said").inner_text()
    assert shown(page) == []


def test_enter_in_an_answer_keeps_the_place(opened: Callable[..., Page]) -> None:
    page = opened()
    attempt = next(n for n in range(1, 20) if "eighth" in draw(SMALL, "ann", n))
    begin(page, "ann", attempt)
    page.locator('[data-question="eighth"] input').fill("0.1")
    page.keyboard.press("Enter")
    page.keyboard.type("25")
    assert page.locator('[data-question="eighth"] input').input_value() == "0.125"


def test_an_unfinished_order_counts_as_unanswered(
    opened: Callable[..., Page], tmp_path: Path
) -> None:
    page = opened(accept_downloads=True)
    attempt = next(n for n in range(1, 20) if "rising" in draw(SMALL, "ann", n))
    begin(page, "ann", attempt)
    page.locator('[data-question="rising"] select').first.select_option("1")
    assert "a place of its own" in page.locator('[data-question="rising"]').inner_text()
    file = json.loads(saved(page, tmp_path).read_text())
    assert file["responses"] == {}
    assert "Not answered: 5" in page.locator(".exam-saved").inner_text()


@pytest.mark.parametrize("stored", ["{", "[]", "null", '{"learner": 3}', '{"learner": "ann"}'])
def test_odd_storage_is_ignored(opened: Callable[..., Page], stored: str) -> None:
    page = opened()
    page.evaluate("text => localStorage.setItem('course-exam-1:small', text)", stored)
    page.reload()
    begin(page)
    assert shown(page) == draw(SMALL, "ann", 1)


def test_a_browser_that_refuses_storage_says_so(opened: Callable[..., Page]) -> None:
    page = opened()
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw 1 }})")
    page.reload()
    begin(page)
    page.evaluate(
        "document.querySelector('fieldset').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert "This browser keeps nothing" in page.locator(".exam-said").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened: Callable[..., Page], scheme: str) -> None:
    page = opened(MODULE, color_scheme=scheme)
    begin(page)
    assert Axe().run(page).response["violations"] == []


def test_a_phone_needs_no_sideways_scrolling(opened: Callable[..., Page]) -> None:
    page = opened(MODULE, viewport={"width": 320, "height": 800})
    begin(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_scripts_it_says_so(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    assert "needs JavaScript" in page.locator("form").inner_text()
    assert not page.locator(".exam-who").is_visible()

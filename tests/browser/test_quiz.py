"""A practice quiz in a browser: usable by keyboard alone, marked as `course_utils.quiz` marks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from course_utils.quiz import QuizError, load_quiz, mark_question
from course_utils.quiz.question import Choice, Match, Numeric, Order, Question
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

#: Gives each response to the question as a reader would, and returns score and marks.
ANSWER_ALL = """([id, responses]) => {
  const field = document.querySelector(`[data-question="${id}"]`);
  const form = field.form ?? field.closest("form");
  return responses.map((response) => {
    form.reset();
    for (const input of field.querySelectorAll("input, select")) {
      if (input.matches("select")) input.value = response[input.dataset.part] ?? "";
      else if (input.hasAttribute("value")) input.checked = response.includes(input.value);
      else input.value = response;
    }
    field.querySelector("button").click();
    const marks = [...field.querySelectorAll("[data-mark]")]
      .map((part) => [part.dataset.option, part.dataset.mark === "right"]);
    return [field.dataset.score ?? null, Object.fromEntries(marks)];
  });
}"""


def written_page(folder: Path, body: str) -> Path:
    css, js = ((ASSETS / name).read_text() for name in ("quiz.css", "quiz.js"))
    path = folder / "quiz.html"
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quiz</title>'
        f'<meta name="viewport" content="width=device-width"><style>{THEME}{css}</style></head>'
        f"<body><main><h1>Quiz</h1>{body}</main><script>{js}</script></body></html>",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_page(tmp_path_factory.mktemp("quiz"), render_form(QUIZ, heading_level=2))


@pytest.fixture
def opened(browser: Browser, page_file: Path) -> Iterator[Callable[..., Page]]:
    """Opens the page in a context of its own, with these settings."""
    contexts: list[BrowserContext] = []

    def open_page(path: Path = page_file, **settings: Any) -> Page:
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    return opened()


def field(page: Page, question: str) -> Locator:
    return page.locator(f'[data-question="{question}"]')


def answer(page: Page, question: str, response: Any) -> None:
    """Fill in a response, in the shape that the form holds, and check it."""
    page.evaluate(ANSWER_ALL.replace("form.reset();", ""), [question, [response]])


def score(page: Page, question: str) -> str | None:
    return field(page, question).get_attribute("data-score")


def drawn(question: Question, chance: random.Random) -> tuple[Any, Any]:
    """A response as the form holds it, and as `mark_question` takes it."""
    if isinstance(question, Choice):
        names = [option.id for option in question.options]
        count = chance.randint(0, len(names)) if question.type == "multiple" else 1
        chosen = chance.sample(names, count)
        return chosen, chosen if question.type == "multiple" else chosen[0]
    if isinstance(question, Order):
        items = chance.sample(question.key, len(question.key))
        return {item: str(place) for place, item in enumerate(items, 1)}, items
    if isinstance(question, Match):
        pairs = {left: chance.choice([*question.key, ""]) for left in question.key}
        return pairs, {left: right for left, right in pairs.items() if right}
    text = numeral(question, chance) if isinstance(question, Numeric) else prose(question, chance)
    return text, text


def numeral(question: Numeric, chance: random.Random) -> str:
    near = question.answer + question.margin * chance.choice([-1.01, -1, -0.99, 0, 0.99, 1, 1.01])
    odd = ["1.", ".125", "+.125", "1e-1", "12.5E-2", "0x1", "1_0", "٣", "", " ", "inf", "1e999"]
    return chance.choice([repr(near), f" {near:.6f} ", f"{near:e}", chance.choice(odd)])


def prose(question: Any, chance: random.Random) -> str:
    text = chance.choice([*question.accepted, "İstanbul", "ΟΔΟΣ", "‘a’", "cafe\u0301"])
    spaces = [" ", "  ", "\t", "\u00a0", "\ufeff", "\u2003", "\x1c", "\x85"]
    parts = [
        chance.choice([word, word.upper(), word.swapcase()]) + chance.choice(spaces)
        for word in text.split()
    ]
    return chance.choice(spaces).join(parts) if chance.random() < 0.9 else ""


@pytest.mark.parametrize("question", QUIZ.questions, ids=lambda question: question.id)
def test_the_page_marks_as_the_package_does(page: Page, question: Question) -> None:
    chance = random.Random(question.id)
    cases = [drawn(question, chance) for _ in range(200)]
    shown = page.evaluate(ANSWER_ALL, [question.id, [filled for filled, _ in cases]])
    seen = set()
    for (_, response), (points, marks) in zip(cases, shown, strict=True):
        try:
            expected = mark_question(question, response)
        except QuizError:
            assert points is None, response
            continue
        unanswered = points is None and expected.score == 0 and not expected.options
        assert unanswered or float(points) == expected.score, response
        assert marks == expected.options, response
        seen.add(expected.score)
    assert {0, 1} <= seen, "the cases hold right and wrong answers"


def test_texts_are_compared_as_in_python(opened: Callable[..., Page], tmp_path: Path) -> None:
    accepted = ["İstanbul", "ΟΔΟΣ", "['a', \"b\"]", "café", "straße"]
    word = QUIZ.question("word").model_copy(update={"accepted": accepted})
    path = written_page(tmp_path, render_form(QUIZ.model_copy(update={"questions": [word]})))
    given = ["i̇stanbul", "istanbul", "οδος", "οδοσ", "[‘a’, “B”]", "CAFE\u0301", "cafe", "STRASSE"]
    shown = opened(path).evaluate(ANSWER_ALL, ["word", given])
    assert [float(points) for points, _ in shown] == [
        mark_question(word, text).score for text in given
    ]


def test_the_keyboard_is_enough_for_every_type(page: Page) -> None:
    press, write = page.keyboard.press, page.keyboard.type
    moves: dict[str, Callable[[], None]] = {
        "one": lambda: choose(page, "one", "b"),
        "several": lambda: tick(page, {"two", "three", "five"}),
        "number": lambda: write("0.125"),
        "word": lambda: write("Tokenizer"),
        "prints": lambda: write("CLS"),
        "chosen-print": lambda: choose(page, "chosen-print", "outer"),
        "fault": lambda: choose(page, "fault", "start"),
        "steps": lambda: select(page, {f"i{n}": str(n + 1) for n in range(4)}),
        "pairs": lambda: select(page, {name: name for name in ("bert", "gpt", "t5")}),
    }
    for question in QUIZ.questions:
        press("Tab")
        moves[question.id]()
        assert score(page, question.id) is None, "answering must not check yet"
        press("Tab")
        press("Enter")
        assert score(page, question.id) == "1", question.id
        press("Tab")  # over the folded explanation
    assert page.locator(".quiz-total").inner_text() == "9 of 9 points, 9 answered"
    press("Tab")
    press("Space")
    assert page.locator("[data-score]").count() == 0


def focused(page: Page, attribute: str) -> str:
    return str(page.evaluate(f"document.activeElement.{attribute}"))


def choose(page: Page, question: str, option: str) -> None:
    """Walk with the arrows to a radio button, which chooses it."""
    page.keyboard.press("Space")
    while focused(page, "value") != option:
        page.keyboard.press("ArrowDown")


def tick(page: Page, options: set[str]) -> None:
    boxes = field(page, "several").locator("input").count()
    for number in range(boxes):
        if focused(page, "value") in options:
            page.keyboard.press("Space")
        if number < boxes - 1:
            page.keyboard.press("Tab")


def select(page: Page, wanted: dict[str, str]) -> None:
    for number in range(len(wanted)):
        part = focused(page, "dataset.part")
        while focused(page, "value") != wanted[part]:
            page.keyboard.press("ArrowDown")
        if number < len(wanted) - 1:
            page.keyboard.press("Tab")


def test_enter_checks_the_question_one_writes_in(page: Page) -> None:
    field(page, "number").locator("input").focus()
    page.keyboard.type("0.125")
    page.keyboard.press("Enter")
    assert score(page, "number") == "1"
    assert page.locator("[data-score]").count() == 1
    assert page.url.endswith("quiz.html")


def test_a_right_option_in_a_wrong_answer_is_marked_right(page: Page) -> None:
    answer(page, "several", ["two", "four"])
    said = field(page, "several").locator("[data-mark]")
    marks = {part.get_attribute("data-option"): part for part in said.all()}
    assert marks["two"].get_attribute("data-mark") == "right"
    assert marks["four"].get_attribute("data-mark") == "wrong"
    assert "The only even prime." in marks["two"].inner_text()
    assert "Not yet." in field(page, "several").locator(".quiz-result").inner_text()


@pytest.mark.parametrize(
    ("question", "response", "message"),
    [
        ("one", [], "Choose an answer first."),
        ("number", "a lot", "Write a number"),
        ("word", "  ", "Write an answer first."),
        ("steps", {"i0": "1"}, "Give every line its place first."),
        ("steps", {"i0": "1", "i1": "1", "i2": "2", "i3": "3"}, "Two lines have the same place."),
        ("pairs", {}, "Choose at least one pair first."),
    ],
)
def test_an_empty_or_odd_answer_is_asked_again(
    page: Page, question: str, response: Any, message: str
) -> None:
    answer(page, question, response)
    assert message in field(page, question).locator(".quiz-result").inner_text()
    assert score(page, question) is None


def test_results_are_announced_but_not_those_of_the_last_visit(page: Page) -> None:
    answer(page, "one", ["a"])
    result = field(page, "one").locator(".quiz-result")
    assert result.get_attribute("role") == "status"
    without_script = render_form(QUIZ)
    assert 'role="status"' not in without_script


def test_a_changed_answer_is_no_longer_marked(page: Page) -> None:
    answer(page, "one", ["a"])
    assert score(page, "one") == "0"
    field(page, "one").locator('input[value="b"]').check()
    assert score(page, "one") is None
    assert field(page, "one").locator(".quiz-why:visible").count() == 0


def test_answers_survive_a_reload_and_an_edit_of_the_quiz(
    opened: Callable[..., Page], tmp_path: Path
) -> None:
    page = opened(written_page(tmp_path, render_form(QUIZ)))
    answer(page, "one", ["b"])
    answer(page, "pairs", {"bert": "bert"})
    fewer = [QUIZ.question(name) for name in ("pairs", "one", "word")]
    written_page(tmp_path, render_form(QUIZ.model_copy(update={"questions": fewer})))
    page.reload()
    assert score(page, "one") == "1"
    assert float(score(page, "pairs") or 0) == 1 / 3
    assert score(page, "word") is None


@pytest.mark.parametrize("stored", ["{", "[]", "null", '{"one": 3}', '{"one": [5, true]}'])
def test_odd_storage_is_ignored(page: Page, stored: str) -> None:
    page.evaluate("text => localStorage.setItem('course-quiz-2:all_types', text)", stored)
    page.reload()
    answer(page, "one", ["b"])
    assert score(page, "one") == "1"


def test_a_browser_that_refuses_storage_only_forgets(opened: Callable[..., Page]) -> None:
    page = opened()
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw 1 }})")
    page.reload()
    answer(page, "one", ["b"])
    assert score(page, "one") == "1"


def test_starting_again_forgets_everything(page: Page) -> None:
    assert not page.locator(".quiz-again").is_visible()
    answer(page, "one", ["b"])
    page.locator(".quiz-again").click()
    assert page.locator("[data-score]").count() == page.locator("input:checked").count() == 0
    assert page.evaluate("localStorage.length") == 0
    assert focused(page, "name") == "all-types-one"


def test_text_from_the_quiz_is_text(page: Page) -> None:
    answer(page, "one", ["c"])
    why = field(page, "one").locator('[data-option="c"] .quiz-why')
    assert why.locator("b").count() == 0
    assert "& <b>markup</b> is only text" in why.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after(opened: Callable[..., Page], scheme: str) -> None:
    page = opened(color_scheme=scheme)
    assert Axe().run(page).response["violations"] == []
    for question, response in {
        "one": ["a"],
        "several": ["two", "four"],
        "number": "7",
        "fault": ["start"],
        "steps": {"i0": "1", "i1": "2", "i2": "4", "i3": "3"},
        "pairs": {"bert": "bert", "t5": "gpt"},
    }.items():
        answer(page, question, response)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    assert Axe().run(page).response["violations"] == []


def test_a_phone_needs_no_sideways_scrolling(opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 320, "height": 800})
    answer(page, "several", ["two", "four"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_marks_are_words_too_and_unmarked_options_look_unmarked(
    opened: Callable[..., Page],
) -> None:
    page = opened(forced_colors="active")
    for question, response in {
        "several": ["two", "four"],
        "steps": dict(i0="1", i1="2", i2="4", i3="3"),
    }.items():
        answer(page, question, response)
        said = (
            field(page, question)
            .locator("[data-mark] > .quiz-why")
            .evaluate_all("whys => whys.map(why => getComputedStyle(why, '::before').content)")
        )
        assert {text[1] for text in said} == {"✓", "✗"}
    borders = page.locator(".quiz-option, .quiz-row").evaluate_all(
        "parts => parts.map(part => getComputedStyle(part).borderLeftWidth)"
    )
    assert set(borders) == {"0px"}


def test_without_scripts_the_answers_fold_open(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    folds = page.locator("details.quiz-key summary")
    assert folds.count() == len(QUIZ.questions)
    assert all(fold.is_visible() for fold in folds.all())
    assert not page.locator(".quiz-actions").first.is_visible()
    assert "each question’s answer folds open" in page.locator(".quiz-note").inner_text()

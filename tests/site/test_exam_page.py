"""The page of a graded quiz: small, complete, and without the key in any published file."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from course_utils.quiz import load_bank, load_keyed
from course_utils.quiz.bank import Bank
from course_utils.quiz.question import Choice, Match
from course_utils.site import build
from course_utils.site.exam_page import ExamPage
from course_utils.site.form_parts import render_text
from course_utils.site.linkcheck import check_links

ROOT = Path(__file__).parents[2]
GRADED = ROOT / "tests/quiz/data/graded"
SMALL, MODULE = load_bank(GRADED / "quizzes/small.yaml"), load_bank(ROOT / "quizzes/module.yaml")
#: Fields that a published question may have, by what they are.
PUBLIC = {"quiz", "edition", "most", "topics", "questions"}


def published(page: ExamPage) -> dict[str, Any]:
    found = re.fullmatch(r"window\.courseBank = (.*);\n", page.script(), re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def words(text: str) -> str:
    """Text without markup, so that it is found however it was rendered."""
    unescaped = html.unescape(re.sub(r"\\u00([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), text))
    bare = BeautifulSoup(unescaped, "html.parser").get_text() if "<" in unescaped else unescaped
    return re.sub(r"[\W_]+", " ", bare).casefold()


def secrets(bank: Bank, folder: Path) -> set[str]:
    """Explanations, and what proofs assert: what only the keys hold."""
    found = set()
    for question in load_keyed(bank, folder).quiz.questions:
        proof = [line for line in question.code.splitlines() if "answer" in line]
        texts = [question.explain, *proof]
        if isinstance(question, Choice):
            texts += [question.why, *(option.why for option in question.options)]
        if isinstance(question, Match):
            texts += [pair.why for pair in question.pairs]
        found |= {words(render_text(text)) for text in texts}
    return {text for text in found if len(text) > 24}


@pytest.fixture
def with_exam(project: Path) -> Path:
    (project / "quizzes").mkdir()
    shutil.copy(GRADED / "quizzes/small.yaml", project / "quizzes")
    return project


def test_the_page_is_published_and_links_hold(with_exam: Path) -> None:
    build(with_exam)
    folder = with_exam / "site/quizzes"
    page = BeautifulSoup((folder / "small/index.html").read_text(), "html.parser")
    sources = [str(script.get("src")) for script in page.find_all("script") if script.get("src")]
    for name in ("small.bank.js", "quiz.js", "exam.js"):
        assert any(source.endswith(name) for source in sources), name
    assert "proves neither who answered nor that nobody helped" in page.get_text(" ", strip=True)
    assert check_links(with_exam / "site", site_url="https://course.example/") == []
    lesson = (with_exam / "site/lessons/inference/words/index.html").read_text()
    assert "exam.js" not in lesson


def test_the_site_needs_no_keys_and_is_the_same_with_them(with_exam: Path) -> None:
    build(with_exam)
    without = (with_exam / "site/quizzes/small.bank.js").read_bytes()
    shutil.copytree(GRADED / "keys", with_exam / "keys")
    build(with_exam)
    assert (with_exam / "site/quizzes/small.bank.js").read_bytes() == without
    assert not list((with_exam / "site").rglob("*.yaml"))


def test_no_published_file_of_the_example_holds_a_key(with_exam: Path) -> None:
    shutil.copytree(GRADED / "keys", with_exam / "keys")
    build(with_exam)
    assert leaks(with_exam / "site", secrets(SMALL, GRADED / "keys")) == []


def test_no_published_file_of_the_course_holds_a_key() -> None:
    site = ROOT / "site"
    if not (site / "quizzes/module.bank.js").is_file():
        pytest.skip("site/ is not built: `make test` builds it")
    hidden = secrets(MODULE, ROOT / "keys")
    assert len(hidden) > 400
    assert leaks(site, hidden) == []


def leaks(site: Path, hidden: set[str]) -> list[str]:
    found = []
    for path in sorted(p for p in site.rglob("*") if p.suffix in (".html", ".js", ".json", ".md")):
        text = words(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(site)}: {secret}" for secret in hidden if secret in text]
    return found


def test_a_leak_would_be_found(with_exam: Path) -> None:
    hidden = secrets(SMALL, GRADED / "keys")
    build(with_exam)
    page = with_exam / "site/leak.html"
    page.write_text("<p>The <em>brackets</em> are cut off.</p>")
    assert leaks(with_exam / "site", hidden) == ["leak.html: the brackets are cut off "]


@pytest.mark.parametrize("bank", [SMALL, MODULE], ids=lambda bank: bank.id)
def test_what_is_published_of_a_question_is_what_the_bank_says(bank: Bank) -> None:
    data = published(ExamPage(bank))
    assert set(data) == PUBLIC
    assert [row[:3] for row in data["questions"]] == [
        [q.id, q.objective, int(q.level == "apply")] for q in bank.questions
    ]
    for _, _, _, field in data["questions"]:
        parsed = BeautifulSoup(field, "html.parser")
        names = {name for node in parsed.find_all(True) for name in node.attrs}
        assert names <= {
            "aria-label", "aria-labelledby", "autocapitalize", "class", "data-part",
            "data-question", "data-type", "id", "inputmode", "name", "role", "size", "spellcheck",
            "type", "value",
        }  # fmt: skip
        assert not parsed.find(attrs={"checked": True}) and not parsed.find(selected=True)
        assert not parsed.find(class_=re.compile("why|key|solution|right|wrong"))


def test_order_and_pairs_are_not_given_away() -> None:
    """Neither the shown order nor the ids tell the right one, in most questions."""
    keyed = load_keyed(MODULE, ROOT / "keys").quiz
    fields = {row[0]: row[3] for row in published(ExamPage(MODULE))["questions"]}
    orders = [question for question in keyed.questions if question.type == "order"]
    given_away = 0
    for question in orders:
        selects = BeautifulSoup(fields[question.id], "html.parser").find_all("select")
        given_away += [str(select["data-part"]) for select in selects] == question.key
        given_away += sorted(question.key) == question.key  # type: ignore[type-var]
    assert given_away <= 1
    for question in keyed.questions:
        if isinstance(question, Match):
            assert all(left != right for left, right in question.key.items())


def test_every_input_has_a_label() -> None:
    page = ExamPage(SMALL)
    fields = "".join(row[3] for row in published(page)["questions"])
    form = BeautifulSoup(page.slots[0] + fields, "html.parser")
    assert all(box.find_parent("label") for box in form.find_all("input"))
    assert all(select["aria-label"] for select in form.find_all("select"))
    assert "<b>" not in fields


def test_page_and_script_are_small() -> None:
    assets = ROOT / "src/course_utils/site/assets"
    assert (assets / "exam.js").stat().st_size <= 12_000
    assert len(ExamPage(MODULE).script().encode()) <= 2_000 * len(MODULE.questions)

"""Quizzes on pages of their own."""

from pathlib import Path

from bs4 import BeautifulSoup

from course_utils.catalog import load_catalog
from course_utils.site import build
from course_utils.site.linkcheck import check_links
from course_utils.site.quiz_page import quiz_pages

QUIZ = """\
title: Words, asked
questions:
  - {id: ids, objective: count, type: numeric, prompt: "How *many*?", explain: Two., answer: 2}
"""


def with_quiz(root: Path) -> Path:
    (root / "quizzes" / "inference").mkdir(parents=True)
    (root / "quizzes" / "inference" / "words.yaml").write_text(QUIZ)
    (root / "quizzes" / "unused.yaml").write_text(QUIZ)
    source = root / "lessons" / "inference" / "words.py"
    source.write_text(source.read_text() + "#\n# ## Quiz\n#\n# <!-- course:quiz -->\n")
    return root


def test_a_quiz_that_a_lesson_uses_has_a_page(project: Path) -> None:
    pages = quiz_pages(load_catalog(with_quiz(project)))
    assert list(pages) == ["inference/words"]
    assert pages["inference/words"].uri == "quizzes/inference/words.md"


def test_the_page_holds_the_form_and_leads_back(project: Path) -> None:
    build(with_quiz(project))
    text = (project / "site" / "quizzes" / "inference" / "words" / "index.html").read_text()
    page = BeautifulSoup(text, "html.parser")
    assert page.h1 is not None
    assert page.h1.get_text().startswith("Quiz: Words, asked")
    assert page.select_one("form.quiz") is not None
    assert page.select_one('article a[href="../../../lessons/inference/words/"]') is not None
    assert page.select_one('link[href$="quiz.css"]') is not None
    assert page.select_one('script[src$="quiz.js"]') is not None
    assert check_links(project / "site", site_url="https://course.example/") == []


def test_pages_without_questions_do_not_load_the_quiz(project: Path) -> None:
    build(with_quiz(project))
    lesson = (project / "site" / "lessons" / "inference" / "words" / "index.html").read_text()
    assert "quiz.js" not in lesson
    assert "Take the quiz" in lesson

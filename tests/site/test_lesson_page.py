"""A lesson's page: box, markers, links."""

from pathlib import Path

import pytest

from course_utils.catalog import load_catalog
from course_utils.site.errors import SiteError
from course_utils.site.executed import load_manifest
from course_utils.site.lesson_page import LessonPage
from course_utils.site.quiz_page import quiz_pages
from course_utils.site.slots import fill_slots

QUIZ = """\
title: Words
questions:
  - {id: ids, objective: count, type: numeric, prompt: "How many?", explain: Two., answer: 2}
  - {id: kind, objective: count, type: text, prompt: "Which?", explain: That., accepted: [that]}
"""
SOURCE = "lessons/inference/words.py"


def edited(root: Path, old: str, new: str) -> LessonPage:
    """The page after an edit of the lesson's source."""
    source = root / SOURCE
    text = source.read_text()
    assert old in text
    source.write_text(text.replace(old, new))
    catalog = load_catalog(root)
    return LessonPage(catalog.lesson("inference/words"), catalog, load_manifest(root))


def page(root: Path) -> LessonPage:
    return edited(root, "We count words.", "We count words.")


def test_the_box_follows_title_and_promise(project: Path) -> None:
    text = page(project).markdown()
    title, box, rest = (text.index(x) for x in ("We count words.", "lesson-box", "## Counting"))
    assert title < box < rest
    assert "- Count words with `len`" in text
    assert "<li>Core path</li><li>10 minutes of reading</li>" in text
    assert "](../../downloads/inference/words.ipynb)" in text
    assert "Executed on 1 March 2026" in text


def test_the_full_scale_marker_becomes_the_table(project: Path) -> None:
    text = page(project).markdown()
    assert "| `steps` | `10` | `900` |" in text
    assert "course:full-scale" not in text


def test_an_unknown_marker_is_refused(project: Path) -> None:
    page = edited(project, "course:full-scale", "course:fullscale")
    with pytest.raises(SiteError, match=r"words\.py: unknown marker <!-- course:fullscale -->"):
        page.markdown()


def test_a_quiz_marker_without_a_quiz_is_refused(project: Path) -> None:
    page = edited(project, "course:full-scale", "course:quiz")
    with pytest.raises(SiteError, match=r"write quizzes/inference/words\.yaml or drop"):
        page.markdown()


def test_warm_up_questions_become_a_slot_that_markdown_cannot_touch(project: Path) -> None:
    (project / "quizzes").mkdir()
    (project / "quizzes" / "old.yaml").write_text(QUIZ)
    edited(project, "meets: [o6]", 'meets: [o6]\n#     warm_up: ["old#ids"]')
    page = edited(project, "course:full-scale", "course:warm-up")
    text = page.markdown()
    assert "How many?" not in text
    filled = fill_slots(text, page.slots)
    assert "How many?" in filled
    assert "Which?" not in filled


def test_the_quiz_marker_leads_to_the_page_of_the_quiz(project: Path) -> None:
    (project / "quizzes" / "inference").mkdir(parents=True)
    (project / "quizzes" / "inference" / "words.yaml").write_text(QUIZ)
    page = edited(project, "course:full-scale", "course:quiz")
    page.quizzes = quiz_pages(page.catalog)
    assert "2 questions" in page.markdown()
    assert "[Take the quiz](../../quizzes/inference/words.md)" in page.markdown()


def test_a_warm_up_of_an_unknown_quiz_is_refused(project: Path) -> None:
    edited(project, "meets: [o6]", 'meets: [o6]\n#     warm_up: ["old#a"]')
    page = edited(project, "course:full-scale", "course:warm-up")
    with pytest.raises(SiteError, match=r"warm_up names the quiz 'old', which does not exist"):
        page.markdown()


def test_a_lesson_is_linked_by_its_id_from_anywhere(project: Path) -> None:
    page = edited(project, "[home](../../index.md)", "[here](inference/words.py#counting)")
    assert "[here](words.py#counting)" in page.markdown()


def test_a_page_must_start_with_its_title(project: Path) -> None:
    page = edited(project, "# # Words and `len`\n#\n", "")
    with pytest.raises(SiteError, match="the first cell must be Markdown that starts with"):
        page.markdown()


def test_a_missing_alternative_text_names_file_line_and_cell(project: Path) -> None:
    page = edited(project, ' alt="A rising line"', "")
    line = (project / SOURCE).read_text().splitlines().index("draw()")
    with pytest.raises(SiteError, match=rf"^{SOURCE}:{line}: code cell 3: the plot has no alt"):
        page.markdown()

"""Markers of the hand-written pages."""

from pathlib import Path

import pytest

from course_utils.catalog import load_catalog
from course_utils.site.errors import SiteError
from course_utils.site.executed import load_manifest
from course_utils.site.hand_page import fill_markers
from course_utils.site.lesson_page import LessonPage


def filled(root: Path, text: str) -> str:
    catalog = load_catalog(root)
    manifest = load_manifest(root)

    def page_of(lesson_id: str) -> LessonPage:
        return LessonPage(catalog.lesson(lesson_id), catalog, manifest)

    return fill_markers(text, catalog, page_of, page="index.md")


def test_the_lessons_are_listed(project: Path) -> None:
    assert filled(project, "<!-- course:lessons -->") == (
        "- [Words](lessons/inference/words.py) <small>Inference, 10 min</small>"
    )


def test_a_plot_is_shown_with_its_run(project: Path) -> None:
    text = filled(project, "<!-- course:plot inference/words#1 -->")
    assert "![A rising line](lessons/inference/words/plot-1.svg#only-light)" in text
    assert "Executed on 1 March 2026" in text


def test_a_plot_that_is_not_there_is_refused(project: Path) -> None:
    with pytest.raises(SiteError, match=r"words\.py shows 1 plots, not 2"):
        filled(project, "<!-- course:plot inference/words#2 -->")


def test_an_unknown_marker_is_refused(project: Path) -> None:
    with pytest.raises(SiteError, match=r"^docs/index\.md: unknown marker <!-- course:lesson -->"):
        filled(project, "<!-- course:lesson -->")


def test_a_rubric_is_shown_level_by_level(project: Path) -> None:
    (project / "rubrics").mkdir()
    (project / "rubrics/essay.yaml").write_text(
        "title: Essay\nlevels: [None, All]\n"
        "criteria: [{id: clear, title: Clear, points: 4, levels: ['a|b', '<i>']}]\n"
    )
    text = filled(project, "<!-- course:rubric essay -->")
    assert "### Clear { #clear }" in text
    assert "| 0 · None | 0 | a\\|b |" in text
    assert "| 1 · All | 4 | &lt;i&gt; |" in text

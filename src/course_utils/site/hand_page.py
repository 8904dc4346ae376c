"""What the markers of hand-written pages stand for: lists and pictures taken from the lessons."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from course_utils.catalog import Catalog, Lesson
from course_utils.grade.rubric import Criterion, Rubric, load_rubric
from course_utils.hub.recipes import RECIPES
from course_utils.site.errors import SiteError
from course_utils.site.lesson_page import LessonPage
from course_utils.site.real_data_table import real_data_table
from course_utils.site.syllabus import matrix
from course_utils.site.world_tables import (
    checkpoint_table,
    dataset_table,
    few_labels_table,
    samples,
)

__all__ = ["fill_markers", "rubric_sheet", "rubric_tables"]

_MARKER = re.compile(r"^<!-- course:(?P<name>[\w-]+)(?: (?P<of>\S+?)(?:#(?P<n>\d+))?)? -->$", re.M)
_TABLES = {"datasets": dataset_table, "checkpoints": checkpoint_table}
_MEASURED = {"few-labels": few_labels_table, "real-data": real_data_table}
_PARTS = {
    "ecosystem": "Ecosystem",
    "inference": "Inference",
    "fine_tuning": "Fine-tuning",
    "applications": "Applications",
    "tasks": "Tasks",
}


def fill_markers(
    markdown: str, catalog: Catalog, page_of: Callable[[str], LessonPage], *, page: str
) -> str:
    """Replace the markers of the page `page` at the site's root.

    ``course:syllabus [PAGE]`` is the coverage matrix (of that page), ``course:lessons`` the list
    of lessons, ``course:plot LESSON#N`` the N-th plot of a lesson with its date,
    ``course:datasets`` and ``course:checkpoints`` what the pocket Hub serves,
    ``course:few-labels`` what pretraining is worth, ``course:real-data`` what the walkthroughs
    reach on real texts, ``course:samples NAME`` what a checkpoint wrote and ``course:rubric NAME``
    a rubric.

    Raises:
        SiteError: a marker is unknown, or names a plot that the lesson has not.
    """

    def fill(match: re.Match[str]) -> str:
        if match["name"] == "syllabus":
            return matrix(catalog, match["of"] or "syllabus")
        if match["name"] == "lessons":
            return "\n".join(_entry(lesson) for lesson in catalog.lessons)
        if match["name"] == "plot" and match["of"]:
            return _plot(page_of(match["of"]), int(match["n"] or 1))
        if match["name"] in _TABLES:
            return _TABLES[match["name"]]()
        if match["name"] in _MEASURED:
            return _MEASURED[match["name"]](catalog.root)
        if match["name"] == "samples" and match["of"] in RECIPES:
            return samples(match["of"])
        if match["name"] == "rubric" and match["of"]:
            return rubric_tables(load_rubric(catalog.root, match["of"]))
        raise SiteError(
            f"docs/{page}: unknown marker {match[0]}: there are course:syllabus, course:lessons, "
            "course:datasets, course:checkpoints, course:few-labels, course:real-data, "
            "course:samples NAME, course:rubric NAME and course:plot LESSON#N"
        )

    return _MARKER.sub(fill, markdown)


def rubric_tables(rubric: Rubric) -> str:
    """A heading and a table of levels for each criterion."""
    return "\n\n".join(_criterion(one, rubric.levels) for one in rubric.criteria)


def rubric_sheet(rubric: Rubric) -> str:
    """The sheet that an instructor fills: a row a learner, a level a criterion."""
    return ",".join(rubric.columns) + "\r\n"


def _criterion(criterion: Criterion, names: list[str]) -> str:
    rows = [
        f"| {number} · {_text(name)} | {criterion.worth(number):g} | {_text(text)} |"
        for number, (name, text) in enumerate(zip(names, criterion.levels, strict=True))
    ]
    head = f"### {_text(criterion.title)} {{ #{criterion.id} }}"
    told = f"Column `{criterion.id}`, at most {criterion.points:g} points."
    return "\n".join([head, "", told, "", "| Level | Points | The work |", "|---|---|---|", *rows])


def _text(text: str) -> str:
    return html.escape(text, quote=False).replace("|", "\\|")


def _entry(lesson: Lesson) -> str:
    part = _PARTS.get(lesson.part, lesson.part)
    title = html.escape(lesson.title, quote=False)
    return f"- [{title}](lessons/{lesson.id}.py) <small>{part}, {lesson.header.minutes} min</small>"


def _plot(page: LessonPage, number: int) -> str:
    plots = page.converted.plots
    if not 1 <= number <= len(plots):
        raise SiteError(
            f"{page.lesson.file} shows {len(plots)} plots, not {number}: "
            f"name another one in course:plot {page.lesson.id}#N"
        )
    folder = f"lessons/{page.lesson.id}".rpartition("/")[0]
    picture = page.converted.plots[number - 1].markdown.replace("](", f"]({folder}/")
    caption = (
        f"From [{html.escape(page.lesson.title)}](lessons/{page.lesson.id}.py). "
        f"{page.execution.sentence}"
    )
    return f'<div class="nb-plot" markdown="1">\n\n{picture}\n\n{caption}\n{{ .caption }}\n\n</div>'

"""The page of a lesson: its converted notebook, its box, and what its markers stand for."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from course_utils.catalog import Catalog, Lesson
from course_utils.quiz import load_quiz
from course_utils.site.errors import SiteError
from course_utils.site.executed import Execution, Manifest, executed_notebook
from course_utils.site.full_scale import full_scale_table
from course_utils.site.notebook import Converted, to_markdown
from course_utils.site.quiz_form import render_form
from course_utils.site.quiz_page import QuizPage
from course_utils.site.slots import SLOT

__all__ = ["LessonPage"]

_MARKER = re.compile(r"^<!-- course:(?P<name>[\w-]+) -->[ \t]*$", re.MULTILINE)
_LESSON_LINK = re.compile(r"(?<=\]\()(?P<id>[\w/-]+)\.py(?=[#)])")
_PATHS = {"core": "Core path", "elective": "Elective", "walkthrough": "Walkthrough"}


@dataclass
class LessonPage:
    """A lesson on its way to the site.

    `slots` holds finished HTML that Markdown must not touch; the page carries a numbered place
    for each, which `slots.fill_slots` fills once Markdown is done.
    """

    lesson: Lesson
    catalog: Catalog
    manifest: Manifest
    quizzes: dict[str, QuizPage] = field(default_factory=dict)
    slots: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        """The page's source path on the site."""
        return f"lessons/{self.lesson.id}.py"

    @property
    def download(self) -> str:
        """The path of the learner's notebook on the site."""
        return f"downloads/{self.lesson.id}.ipynb"

    @cached_property
    def execution(self) -> Execution:
        """The lesson's run."""
        return self.manifest.execution(self.lesson)

    @cached_property
    def converted(self) -> Converted:
        """The executed notebook as Markdown."""
        notebook = executed_notebook(self.lesson)
        return to_markdown(notebook, name=self.lesson.id, place=self._place())

    def markdown(self) -> str:
        """The page's Markdown: box after the title and promise, markers replaced, links mended."""
        first, rest = self._split()
        page = f"{first}\n\n{self._box()}\n\n{rest}"
        page = _MARKER.sub(self._marked, page)
        return _LESSON_LINK.sub(self._relative, page)

    def _split(self) -> tuple[str, str]:
        cells = self.lesson.notebook().cells
        first = cells[0].source.strip() if cells and cells[0].cell_type == "markdown" else ""
        if not first.startswith("# "):
            raise SiteError(
                f"{self.lesson.file}: the first cell must be Markdown that starts with '# Title': "
                "add it above the first code cell"
            )
        return first, self.converted.markdown.removeprefix(first).lstrip("\n")

    def _place(self) -> Callable[[int], str]:
        starts = [
            number
            for number, line in enumerate(self.lesson.text.splitlines(), start=1)
            if line.startswith("# %%") and "[markdown]" not in line and "[raw]" not in line
        ]

        def place(number: int) -> str:
            line = f":{starts[number - 1]}" if number <= len(starts) else ""
            return f"{self.lesson.file}{line}: code cell {number}"

        return place

    def _box(self) -> str:
        header = self.lesson.header
        objectives = "\n".join(f"- {text}" for text in header.objectives.values())
        depth = posixpath.relpath(self.download, posixpath.dirname(self.uri))
        facts = [_PATHS[header.path], f"{header.minutes} minutes of reading"]
        shown = "".join(f"<li>{html.escape(fact)}</li>" for fact in facts)
        return "\n\n".join(
            [
                '<div class="lesson-box" markdown="1">',
                "You will learn to",
                objectives,
                f'<ul class="lesson-facts">{shown}</ul>',
                f"[Download the notebook]({depth}){{ .lesson-download download }}",
                f'<p class="lesson-run">{html.escape(self.execution.sentence)}</p>',
                "</div>",
            ]
        )

    def _marked(self, match: re.Match[str]) -> str:
        fills: dict[str, Callable[[], str]] = {
            "quiz": self._quiz,
            "warm-up": self._warm_up,
            "full-scale": self._full_scale,
        }
        fill = fills.get(match["name"])
        if fill is None:
            raise SiteError(
                f"{self.lesson.file}: unknown marker {match[0].strip()}: there are course:quiz, "
                "course:warm-up and course:full-scale"
            )
        return fill()

    def _full_scale(self) -> str:
        return full_scale_table(self.lesson, self.execution)

    def _quiz(self) -> str:
        if self.lesson.quiz is None:
            raise SiteError(
                f"{self.lesson.file}: `<!-- course:quiz -->` but the lesson has no quiz: "
                f"write quizzes/{self.lesson.id}.yaml or drop the marker"
            )
        return self.quizzes[self.lesson.quiz].link_from(self.uri)

    def _warm_up(self) -> str:
        wanted: dict[str, list[str]] = {}
        for reference in self.lesson.header.warm_up:
            quiz_id, _, question = reference.partition("#")
            wanted.setdefault(quiz_id, []).append(question)
        return "\n\n".join(self._questions(quiz, ids) for quiz, ids in wanted.items())

    def _questions(self, quiz_id: str, questions: list[str]) -> str:
        if quiz_id not in self.catalog.quizzes:
            raise SiteError(
                f"{self.lesson.file}: warm_up names the quiz {quiz_id!r}, which does not exist: "
                "write QUIZ_ID#QUESTION_ID of a file below quizzes/"
            )
        quiz = load_quiz(self.catalog.quizzes[quiz_id])
        return self._slot(render_form(quiz, questions=questions))

    def _slot(self, content: str) -> str:
        self.slots.append(content)
        return SLOT.format(len(self.slots) - 1)

    def _relative(self, match: re.Match[str]) -> str:
        """A link to a lesson by its id works from every lesson."""
        if match["id"] not in {lesson.id for lesson in self.catalog.lessons}:
            return match[0]
        return posixpath.relpath(f"lessons/{match['id']}.py", posixpath.dirname(self.uri))

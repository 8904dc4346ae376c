"""The page of a practice quiz: apart from its lessons, which stay short and may share it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from course_utils.catalog import Catalog, Lesson
from course_utils.quiz import Quiz, load_quiz
from course_utils.site.quiz_form import render_form
from course_utils.site.slots import SLOT

__all__ = ["QuizPage", "quiz_pages"]


@dataclass(frozen=True)
class QuizPage:
    """A quiz and the lessons that end with it."""

    quiz: Quiz
    lessons: tuple[Lesson, ...]

    @property
    def uri(self) -> str:
        """The page's source path on the site."""
        return f"quizzes/{self.quiz.id}.md"

    @property
    def slots(self) -> list[str]:
        """The form."""
        return [render_form(self.quiz)]

    def markdown(self) -> str:
        """Title, the way back, and the place of the form."""
        folder = posixpath.dirname(self.uri)
        links = [
            f"[{lesson.title}]({posixpath.relpath(f'lessons/{lesson.id}.py', folder)})"
            for lesson in self.lessons
        ]
        back = f"This quiz belongs to {' and '.join(links)}."
        return f"# Quiz: {self.quiz.title}\n\n{back}\n\n{SLOT.format(0)}\n"

    def link_from(self, uri: str) -> str:
        """Markdown that leads from the page `uri` to the quiz."""
        target = posixpath.relpath(self.uri, posixpath.dirname(uri))
        count = len(self.quiz.questions)
        return (
            f"{count} question{'' if count == 1 else 's'}, marked as you go.\n\n"
            f"[Take the quiz]({target}){{ .md-button .md-button--primary }}"
        )


def quiz_pages(catalog: Catalog) -> dict[str, QuizPage]:
    """The quizzes that lessons end with, by quiz id.

    Raises:
        QuizError: a quiz is malformed.
    """
    users: dict[str, list[Lesson]] = {}
    for lesson in catalog.lessons:
        if lesson.quiz is not None:
            users.setdefault(lesson.quiz, []).append(lesson)
    return {
        name: QuizPage(load_quiz(catalog.quizzes[name]), tuple(lessons))
        for name, lessons in users.items()
    }

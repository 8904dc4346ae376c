"""What a quiz is, and how it is read from its file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr

from course_utils.quiz.question import Question, Strict, Text
from course_utils.quiz.reading import read_questions
from course_utils.quiz.rules import faults
from course_utils.quiz.source import QuizError, Source

__all__ = ["Quiz", "load_quiz"]


class Quiz(Strict):
    """A quiz: practice quizzes are marked in the page, graded ones by the instructor."""

    id: str
    title: Text
    kind: Literal["practice", "graded"] = "practice"
    questions: list[Question] = Field(min_length=1)

    _source: Source | None = PrivateAttr(default=None)

    def question(self, question_id: str) -> Question:
        """The question of that id.

        Raises:
            QuizError: there is none.
        """
        for question in self.questions:
            if question.id == question_id:
                return question
        ids = ", ".join(question.id for question in self.questions)
        raise QuizError(f"quiz {self.id} has no question {question_id!r}: it has {ids}")

    def place(self, question_id: str | None = None) -> str:
        """``file:line`` of a question, or of the quiz; only its id if it came from no file."""
        if self._source is None:
            return f"quiz {self.id}"
        ids = [question.get("id") for question in self._source.data["questions"]]
        known = question_id in ids
        keys: list[str | int] = ["questions", ids.index(question_id)] if known else []
        return f"{self._source.name}:{self._source.line(keys)}"


def load_quiz(path: Path) -> Quiz:
    """Read and check the quiz in `path`; its id is the path below ``quizzes/``.

    Raises:
        QuizError: the file breaks a rule; the text names line, rule and mend.
    """
    source = Source.read(path)
    quiz = read_questions(source, Quiz)
    for keys, message in faults(quiz.questions):
        raise source.fault(keys, message)
    quiz._source = source
    return quiz

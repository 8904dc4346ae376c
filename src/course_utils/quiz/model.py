"""What a quiz is, and how it is read from its file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, ValidationError

from course_utils.quiz.question import TYPES, Question, Strict, Text
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
    _check_shape(source)
    quiz_id = source.name.removeprefix("quizzes/").removesuffix(".yaml")
    try:
        quiz = Quiz.model_validate({"id": quiz_id, **source.data})
    except ValidationError as error:
        raise _first_fault(source, error) from error
    for keys, message in faults(quiz.questions):
        raise source.fault(keys, message)
    quiz._source = source
    return quiz


def _check_shape(source: Source) -> None:
    """What must hold before the schema can speak about one type of question."""
    data = source.data
    if not isinstance(data, dict) or not isinstance(data.get("questions"), list):
        raise source.fault([], "a quiz is a mapping with `title` and a list of `questions`")
    if "id" in data:
        raise source.fault(["id"], "a quiz takes its id from its path: remove `id`")
    for number, question in enumerate(data["questions"]):
        keys: list[str | int] = ["questions", number]
        if not isinstance(question, dict) or "id" not in question:
            raise source.fault(keys, "a question is a mapping with an `id`: add one")
        kind = question.get("type")
        if not isinstance(kind, str) or kind not in TYPES:
            what = f"no type {kind!r} exists" if "type" in question else "it has no type"
            mend = f"use one of {', '.join(TYPES)}"
            raise source.fault([*keys, "type"], f"question {str(question['id'])!r}: {what}: {mend}")


#: What to do about the schema's commonest complaints, by their type.
_MENDS = {
    "missing": "is missing: add it",
    "extra_forbidden": "is no key that belongs here: check the spelling or remove it",
    "string_type": "must be text: put it in quotes",
    "bool_type": "must be true or false",
    "finite_number": "must be a finite number",
}
_PATTERN_MENDS = {r"\S": "is empty: write it"}


def _first_fault(source: Source, error: ValidationError) -> QuizError:
    fault = error.errors()[0]
    keys = list(fault["loc"])
    owner = ""
    if keys[0] == "questions" and len(keys) > 1:
        owner = f"question {str(source.data['questions'][keys[1]]['id'])!r}: "
        del keys[2:3]  # the name of the question's class, which is no key of the file
    return source.fault(keys, f"{owner}{_dotted(keys)} {_mend(fault)}")


def _dotted(keys: Sequence[str | int]) -> str:
    inner = keys[2:] if keys[0] == "questions" and len(keys) > 2 else keys
    return f"`{'.'.join(str(key) for key in inner)}`"


def _mend(fault: Any) -> str:
    if fault["type"] == "string_pattern_mismatch":
        slug = "must be a slug of small letters, digits and hyphens"
        return _PATTERN_MENDS.get(fault["ctx"]["pattern"], slug)
    return _MENDS.get(fault["type"], f"is wrong: {fault['msg']}")

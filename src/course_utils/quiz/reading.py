"""From a file's data to a model of it, with faults that name the line and the mend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from course_utils.quiz.question import TYPES
from course_utils.quiz.source import QuizError, Source

__all__ = ["first_fault", "read_questions"]

Model = TypeVar("Model", bound=BaseModel)


def read_questions(source: Source, model: type[Model]) -> Model:
    """A quiz or a bank; its id is the path below ``quizzes/``.

    Raises:
        QuizError: the data do not fit the model.
    """
    _check_shape(source)
    quiz_id = source.name.removeprefix("quizzes/").removesuffix(".yaml")
    try:
        return model.model_validate({"id": quiz_id, **source.data})
    except ValidationError as error:
        raise _fault_of_question(source, error) from error


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


def first_fault(
    source: Source, error: ValidationError, at: Sequence[str | int] = (), owner: str = ""
) -> QuizError:
    """What is first wrong with the part of the file under the keys `at`, which `owner` names."""
    fault = error.errors()[0]
    inner = list(fault["loc"])
    dotted = ".".join(str(key) for key in inner)
    return source.fault([*at, *inner], f"{owner}`{dotted}` {_mend(fault)}")


def _fault_of_question(source: Source, error: ValidationError) -> QuizError:
    fault = error.errors()[0]
    keys = list(fault["loc"])
    if keys[0] != "questions" or len(keys) == 1:
        return first_fault(source, error)
    owner = f"question {str(source.data['questions'][keys[1]]['id'])!r}: "
    del keys[2:3]  # the name of the question's class, which is no key of the file
    dotted = ".".join(str(key) for key in keys[2:] or keys)
    return source.fault(keys, f"{owner}`{dotted}` {_mend(fault)}")


def _mend(fault: Any) -> str:
    if fault["type"] == "string_pattern_mismatch":
        slug = "must be a slug of small letters, digits and hyphens"
        return _PATTERN_MENDS.get(fault["ctx"]["pattern"], slug)
    return _MENDS.get(fault["type"], f"is wrong: {fault['msg']}")

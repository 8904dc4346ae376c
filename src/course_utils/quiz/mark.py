"""Marking: a pure function from a quiz and responses to scores. quiz.js follows the same rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from course_utils.quiz.model import Quiz
from course_utils.quiz.question import Choice, Match, Numeric, Order, Question, Written
from course_utils.quiz.source import QuizError
from course_utils.quiz.text import normal

__all__ = ["QuestionMark", "QuizMark", "mark", "mark_question"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class QuestionMark:
    """One question's score in [0, 1], what of the response is right, and the feedback on it.

    `options` says for each option chosen, each side matched, or each item that follows another
    whether that is right; it is empty for written answers.
    """

    id: str
    objective: str
    score: float
    options: dict[str, bool]
    feedback: list[str]


@dataclass(frozen=True)
class QuizMark:
    """All questions' marks; `score` is their sum, `max_score` their number."""

    quiz: str
    score: float
    max_score: int
    questions: list[QuestionMark]

    def as_data(self) -> dict[str, Any]:
        """The mark as plain values."""
        return asdict(self)


def mark(quiz: Quiz, responses: Mapping[str, Any]) -> QuizMark:
    """Mark `responses`, by question id; a question without one scores 0.

    Raises:
        QuizError: a response is to no question of the quiz, or of the wrong shape.
    """
    for question_id in responses:
        quiz.question(question_id)
    marks = [mark_question(question, responses.get(question.id)) for question in quiz.questions]
    return QuizMark(quiz.id, sum(m.score for m in marks), len(marks), marks)


def mark_question(question: Question, response: Any) -> QuestionMark:
    """Mark one response; None is no response.

    A response is the id of an option (single, bug, output with options), a list of ids (multiple,
    order), a number or its text (numeric), a text (text, output), or for each left side the id of
    the right side (match). Those with one answer score 0 or 1. Multiple: the share of the right
    options that were chosen, less the share of the wrong ones, at least 0, so that choosing all
    is worth nothing. Order: the share of items that follow the item they should follow. Match:
    the share of right pairs.

    Raises:
        QuizError: the response is of the wrong shape.
    """
    if response is None or response in ("", [], {}):
        return QuestionMark(question.id, question.objective, 0.0, {}, [question.explain])
    score, options, feedback = _MARKERS[type(question)](question, response)
    feedback = [text for text in [*feedback, question.explain] if text]
    return QuestionMark(question.id, question.objective, score, options, feedback)


_Marked = tuple[float, dict[str, bool], list[str]]


def _choice(question: Choice, response: Any) -> _Marked:
    chosen = _ids(question, response if question.type == "multiple" else [response])
    options = {option.id: option for option in question.options}
    _require(question, set(chosen) <= set(options), f"of {', '.join(options)}")
    marks = {i: options[i].right for i in chosen}
    hits, rights = sum(marks.values()), len(question.key)
    score = hits / rights - (len(marks) - hits) / (len(options) - rights)
    return max(0.0, score), marks, [question.why_of(options[i]) for i in chosen]


def _numeric(question: Numeric, response: Any) -> _Marked:
    text = response.strip() if isinstance(response, str) else repr(_as_float(response))
    _require(question, _NUMBER.fullmatch(text) is not None, "a number such as 0.5 or 1e-3")
    return float(abs(float(text) - question.answer) <= question.margin), {}, []


def _as_float(response: Any) -> float | None:
    """The response if it is a number that a float can hold: JSON's may have any size."""
    if isinstance(response, bool) or not isinstance(response, int | float):
        return None
    try:
        return float(response)
    except OverflowError:
        return None


def _written(question: Written, response: Any) -> _Marked:
    _require(question, isinstance(response, str), "a text")
    given = normal(response, question.case_sensitive)
    accepted = {normal(text, question.case_sensitive) for text in question.accepted}
    return float(given in accepted), {}, []


def _order(question: Order, response: Any) -> _Marked:
    given = _ids(question, response)
    _require(question, sorted(given) == sorted(question.key), f"{', '.join(question.key)} in order")
    following = set(pairwise(question.key))
    marks = {pair[1]: pair in following for pair in pairwise(given)}
    return sum(marks.values()) / len(following), marks, []


def _match(question: Match, response: Any) -> _Marked:
    sides = question.key
    wanted = f"pairs of {', '.join(sides)}"
    _require(question, isinstance(response, dict), wanted)
    known = all(
        left in sides and right in (*sides.values(), "") for left, right in response.items()
    )
    _require(question, known, wanted)
    marks = {left: sides[left] == right for left, right in response.items() if right}
    missed = [pair.why for pair in question.pairs if marks.get(pair.id) is False]
    return sum(marks.values()) / len(sides), marks, missed


_MARKERS: dict[type, Any] = {
    Choice: _choice,
    Numeric: _numeric,
    Written: _written,
    Order: _order,
    Match: _match,
}


def _ids(question: Question, response: Any) -> list[str]:
    shape = isinstance(response, list) and all(isinstance(item, str) for item in response)
    _require(question, shape and len(set(response)) == len(response), "ids, each once")
    return list(response)


def _require(question: Question, met: bool, wanted: str) -> None:
    if not met:
        raise QuizError(f"question {question.id!r}: the response must be {wanted}")

"""Marking: a pure function from a quiz and responses to scores. quiz.js follows the same rules."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from course_utils.quiz.model import Choice, Match, Numeric, Order, Question, Quiz, Written
from course_utils.quiz.source import QuizError

__all__ = ["QuestionMark", "QuizMark", "load_responses", "mark", "mark_question"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class QuestionMark:
    """One question's score in [0, 1], and the feedback on what was chosen."""

    id: str
    objective: str
    score: float
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

    Single, bug, numeric, text and output score 0 or 1. Multiple: right options chosen less wrong
    ones, as a share of the right ones, at least 0. Order: the share of neighbours that follow each
    other in the right order too. Match: the share of right pairs.

    Raises:
        QuizError: the response is of the wrong shape.
    """
    empty = response is None or response in ("", [], {})
    score, feedback = (0.0, []) if empty else _MARKERS[type(question)](question, response)
    return QuestionMark(question.id, question.objective, score, [*feedback, question.explain])


def _choice(question: Choice, response: Any) -> tuple[float, list[str]]:
    chosen = _ids(question, response if question.type == "multiple" else [response])
    options = {option.id: option for option in question.options}
    _require(question, set(chosen) <= set(options), "an option that is none")
    right = sum(options[i].right for i in chosen)
    wrong = len(chosen) - right
    score = max(0.0, (right - wrong) / len(question.key))
    return score, [options[i].why for i in chosen]


def _numeric(question: Numeric, response: Any) -> tuple[float, list[str]]:
    text = str(response).strip()
    is_number = not isinstance(response, bool) and _NUMBER.fullmatch(text) is not None
    _require(question, is_number, "a number such as 0.5 or 1e-3")
    return float(abs(float(text) - question.answer) <= question.margin), []


def _written(question: Written, response: Any) -> tuple[float, list[str]]:
    _require(question, isinstance(response, str), "a text")
    given = _normal(response, question.case_sensitive)
    accepted = {_normal(text, question.case_sensitive) for text in question.accepted}
    return float(given in accepted), []


def _order(question: Order, response: Any) -> tuple[float, list[str]]:
    given = _ids(question, response)
    _require(question, sorted(given) == sorted(question.key), "every item once")
    following = set(pairwise(question.key))
    hits = sum(pair in following for pair in pairwise(given))
    return hits / len(following), []


def _match(question: Match, response: Any) -> tuple[float, list[str]]:
    key = question.key
    shape = isinstance(response, dict) and set(response) <= set(key)
    _require(question, shape and set(response.values()) <= {*key, ""}, "pairs of known sides")
    pairs = {pair.id: pair for pair in question.pairs}
    hits = [left for left, right in response.items() if left == right]
    missed = [pairs[left].why for left in response if left not in hits and pairs[left].why]
    return len(hits) / len(key), missed


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


def _normal(text: str, case_sensitive: bool) -> str:
    words = " ".join(text.split())
    return words if case_sensitive else words.lower()


def _require(question: Question, met: bool, wanted: str) -> None:
    if not met:
        raise QuizError(f"question {question.id!r}: the response must be {wanted}")


def load_responses(path: Path, quiz: Quiz) -> dict[str, Any]:
    """Read a responses file: ``{"quiz": ID, "responses": {QUESTION: RESPONSE}}``.

    Raises:
        QuizError: it cannot be read, or belongs to another quiz.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise QuizError(f"{path}: no readable JSON ({error})") from error
    if not isinstance(data, dict) or not isinstance(data.get("responses"), dict):
        raise QuizError(f'{path}: must be {{"quiz": "{quiz.id}", "responses": {{…}}}}')
    if data.get("quiz") != quiz.id:
        raise QuizError(f"{path}: belongs to the quiz {data.get('quiz')!r}, not to {quiz.id!r}")
    return dict(data["responses"])

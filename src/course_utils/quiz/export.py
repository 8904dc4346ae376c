"""Quizzes, keys included, for other systems."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from course_utils.quiz.bank import Topic
from course_utils.quiz.model import Quiz
from course_utils.quiz.moodle import as_moodle
from course_utils.quiz.qti import as_qti
from course_utils.quiz.question import Match, Question
from course_utils.quiz.source import QuizError
from course_utils.quiz.wording import Render

__all__ = ["Export", "export"]


_Form = Literal["qti", "moodle"]


@dataclass(frozen=True)
class Export:
    """A file's content, the number of questions in it, and what the format could not hold."""

    content: bytes
    questions: int
    losses: list[str]


def export(quiz: Quiz, form: str, render: Render, topics: Sequence[Topic] = ()) -> Export:
    """Export `quiz` as ``qti``, ``moodle`` or ``json``.

    With the `topics` of a bank the questions are grouped by
    topic, and QTI draws from each group as many as a paper has.

    Raises:
        QuizError: there is no such format.
    """
    count = len(quiz.questions)
    if form == "json":
        data = quiz.model_dump(mode="json")
        text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        return Export(text.encode(), count, [])
    if form == "qti":
        return Export(as_qti(quiz, render, topics), count, _losses(quiz, "qti", bool(topics)))
    if form == "moodle":
        return Export(as_moodle(quiz, render, topics), count, _losses(quiz, "moodle", bool(topics)))
    raise QuizError(f"--format {form}: there are qti, moodle and json")


_OF_ONE: dict[str, dict[str, str]] = {
    "multiple": {"qti": "several options are marked all or nothing"},
    "order": {"qti": "an order becomes a match of items to places, each place counting alike"},
}


def _losses(quiz: Quiz, form: _Form, banked: bool) -> list[str]:
    """One line for each kind of loss, with the questions concerned."""
    hit: dict[str, list[str]] = {}
    for question in quiz.questions:
        for loss in _losses_of(question, form):
            hit.setdefault(loss, []).append(question.id)
    lines = [f"{form}: {loss}: {', '.join(names)}" for loss, names in hit.items()]
    if banked:
        drawn = "a random number by topic" if form == "qti" else "no drawing, only categories"
        lines.append(f"{form}: papers by seed, balanced by objective and level: {drawn}")
    proofs = sum(bool(question.code) for question in quiz.questions)
    if proofs:
        lines.append(f"{form}: the code that proves {proofs} keys is left out")
    return lines


def _losses_of(question: Question, form: _Form) -> list[str]:
    losses = [loss for loss in (_OF_ONE.get(question.type, {}).get(form),) if loss]
    if isinstance(question, Match) and any(pair.why for pair in question.pairs):
        losses.append("what is said of single pairs is joined to the explanation")
    accepted = getattr(question, "accepted", [])
    if accepted:
        losses.append("a text must be written as an accepted one, spaces and quotes included")
    if accepted and form == "qti" and getattr(question, "case_sensitive", False):
        losses.append("whether case counts is up to the system, though the file says that it does")
    return losses

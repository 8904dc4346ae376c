"""Proving keys: the code a question carries must pass with its key, and fail with another."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from course_utils.quiz.model import Quiz
from course_utils.quiz.question import Choice, Numeric, Order, Question, Written
from course_utils.quiz.source import QuizError
from course_utils.quiz.text import normal

__all__ = ["prove"]


def prove(quiz: Quiz, timeout: float = 300.0) -> int:
    """Run every proof of `quiz` in one process of its own; returns how many there were.

    An output question without `code` is proved by running what it shows. The code may use
    libraries and the Hub named by ``HF_ENDPOINT``. `timeout` is in seconds.

    Raises:
        QuizError: a key is not what its code says, or the code does not depend on it.
    """
    proofs = [proof for question in quiz.questions if (proof := _proof(question))]
    if not proofs:
        return 0
    for question_id, fault in _run(quiz, proofs, timeout):
        raise QuizError(f"{quiz.place(question_id)}: question {question_id!r}: {fault}")
    return len(proofs)


def _proof(question: Question) -> dict[str, Any] | None:
    """What the prover must run for this question."""
    if question.code:
        answers = {"answer": question.key, "wrong": _wrong_key(question)}
        return {"id": question.id, "code": question.code, **answers}
    if question.type == "output" and question.shown:
        return {"id": question.id, "code": question.shown, "prints": _printed(question)}
    return None


def _wrong_key(question: Question) -> Any:
    """An answer that is not the key, of the same shape."""
    if isinstance(question, Choice):
        return [option.id for option in question.options if not option.right]
    if isinstance(question, Numeric):
        return question.answer + max(1.0, 10 * question.margin)
    if isinstance(question, Written):
        return f"no {question.key}"
    if isinstance(question, Order):
        return question.key[::-1]
    rights = list(question.key.values())
    return dict(zip(question.key, [*rights[1:], rights[0]], strict=True))


def _printed(question: Choice | Written) -> list[str]:
    if isinstance(question, Written):
        return [normal(text) for text in question.accepted]
    return [normal(option.text.strip("`")) for option in question.options if option.right]


def _run(quiz: Quiz, proofs: list[dict[str, Any]], timeout: float) -> list[tuple[str, str]]:
    try:
        result = subprocess.run(
            [sys.executable, "-m", "course_utils.quiz.prover"],
            input=json.dumps(proofs),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise QuizError(f"{quiz.place()}: its proofs took more than {timeout:g} s") from error
    if result.returncode:
        last = result.stderr.strip().rpartition("\n")[2]
        raise QuizError(f"{quiz.place()}: the process that runs its proofs ended: {last}")
    # What the code itself wrote, from C say, may stand above.
    return [(fault[0], fault[1]) for fault in json.loads(result.stdout.rpartition("\n")[2])]

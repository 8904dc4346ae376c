"""Proving keys: the code a question carries, run with `answer` bound to its key."""

from __future__ import annotations

import subprocess
import sys

from course_utils.quiz.model import Quiz
from course_utils.quiz.source import QuizError

__all__ = ["prove"]


def prove(quiz: Quiz, timeout: float = 120.0) -> int:
    """Run every proof of `quiz` each in a process of its own; returns how many there were.

    The code may use libraries and the Hub named by ``HF_ENDPOINT``. `timeout` is in seconds.

    Raises:
        QuizError: a key is not what its code says.
    """
    proofs = [question for question in quiz.questions if question.code]
    for question in proofs:
        program = f"answer = {question.key!r}\n{question.code}"
        result = subprocess.run(  # noqa: S603 - code of our own repository
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if result.returncode:
            last = result.stderr.strip().rpartition("\n")[2]
            raise QuizError(f"quiz {quiz.id}: question {question.id!r}: its code fails: {last}")
    return len(proofs)

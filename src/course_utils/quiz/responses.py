"""Files of responses to a practice quiz, as readers keep them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from course_utils.quiz.mark import mark
from course_utils.quiz.model import Quiz
from course_utils.quiz.source import QuizError

__all__ = ["load_responses", "read_json"]


def load_responses(path: Path, quiz: Quiz) -> dict[str, Any]:
    """Read a file of responses that can be marked: ``{"quiz": ID, "responses": {QUESTION: …}}``.

    Raises:
        QuizError: it cannot be read, belongs to another quiz, or holds a response of wrong shape;
            the text names the file.
    """
    try:
        data = read_json(path.read_bytes())
    except OSError as error:
        raise QuizError(f"{path}: cannot be read ({error.strerror})") from error
    except QuizError as error:
        raise QuizError(f"{path}: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("responses"), dict):
        raise QuizError(f'{path}: must be {{"quiz": "{quiz.id}", "responses": {{…}}}}')
    if data.get("quiz") != quiz.id:
        raise QuizError(f"{path}: belongs to the quiz {data.get('quiz')!r}, not to {quiz.id!r}")
    try:
        mark(quiz, data["responses"])
    except QuizError as error:
        raise QuizError(f"{path}: {error}") from error
    return dict(data["responses"])


def read_json(content: bytes) -> Any:
    """What a learner's file holds.

    Raises:
        QuizError: it is no JSON in UTF-8.
    """
    try:
        return json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise QuizError(f"no readable JSON ({error})") from error

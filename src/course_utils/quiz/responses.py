"""Files of responses, as learners hand them in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from course_utils.quiz.mark import mark
from course_utils.quiz.model import Quiz
from course_utils.quiz.source import QuizError

__all__ = ["load_responses"]


def load_responses(path: Path, quiz: Quiz) -> dict[str, Any]:
    """Read a file of responses that can be marked: ``{"quiz": ID, "responses": {QUESTION: …}}``.

    Raises:
        QuizError: it cannot be read, belongs to another quiz, or holds a response of wrong shape;
            the text names the file.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise QuizError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise QuizError(f"{path}: no readable JSON ({error})") from error
    if not isinstance(data, dict) or not isinstance(data.get("responses"), dict):
        raise QuizError(f'{path}: must be {{"quiz": "{quiz.id}", "responses": {{…}}}}')
    if data.get("quiz") != quiz.id:
        raise QuizError(f"{path}: belongs to the quiz {data.get('quiz')!r}, not to {quiz.id!r}")
    try:
        mark(quiz, data["responses"])
    except QuizError as error:
        raise QuizError(f"{path}: {error}") from error
    return dict(data["responses"])

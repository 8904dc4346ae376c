"""The full scale rehearsed on a laptop: its ids and code path, pocket content and sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from course_utils.catalog import Lesson
from course_utils.parameters import read_parameters

__all__ = ["aliases_of", "rehearsed"]


def rehearsed(lesson: Lesson, *, to_learn: bool = False) -> dict[str, Any]:
    """The full scale's parameters, but whole numbers, which count work, as small as at pocket.

    With `to_learn` only texts, such as ids and revisions, are the full scale's: a pocket model
    learns nothing at a large model's rates.
    """
    full, pocket = _both(lesson)
    if to_learn:
        return {name: value for name, value in full.items() if isinstance(value, str)}
    return {
        name: min(value, pocket[name]) if _is_count(value) and _is_count(pocket[name]) else value
        for name, value in full.items()
    }


def aliases_of(lessons: Sequence[Lesson]) -> dict[str, str]:
    """The real ids in the lessons' parameters, with the pocket repositories in their place."""
    found = {}
    for lesson in lessons:
        full, pocket = _both(lesson)
        for name, value in full.items():
            stand_in = pocket[name]
            if isinstance(stand_in, str) and stand_in.startswith("pocket/"):
                found[str(value)] = stand_in
    return found


def _both(lesson: Lesson) -> tuple[dict[str, Any], dict[str, Any]]:
    full = lesson.header.full.parameters if lesson.header.full else {}
    pocket = read_parameters(lesson, lesson.notebook())
    return full, {name: pocket.get(name) for name in full}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

"""Who runs which lesson at full scale: shards and the runners that they need, for a CI matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_utils.catalog import Lesson, Resources

__all__ = ["Shard", "plan"]

SELF_HOSTED = "self-hosted"
#: Sizes of GPUs in GB: a runner has a label for each size, and each number, that it can serve.
SIZES = (8, 16, 24, 40, 80, 140)
#: Where lessons run that need no GPU.
HOSTED = ("ubuntu-24.04",)
#: Minutes a job gets beside its lessons, for the environment.
SET_UP = 30


@dataclass(frozen=True)
class Shard:
    """Lessons that one job runs, one after another, and the labels of a runner that can."""

    runner: tuple[str, ...]
    number: int
    gpus: int
    lessons: tuple[Lesson, ...]

    def as_data(self) -> dict[str, Any]:
        """An entry of a GitHub matrix; minutes are whole ones, `timeout` with the set-up."""
        labels = [label for label in self.runner if label != SELF_HOSTED]
        return {
            "name": "-".join((*labels, str(self.number))),
            "runner": list(self.runner),
            "gpus": self.gpus,
            "lessons": " ".join(lesson.id for lesson in self.lessons),
            "minutes": math.ceil(sum(_resources(lesson).minutes for lesson in self.lessons)),
            "timeout": SET_UP
            + math.ceil(sum(_resources(lesson).timeout for lesson in self.lessons)),
        }


def plan(lessons: Sequence[Lesson], shards: int = 1) -> list[Shard]:
    """Divide those `lessons` that have a full scale: by the runner they need, then by minutes.

    Each kind of runner gets at most `shards` of about equal length; the longest lessons are given
    out first, each to the shard that is shortest so far.
    """
    kinds: dict[tuple[str, ...], list[Lesson]] = {}
    for lesson in lessons:
        if lesson.header.full:
            kinds.setdefault(_runner(_resources(lesson)), []).append(lesson)
    return [
        Shard(runner, number, _resources(part[0]).gpus, tuple(part))
        for runner, members in sorted(kinds.items())
        for number, part in enumerate(_packed(members, shards), 1)
    ]


def _packed(lessons: Sequence[Lesson], shards: int) -> list[list[Lesson]]:
    parts: list[list[Lesson]] = [[] for _ in range(min(shards, len(lessons)))]
    length = [0.0] * len(parts)
    for lesson in sorted(lessons, key=lambda x: _resources(x).minutes, reverse=True):
        shortest = length.index(min(length))
        parts[shortest].append(lesson)
        length[shortest] += _resources(lesson).minutes
    return parts


def _runner(needs: Resources) -> tuple[str, ...]:
    """The labels that a runner must have, all of them, for a lesson of these needs."""
    if not needs.gpus:
        return HOSTED
    size = next((size for size in SIZES if size >= needs.memory_gb), math.ceil(needs.memory_gb))
    return (SELF_HOSTED, f"gpus-{needs.gpus}", f"gpu-{size}gb")


def _resources(lesson: Lesson) -> Resources:
    assert lesson.header.full is not None  # noqa: S101 - only such lessons are planned
    return lesson.header.full.resources

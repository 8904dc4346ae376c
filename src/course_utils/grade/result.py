"""What the gradebook says of a learner: markings judged by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from course_utils.grade.entry import Kind
from course_utils.grade.gradebook import Marking
from course_utils.grade.policy import Attempt, Judged, Policy, Standing, settle
from course_utils.grade.rules import Rules

__all__ = ["Item", "Result", "attempts", "items", "results"]


@dataclass(frozen=True, order=True)
class Item:
    """An assignment, what the instructor gives beside its checks, or a quiz."""

    kind: Kind
    id: str


@dataclass(frozen=True)
class Result:
    """A learner's result in one item.

    `points` is None where nothing is known; `max_points` is that of the attempt that counts.
    `repeated` are the submissions that handed in a quiz's attempt a second time, which do not
    count. `untimed` says that a deadline could not be applied, for lack of times. `pending` are
    the points that the instructor has yet to give.
    """

    learner: str
    item: Item
    points: float | None
    max_points: float
    standing: Standing
    markings: tuple[Marking, ...]
    repeated: tuple[Marking, ...]
    untimed: bool
    pending: float

    @property
    def notes(self) -> list[str]:
        """What a reader of the table must know beside the points."""
        notes = []
        if self.standing.unmarked:
            notes.append(f"{self.standing.unmarked} not marked yet")
        if self.standing.counted is not None:
            notes += _told(self.markings[self.standing.counted])
            notes += _late(self.standing.judged[self.standing.counted])
        elif self.points == 0:
            notes.append("too late")
        if self.pending:
            notes.append(f"{self.pending:g} points pending")
        if self.repeated:
            notes.append(f"{len(self.repeated)} handed in again")
        return [*notes, *(["time unknown"] if self.untimed else [])]

    def as_data(self) -> dict[str, Any]:
        """The result as plain values."""
        return {
            "learner": self.learner,
            "kind": self.item.kind,
            "item": self.item.id,
            "points": self.points,
            "max_points": self.max_points,
            "pending": self.pending,
            "notes": self.notes,
            "attempts": [
                _attempt_data(*pair, counts=index == self.standing.counted)
                for index, pair in enumerate(zip(self.markings, self.standing.judged, strict=True))
            ],
        }


def _told(marking: Marking) -> list[str]:
    """What lessens the trust in a mark, or explains it."""
    notes: list[str] = [marking.status] if marking.status != "graded" else []
    notes += ["demo keys"] if marking.record.get("keys") == "demo" else []
    return notes + (["no sandbox"] if marking.record.get("isolation") == "none" else [])


def _late(judged: Judged) -> list[str]:
    days = judged.days_late
    return [f"{days} day{'' if days == 1 else 's'} late"] if days else []


def _attempt_data(marking: Marking, judged: Judged, *, counts: bool) -> dict[str, Any]:
    return {
        "sha256": marking.sha256,
        "handed_in": _iso(marking.handed_in),
        "status": marking.status,
        "score": marking.score,
        "max_score": marking.max_score,
        "verdict": judged.verdict,
        "days_late": judged.days_late,
        "counts": counts,
    }


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None


def items(markings: Iterable[Marking]) -> list[Item]:
    """The assignments and quizzes there are, assignments first."""
    return sorted({Item(marking.kind, marking.item) for marking in markings})


def results(markings: Sequence[Marking], rules: Rules) -> list[Result]:
    """Each learner's result in each item that they handed in, by learner and item."""
    groups: dict[tuple[str, Item], list[Marking]] = {}
    for marking in markings:
        key = (marking.learner, Item(marking.kind, marking.item))
        groups.setdefault(key, []).append(marking)
    return [
        _result(*key, groups[key], rules, given=(key[0], Item("instructor", key[1].id)) in groups)
        for key in sorted(groups)
    ]


def attempts(markings: Sequence[Marking]) -> tuple[list[Marking], list[Marking]]:
    """One learner's submissions to an item, and those that repeat an attempt at a quiz.

    An attempt at a quiz has one paper. Whoever hands it in a second time may have seen the marks,
    so that the first file to be added is the one that counts.
    """
    seen: set[str] = set()
    first: list[Marking] = []
    repeated: list[Marking] = []
    for marking in sorted(markings, key=lambda marking: marking.id):
        again = bool(marking.sitting) and marking.sitting in seen
        seen.add(marking.sitting)
        (repeated if again else first).append(marking)
    return first, repeated


def _result(
    learner: str, item: Item, markings: list[Marking], rules: Rules, *, given: bool
) -> Result:
    own, repeated = attempts(markings)
    # What the instructor gives is no attempt: nothing is late.
    policy = Policy() if item.kind == "instructor" else rules.policy(item.id)
    standing = settle(
        [Attempt(_share(marking), marking.handed_in) for marking in own],
        policy,
        rules.extension(learner, item.id),
    )
    counted = own[-1 if standing.counted is None else standing.counted]
    return Result(
        learner=learner,
        item=item,
        points=None if standing.share is None else standing.share * counted.max_score,
        max_points=counted.max_score,
        standing=standing,
        markings=tuple(own),
        repeated=tuple(repeated),
        untimed=policy.due is not None and any(marking.handed_in is None for marking in own),
        pending=0 if given else sum(p["max_points"] for p in counted.record.get("pending", [])),
    )


def _share(marking: Marking) -> float | None:
    """The share of the points; None where the grader failed, which says nothing of the work."""
    if marking.status == "grader_error":
        return None
    return min(1.0, marking.score / marking.max_score) if marking.max_score else 0.0

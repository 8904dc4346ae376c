"""How the items of an assignment or quiz did: how hard each is, and whom it tells apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from course_utils.grade.gradebook import Marking
from course_utils.grade.result import Item, attempts

__all__ = ["FEW", "ItemStatistic", "Statistics", "statistics"]

#: With fewer learners the figures say little: at 30, a correlation of 0.30 has a 95 % interval
#: from -0.07 to 0.60 (Fisher's transformation).
FEW = 30


@dataclass(frozen=True)
class ItemStatistic:
    """One check or question.

    `n` learners met it. `difficulty` is the mean share of its points, so that 1 is easiest.
    `discrimination` is the corrected item-total correlation, in [-1, 1]: that between the item and
    the share of all *other* points (for right or wrong the point-biserial one). It is None where
    it is not defined: fewer than three learners, or no spread.
    """

    id: str
    n: int
    difficulty: float
    discrimination: float | None

    @property
    def note(self) -> str:
        """What an author should look at."""
        if self.discrimination is not None and self.discrimination < 0:
            return "those who did better elsewhere missed it: is it right?"
        if self.difficulty in (0.0, 1.0):
            return "nobody had it" if self.difficulty == 0 else "everybody had it"
        return ""


@dataclass(frozen=True)
class Statistics:
    """The items of one assignment or quiz; `left_out` learners had no first attempt to read."""

    item: Item
    learners: int
    left_out: int
    items: list[ItemStatistic]

    @property
    def warning(self) -> str:
        """Why not to lean on the figures, if so."""
        if self.learners >= FEW:
            return ""
        return (
            f"{self.learners} learners are few: below {FEW}, read these figures as hints, "
            "above all the discrimination"
        )

    def as_data(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            "kind": self.item.kind,
            "item": self.item.id,
            "learners": self.learners,
            "left_out": self.left_out,
            "warning": self.warning,
            "items": [{**asdict(item), "note": item.note} for item in self.items],
        }


#: Points and the most there are, by check or question: one learner's.
_Sheet = dict[str, tuple[float, float]]


def statistics(markings: Sequence[Marking], item: Item) -> Statistics:
    """The statistics of `item` over each learner's first attempt.

    Later attempts have seen feedback. An attempt that could not be read, or that the grader failed
    on, says nothing of single items and is left out.

    The measures are those of classical test theory (Crocker and Algina, *Introduction to
    Classical and Modern Test Theory*, 1986, chapter 14); the item itself is taken out of the
    total, else the two would correlate by construction (Henrysson, *Psychometrika* 28, 1963).
    """
    by_learner: dict[str, list[Marking]] = {}
    for marking in markings:
        if Item(marking.kind, marking.item) == item:
            by_learner.setdefault(marking.learner, []).append(marking)
    firsts = [_first(own) for own in by_learner.values()]
    sheets = [_sheet(first) for first in firsts if first.status != "grader_error"]
    sheets = [sheet for sheet in sheets if sheet]
    ids = dict.fromkeys(name for sheet in sheets for name in sheet)
    figures = [_figures(name, [sheet for sheet in sheets if name in sheet]) for name in ids]
    return Statistics(item, len(sheets), len(firsts) - len(sheets), figures)


def _first(markings: list[Marking]) -> Marking:
    own, _ = attempts(markings)
    times = [marking.handed_in for marking in own if marking.handed_in is not None]
    return own[times.index(min(times))] if len(times) == len(own) else own[0]


def _sheet(marking: Marking) -> _Sheet:
    if marking.kind == "quiz":
        return {q["id"]: (q["score"], 1.0) for q in marking.record["questions"]}
    return {c["id"]: (c["points"], c["max_points"]) for c in marking.record["checks"]}


def _figures(name: str, sheets: list[_Sheet]) -> ItemStatistic:
    shares = [points / most for points, most in (sheet[name] for sheet in sheets)]
    rests = [_share(pair for other, pair in sheet.items() if other != name) for sheet in sheets]
    return ItemStatistic(name, len(sheets), float(np.mean(shares)), _correlation(shares, rests))


def _share(pairs: Iterable[tuple[float, float]]) -> float:
    points, most = np.sum([[0.0, 0.0], *pairs], axis=0)
    return float(points / most) if most else 0.0


def _correlation(shares: list[float], rests: list[float]) -> float | None:
    if len(shares) < 3 or np.ptp(shares) == 0 or np.ptp(rests) == 0:
        return None
    return float(np.corrcoef(shares, rests)[0, 1])

"""Which attempt counts, and what being late costs: one pure function over a learner's attempts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

__all__ = ["Attempt", "Extension", "Judged", "Policy", "Standing", "settle"]

DAY = timedelta(days=1)
#: Beyond any course; it keeps every deadline within what a date can hold.
MOST_DAYS = 3650

Verdict = Literal["counts", "late", "too late", "over the limit", "unmarked"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Policy(_Strict):
    """The rules of one assignment or quiz.

    The deadline is `due` plus the grace. Each day begun after it costs `late_percent_per_day` of
    what the attempt earned; an attempt more than `cutoff_days` after it is refused. Of the
    attempts that are not refused, the first `max_attempts` are kept, and of those the best or the
    last one counts.
    """

    due: AwareDatetime | None = None
    grace_minutes: float = Field(default=0, ge=0, le=MOST_DAYS * 24 * 60)
    late_percent_per_day: float = Field(default=0, ge=0, le=100)
    cutoff_days: float | None = Field(default=None, ge=0, le=MOST_DAYS)
    max_attempts: int | None = Field(default=None, ge=1)
    keep: Literal["best", "last"] = "best"


class Extension(_Strict):
    """More time or more attempts for one learner; it never lowers a mark."""

    days: float = Field(default=0, ge=0, le=MOST_DAYS)
    attempts: int = Field(default=0, ge=0)


@dataclass(frozen=True)
class Attempt:
    """One attempt: the share of the points it earned, in [0, 1], and when it was handed in.

    `share` is None where the grader failed and nothing is known yet. `handed_in` has a time zone;
    it is None where the time is not known, and then the attempt is taken to be on time.
    """

    share: float | None
    handed_in: datetime | None = None


@dataclass(frozen=True)
class Judged:
    """What the rules say of one attempt: its share after the deduction, and the days it is late."""

    verdict: Verdict
    share: float | None
    days_late: int


@dataclass(frozen=True)
class Standing:
    """A learner's result: a share in [0, 1], None where nothing is known.

    `counted` is the index of the attempt that counts; `unmarked` is how many attempts wait for a
    mark that may still change the result. `judged` goes with the attempts as they were given.
    """

    share: float | None
    counted: int | None
    unmarked: int
    judged: tuple[Judged, ...]


def settle(
    attempts: Sequence[Attempt], policy: Policy, extension: Extension | None = None
) -> Standing:
    """Judge `attempts`, given in the order in which they were recorded, by `policy`.

    They are ordered by the time they were handed in, or as given where one has no time. Nobody
    gains by being late: a deduction only lowers an attempt's share, and a refused attempt is as if
    it had not been made. An attempt without a mark neither counts as zero nor uses up the limit.
    Where the last attempt is to count and has no mark, the result is not known.
    """
    plain = _settle(attempts, policy, Extension())
    if extension is None:
        return plain
    extended = _settle(attempts, policy, extension)
    # More time can let in a later attempt that replaces a better one.
    hurts = plain.counted is not None and (plain.share or 0) > (extended.share or 0)
    return replace(extended, share=plain.share, counted=plain.counted) if hurts else extended


def _settle(attempts: Sequence[Attempt], policy: Policy, extension: Extension) -> Standing:
    judged = [_by_time(attempt, policy, extension) for attempt in attempts]
    limit = math.inf if policy.max_attempts is None else policy.max_attempts + extension.attempts
    kept: list[int] = []
    waiting: list[int] = []
    for index in _in_order(attempts):
        verdict = judged[index].verdict
        if verdict == "too late":
            continue
        if len(kept) >= limit:
            judged[index] = replace(judged[index], verdict="over the limit", share=None)
        else:
            (waiting if verdict == "unmarked" else kept).append(index)
    return _result(judged, kept, waiting, _in_order(attempts), policy)


def _by_time(attempt: Attempt, policy: Policy, extension: Extension) -> Judged:
    late = _lateness(attempt, policy, extension)
    days = math.ceil(late / DAY)
    if policy.cutoff_days is not None and late > timedelta(days=policy.cutoff_days):
        return Judged("too late", None, days)
    if attempt.share is None:
        return Judged("unmarked", None, days)
    left = max(0.0, 1 - days * policy.late_percent_per_day / 100)
    return Judged("late" if days else "counts", attempt.share * left, days)


def _lateness(attempt: Attempt, policy: Policy, extension: Extension) -> timedelta:
    if policy.due is None or attempt.handed_in is None:
        return timedelta(0)
    allowed = timedelta(minutes=policy.grace_minutes, days=extension.days)
    # Subtracted from the difference, not added to the date: no date overflows.
    return max(timedelta(0), attempt.handed_in - policy.due - allowed)


def _in_order(attempts: Sequence[Attempt]) -> list[int]:
    times = [attempt.handed_in for attempt in attempts]
    known = [time for time in times if time is not None]
    if len(known) < len(times):
        return list(range(len(times)))
    return sorted(range(len(times)), key=lambda index: known[index])


def _result(
    judged: list[Judged], kept: list[int], waiting: list[int], order: list[int], policy: Policy
) -> Standing:
    shares = {index: judged[index].share or 0.0 for index in kept}
    counted: int | None
    if policy.keep == "last":
        last = max([*kept, *waiting], key=order.index, default=None)
        counted = last if last in shares else None
    else:
        counted = max(shares, key=lambda index: shares[index], default=None)
    share = None if counted is None else shares[counted]
    if judged and not kept and not waiting:
        share = 0.0  # handed in, but all of it refused
    return Standing(share, counted, len(waiting), tuple(judged))

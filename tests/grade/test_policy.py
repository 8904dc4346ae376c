from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from course_utils.grade.policy import Attempt, Extension, Policy, settle

DUE = datetime(2026, 12, 4, 18, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

SHARES = st.floats(0, 1)
# Hours around the deadline: the edges (on the dot, whole days) are drawn often.
HOURS = st.integers(-48, 240) | st.sampled_from([0, 24, 48, 72])
KEEPS = st.sampled_from(["best", "last"])
ATTEMPTS = st.lists(
    st.builds(lambda share, hours: Attempt(share, DUE + hours * HOUR), st.none() | SHARES, HOURS),
    max_size=6,
)
MARKED = ATTEMPTS.map(lambda attempts: [a for a in attempts if a.share is not None])
POLICIES = st.builds(
    Policy,
    due=st.just(DUE),
    grace_minutes=st.sampled_from([0, 15, 60]),
    late_percent_per_day=st.floats(0, 100),
    cutoff_days=st.none() | st.integers(0, 5),
    max_attempts=st.none() | st.integers(1, 4),
    keep=KEEPS,
)
EXTENSIONS = st.builds(Extension, days=st.integers(0, 10), attempts=st.integers(0, 3))
# A busy machine is no fault of the rules.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def at(share: float | None, hours: float) -> Attempt:
    """An attempt so many hours after the deadline."""
    return Attempt(share, DUE + hours * HOUR)


def share_of(*attempts: Attempt, extension: Extension | None = None, **rules: object) -> object:
    return settle(attempts, Policy.model_validate({"due": DUE, **rules}), extension).share


@pytest.mark.parametrize(
    ("hours", "share"),
    [(-1, 0.8), (0, 0.8), (0.25, 0.8), (0.26, 0.72), (24.25, 0.72), (24.26, 0.64), (240.3, 0)],
)
def test_each_day_begun_after_the_grace_costs_its_percentage(hours: float, share: float) -> None:
    found = share_of(at(0.8, hours), grace_minutes=15, late_percent_per_day=10)
    assert found == pytest.approx(share)


def test_the_cutoff_is_the_last_moment_that_is_taken() -> None:
    assert share_of(at(1, 48), cutoff_days=2) == 1
    assert share_of(at(1, 48.01), cutoff_days=2) == 0
    assert share_of(at(0.5, -1), at(1, 48.01), cutoff_days=2, keep="last") == 0.5


def test_best_or_last() -> None:
    attempts = [at(0.9, -3), at(0.4, -2)]
    assert share_of(*attempts) == 0.9
    assert share_of(*attempts, keep="last") == 0.4
    assert share_of(*reversed(attempts), keep="last") == 0.4  # by time, not as recorded


def test_a_better_late_attempt_counts_with_its_deduction() -> None:
    standing = settle([at(0.5, -1), at(1, 1)], Policy(due=DUE, late_percent_per_day=20))
    assert (standing.share, standing.counted) == (0.8, 1)
    assert standing.judged[1].verdict == "late"
    assert standing.judged[1].days_late == 1


def test_attempts_beyond_the_limit_do_not_count() -> None:
    attempts = [at(0.2, -3), at(0.3, -2), at(1, -1)]
    assert share_of(*attempts, max_attempts=2) == 0.3
    assert share_of(*attempts, max_attempts=2, extension=Extension(attempts=1)) == 1


def test_what_the_grader_could_not_mark_is_no_zero_and_uses_up_nothing() -> None:
    nothing = settle([at(None, -1)], Policy(due=DUE))
    assert (nothing.share, nothing.unmarked) == (None, 1)
    assert share_of(at(None, -2), at(0.7, -1), max_attempts=1) == 0.7
    assert share_of(at(0.7, -2), at(None, -1), keep="last") is None
    assert settle([at(0.7, -2), at(None, -1)], Policy(due=DUE)).unmarked == 1


def test_nothing_handed_in_is_unknown_and_all_refused_is_zero() -> None:
    assert share_of() is None
    assert share_of(at(1, 30), cutoff_days=1) == 0
    assert share_of(at(None, 30), cutoff_days=1) == 0


def test_an_unknown_time_is_on_time_and_keeps_the_order_given() -> None:
    attempts = [at(0.9, 0), Attempt(0.4)]
    assert share_of(*attempts, keep="last", late_percent_per_day=50) == 0.4
    assert share_of(Attempt(0.4), late_percent_per_day=50) == 0.4


def test_an_extension_that_lets_in_a_worse_last_attempt_does_not_hurt() -> None:
    attempts = [at(0.9, -1), at(0.1, 30)]
    rules = {"keep": "last", "cutoff_days": 1}
    assert share_of(*attempts, **rules) == 0.9
    assert share_of(*attempts, **rules, extension=Extension(days=2)) == 0.9


@patient
@given(ATTEMPTS, POLICIES, EXTENSIONS)
def test_a_result_is_a_share_no_greater_than_the_attempt_that_counts(
    attempts: list[Attempt], policy: Policy, extension: Extension
) -> None:
    standing = settle(attempts, policy, extension)
    assert len(standing.judged) == len(attempts)
    if standing.counted is not None:
        raw = attempts[standing.counted].share
        assert raw is not None
        assert standing.share is not None
        assert 0 <= standing.share <= raw
    else:
        assert standing.share in (None, 0)


@patient
@given(MARKED, POLICIES, st.lists(st.integers(0, 96), min_size=6, max_size=6))
def test_being_later_never_raises_a_best_result(
    attempts: list[Attempt], policy: Policy, delays: list[int]
) -> None:
    policy = policy.model_copy(update={"keep": "best"})
    attempts.sort(key=lambda a: a.handed_in or DUE)
    later = [
        replace(attempt, handed_in=(attempt.handed_in or DUE) + delay * HOUR)
        for attempt, delay in zip(attempts, sorted(delays), strict=False)
    ]
    before, after = settle(attempts, policy).share, settle(later, policy).share
    assert (after or 0) <= (before or 0)


@patient
@given(MARKED, POLICIES, st.integers(0, 96))
def test_being_later_never_raises_a_last_result_while_nothing_is_refused(
    attempts: list[Attempt], policy: Policy, delay: int
) -> None:
    policy = policy.model_copy(update={"keep": "last", "cutoff_days": None})
    later = [replace(a, handed_in=(a.handed_in or DUE) + delay * HOUR) for a in attempts]
    assert (settle(later, policy).share or 0) <= (settle(attempts, policy).share or 0)


@patient
@given(ATTEMPTS, POLICIES)
def test_a_refused_attempt_is_as_if_it_had_not_been_made(
    attempts: list[Attempt], policy: Policy
) -> None:
    standing = settle(attempts, policy)
    pairs = zip(attempts, standing.judged, strict=True)
    taken = [attempt for attempt, judged in pairs if judged.verdict != "too late"]
    assert settle(taken, policy).share == standing.share or not taken


@patient
@given(ATTEMPTS, POLICIES, EXTENSIONS)
def test_an_extension_never_hurts(
    attempts: list[Attempt], policy: Policy, extension: Extension
) -> None:
    plain, extended = settle(attempts, policy), settle(attempts, policy, extension)
    assert (extended.share or 0) >= (plain.share or 0)
    if plain.share:
        assert extended.share is not None


@patient
@given(ATTEMPTS, POLICIES, EXTENSIONS, EXTENSIONS)
def test_a_longer_extension_is_no_worse_where_the_best_counts(
    attempts: list[Attempt], policy: Policy, one: Extension, other: Extension
) -> None:
    policy = policy.model_copy(update={"keep": "best"})
    both = Extension(days=one.days + other.days, attempts=one.attempts + other.attempts)
    assert (settle(attempts, policy, both).share or 0) >= (settle(attempts, policy, one).share or 0)


@patient
@given(MARKED.filter(len), POLICIES, st.data())
def test_a_better_mark_never_lowers_the_result(
    attempts: list[Attempt], policy: Policy, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(attempts) - 1))
    better = data.draw(st.floats(attempts[index].share or 0, 1))
    raised = [replace(a, share=better) if i == index else a for i, a in enumerate(attempts)]
    assert (settle(raised, policy).share or 0) >= (settle(attempts, policy).share or 0)


@patient
@given(ATTEMPTS, POLICIES, SHARES)
def test_one_more_attempt_never_lowers_a_best_result(
    attempts: list[Attempt], policy: Policy, share: float
) -> None:
    policy = policy.model_copy(update={"keep": "best"})
    more = [*attempts, at(share, 241)]
    assert (settle(more, policy).share or 0) >= (settle(attempts, policy).share or 0)


@patient
@given(ATTEMPTS, POLICIES)
def test_without_a_deadline_or_a_limit_the_raw_mark_stands(
    attempts: list[Attempt], policy: Policy
) -> None:
    free = policy.model_copy(update={"due": None, "max_attempts": None, "keep": "best"})
    raw = [attempt.share for attempt in attempts if attempt.share is not None]
    assert settle(attempts, free).share == max(raw, default=None)


@patient
@given(ATTEMPTS.flatmap(lambda a: st.tuples(st.just(a), st.permutations(a))), POLICIES)
def test_the_order_of_recording_does_not_matter_where_times_differ(
    orders: tuple[list[Attempt], list[Attempt]], policy: Policy
) -> None:
    attempts, mixed = orders
    if len({attempt.handed_in for attempt in attempts}) == len(attempts):
        assert settle(attempts, policy).share == settle(mixed, policy).share


@pytest.mark.parametrize(
    "wrong",
    [
        {"due": "2026-12-04T18:00:00"},
        {"late_percent_per_day": 101},
        {"late_percent_per_day": float("nan")},
        {"max_attempts": 0},
        {"keep": "first"},
        {"cutoff": 3},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)

from datetime import UTC, datetime
from pathlib import Path

import pytest

from course_utils.grade.assignment import Assignment, Description
from course_utils.grade.policy import Extension, Policy
from course_utils.grade.rules import Rules, RulesError, load_rules, own_policies

TEXT = """\
default: {grace_minutes: 10}
items:
  loop:
    due: 2026-12-04T18:00:00+01:00
    late_percent_per_day: 10
    max_attempts: 3
extensions:
  - {learner: Ada, item: loop, days: 2, why: illness}
"""


def rules(folder: Path, text: str, base: dict[str, Policy] | None = None) -> Rules:
    path = folder / "rules.yaml"
    path.write_text(text)
    return load_rules(path, base)


def test_an_item_has_its_own_rules_on_top_of_the_default(tmp_path: Path) -> None:
    found = rules(tmp_path, TEXT)
    loop = found.policy("loop")
    assert (loop.grace_minutes, loop.late_percent_per_day, loop.max_attempts) == (10, 10, 3)
    assert loop.due is not None
    assert found.policy("other") == Policy(grace_minutes=10)


def test_an_extension_is_one_learners_for_one_item(tmp_path: Path) -> None:
    found = rules(tmp_path, TEXT)
    extension = found.extension("ada", "loop")
    assert isinstance(extension, Extension)
    assert extension.days == 2
    assert found.extension("ada", "other") is None
    assert found.extension("bo", "loop") is None


def test_the_assignments_own_rules_lie_between_the_default_and_the_file(tmp_path: Path) -> None:
    base = {"loop": Policy(max_attempts=9, keep="last"), "tag": Policy(grace_minutes=0)}
    found = rules(tmp_path, TEXT, base)
    assert (found.policy("loop").max_attempts, found.policy("loop").keep) == (3, "last")
    assert found.policy("tag").grace_minutes == 0
    assert Rules(base=base).policy("tag") == base["tag"]


def assignment(**said: object) -> Assignment:
    rubric = [{"title": "All", "checks": ["c"]}]
    common = {"title": "Loop", "objectives": {"a": "A"}, "meets": [], "minutes": 5}
    description = Description.model_validate({**common, "rubric": rubric, **said})
    return Assignment("loop", Path("loop"), description, (), ())


def test_what_an_assignment_says_of_itself_is_its_policy(tmp_path: Path) -> None:
    due = datetime(2026, 12, 4, 18, tzinfo=UTC)
    said = assignment(due=due, late={"per_day": 0.1, "days": 3}, attempts="last", max_attempts=3)
    assert own_policies([said]) == {
        "loop": Policy(due=due, late_percent_per_day=10, cutoff_days=3, keep="last", max_attempts=3)
    }
    silent = own_policies([assignment()])
    assert silent == {"loop": Policy()}
    text = "default: {keep: last, max_attempts: 2}"
    assert rules(tmp_path, text, silent).policy("loop") == Policy(keep="last", max_attempts=2)
    with pytest.raises(RulesError, match=r"assignments/loop/assignment\.yaml: due: .* time zone"):
        own_policies([assignment(due="2026-12-04T18:00:00")])


def test_an_empty_file_has_no_rules(tmp_path: Path) -> None:
    assert rules(tmp_path, "").policy("loop") == Policy()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item: {}", "item: "),
        ("items: {loop: {late: 3}}", "items.loop.late: "),
        ("default: {keep: first}", "default.keep: "),
        ("items: {loop: {due: 2026-12-04T18:00:00}}", "items.loop.due: "),
        ("items: {loop: {due: 2026-12-04}}", "items.loop.due: "),
        ("extensions: [{learner: ada, item: loop, days: -1}]", "extensions.0.days: "),
        ("extensions: [{learner: ada, item: loop}, {learner: Ada, item: loop}]", "ada has two"),
        ("items: {loop", ":1: not YAML"),
        ("- 1", "the file: "),
    ],
)
def test_a_faulty_file_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RulesError, match=r"rules\.yaml") as caught:
        rules(tmp_path, text)
    assert message in str(caught.value)

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from grade_helpers import COURSE

from course_utils.grade import AssignmentError, find_assignment, load_all

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """The test course with one place of one file of its assignment replaced."""

    def edit(file: str, old: str, new: str) -> Path:
        course = tmp_path / "course"
        shutil.copytree(COURSE, course)
        path = course / "assignments/sums" / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
        return course

    return edit


def test_public_checks_come_first_and_points_add_up() -> None:
    (assignment,) = load_all(COURSE)
    assert assignment.checks[0].id == "adds"
    assert assignment.max_score == 10
    assert "NotImplementedError" in assignment.stub[1]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("assignment.yaml", "minutes: 1", "minutes: x", r"assignment\.yaml:4: minutes"),
        ("assignment.yaml", "title: Sums\n", "titel: Sums\n", r"assignment\.yaml:1: title"),
        ("assignment.yaml", "weighs]", "weights]", r"yaml:7: 'weights' is no check"),
        ("assignment.yaml", ", weighs]", "]", r"no part names weighs"),
        ("assignment.yaml", "meets: []", "meets: [", r"assignment\.yaml:\d+: YAML"),
        ("assignment.yaml", "checks: [adds]", "instructor: 0", r"rubric\.0: .* one of them"),
        (
            "assignment.yaml",
            "warm:",
            "milestones: [{id: a, title: A b, check: totals, wants: all}]\nwarm:",
            r"'totals' is no public check",
        ),
        ("checks.py", "import numpy", "import nunpy", r"checks\.py:3: ModuleNotFoundError"),
        ("checks.py", 'id="totals"', 'id="adds"', r"two checks 'adds'"),
        ("checks.py", "def adds(", "def adds", r"checks\.py:\d+: SyntaxError"),
        ("mutants.yaml", "return a + b", "return a * b", r"mutants\.yaml:3: subtracts: .* 0 times"),
        ("mutants.yaml", "adds-hidden", "adds-hiden", r"mutants\.yaml:5: there is no check"),
    ],
)
def test_a_malformed_folder_is_named_by_file_and_line(
    edited: Edit, file: str, old: str, new: str, message: str
) -> None:
    course = edited(file, old, new)
    with pytest.raises(AssignmentError, match=message):
        find_assignment(course, "sums")


def test_a_part_by_the_instructor_stands_beside_the_checks(edited: Edit) -> None:
    part = "rubric:\n  - {title: Model card, instructor: 15, wants: Limits}"
    (assignment,) = load_all(edited("assignment.yaml", "rubric:", part))
    assert assignment.max_score == 10
    assert [(one.title, one.max_points) for one in assignment.pending] == [("Model card", 15)]


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(AssignmentError, match="there is sums"):
        find_assignment(COURSE, "sum")

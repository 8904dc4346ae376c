"""Grading as a whole: records that are kept, a killed run that resumes, handouts, proofs."""

import json
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from grade_helpers import COURSE, HONEST, LEVELS, require, sandbox_processes

from course_utils.errors import CourseError
from course_utils.grade import (
    Marker,
    best_isolation,
    build_handout,
    find_assignment,
    grade,
    isolation_for,
    load_keys,
    prove,
    run,
    try_out,
)
from course_utils.grade.record import Isolation


@pytest.fixture
def course(tmp_path: Path) -> Path:
    shutil.copytree(COURSE, tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def level() -> Isolation:
    return best_isolation()[0]


def hand_in(folder: Path, count: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number}.py" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_text(f"{HONEST}\n# {number}\n")
    return paths


@pytest.mark.parametrize("chosen", LEVELS)
def test_every_level_marks_alike(chosen: Isolation, course: Path, tmp_path: Path) -> None:
    require(chosen)
    (path,) = hand_in(tmp_path / "in", 1)
    half = tmp_path / "half.py"
    half.write_text(HONEST.replace("a + b", "a - b"))
    full, part = grade(course, "sums", [path, half], isolation=chosen)
    assert (full.score, full.status, full.isolation, full.keys) == (10, "graded", chosen, "demo")
    assert part.score == 7
    assert part.checks[0].hint == "Use +."
    assert part.checks[0].detail == "add(2, 3) gave -1"


def test_the_unchanged_is_not_graded_again(course: Path, tmp_path: Path, level: Isolation) -> None:
    paths = hand_in(tmp_path / "in", 3)
    first = grade(course, "sums", paths, isolation=level)
    paths[1].write_text(HONEST.replace("a + b", "a - b"))
    records = course / "build/grade/records/sums"
    times = {path: path.stat().st_mtime_ns for path in records.iterdir()}
    second = grade(course, "sums", paths, isolation=level)
    assert [record.score for record in second] == [10, 7, 10]
    assert second[0] == first[0]
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert len(list(records.iterdir())) == 4


def test_changed_keys_grade_again(
    course: Path, tmp_path: Path, level: Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = hand_in(tmp_path / "in", 1)
    grade(course, "sums", paths, isolation=level)
    (tmp_path / "assignments.yaml").write_text("name: autumn\nsecret: 0123456789abcdef\n")
    monkeypatch.setenv("COURSE_KEYS", str(tmp_path))
    (record,) = grade(course, "sums", paths, isolation=level)
    assert record.keys == "autumn"


def test_any_executor_will_do(course: Path, tmp_path: Path, level: Isolation) -> None:
    pool = ThreadPoolExecutor(1)
    records = grade(course, "sums", hand_in(tmp_path / "in", 2), isolation=level, executor=pool)
    assert [record.score for record in records] == [10, 10]


def test_without_a_sandbox_grading_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "best_isolation", lambda: ("none", "for the test"))
    with pytest.raises(CourseError, match="grading refuses"):
        isolation_for(unsafe=False)
    assert isolation_for(unsafe=True) == "none"


def test_a_killed_run_resumes(course: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle: what was graded is kept, nothing runs on, the rest comes after."""
    paths = hand_in(tmp_path / "in", 60)
    command = [sys.executable, "-m", "course_utils", "grade", "sums", *map(str, paths)]
    process = subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL)
    records = course / "build/grade/records/sums"
    while len(list(records.glob("*.json"))) < 5:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = {path: path.stat().st_mtime_ns for path in records.glob("*.json")}
    assert 5 <= len(kept) < 60
    until = time.monotonic() + 30
    while sandbox_processes() and time.monotonic() < until:
        time.sleep(0.1)
    assert sandbox_processes() == []
    result = tmp_path / "records.json"
    subprocess.run([*command, "--json", str(result)], cwd=course, check=True, capture_output=True)
    assert [r["submission"] for r in json.loads(result.read_text())] == [str(p) for p in paths]
    assert {r["score"] for r in json.loads(result.read_text())} == {10}
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list(records.glob("*.json"))) == 60


def test_a_sound_assignment_is_proved(course: Path, level: Isolation, tmp_path: Path) -> None:
    with Marker(find_assignment(course, "sums"), load_keys(course), level, tmp_path) as marker:
        proofs = list(prove(marker.assignment, marker))
    assert [(proof.solution, proof.ok) for proof in proofs] == [
        ("reference", True),
        ("stub", True),
        ("subtracts", True),
    ]


def test_an_unsound_assignment_is_not(course: Path, level: Isolation, tmp_path: Path) -> None:
    checks = course / "assignments/sums/checks.py"
    checks.write_text(checks.read_text().replace("got == 5", "got in (5, -1)"))
    with Marker(find_assignment(course, "sums"), load_keys(course), level, tmp_path) as marker:
        proofs = {proof.solution: proof for proof in prove(marker.assignment, marker)}
    assert proofs["subtracts"].fault == "passes adds, which it should fail"


def test_a_fault_of_the_checks_is_the_graders(
    course: Path, level: Isolation, tmp_path: Path
) -> None:
    checks = course / "assignments/sums/checks.py"
    checks.write_text(checks.read_text().replace('got = trial.call("add"', 'got = trial.cal("add"'))
    (record,) = grade(course, "sums", hand_in(tmp_path / "in", 1), isolation=level)
    assert record.status == "grader_error"
    assert not list((course / "build/grade").rglob("records/*/*.json"))


def test_a_handout_can_be_tried(course: Path, tmp_path: Path) -> None:
    folder = build_handout(find_assignment(course, "sums"), tmp_path)
    assert {p.name for p in folder.iterdir()} == {
        "sums.py",
        "sums.ipynb",
        "checks.py",
        "assignment.yaml",
    }
    text = (folder / "checks.py").read_text()
    assert "def adds(" in text
    assert "hidden" not in text
    assert "wanted = trial.reference" not in text
    stub = try_out(folder / "sums.ipynb")
    assert [check.passed for check in stub.checks] == [False]
    (folder / "sums.py").write_text(HONEST)
    assert [check.passed for check in try_out(folder / "sums.py").checks] == [True]

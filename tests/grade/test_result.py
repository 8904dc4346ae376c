from datetime import timedelta
from pathlib import Path

from gradebook_samples import MONDAY, batch, graded, marked

from course_utils.grade.entry import Entry, read_points
from course_utils.grade.gradebook import Gradebook
from course_utils.grade.policy import Policy
from course_utils.grade.result import Result, results
from course_utils.grade.roster import Roster
from course_utils.grade.rules import Rules, load_rules


def settled(folder: Path, entries: list[Entry], rules: Rules | None = None) -> list[Result]:
    with Gradebook(folder / "book.db") as book:
        book.add(entries)
        return results(book.markings(), rules or Rules())


def test_late_rules_and_extensions_reach_the_points(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        f"items: {{loop: {{due: {MONDAY.isoformat()}, late_percent_per_day: 25}}}}\n"
        "extensions: [{learner: bo, item: loop, days: 1}]\n"
    )
    roster = Roster(at=MONDAY + timedelta(hours=20))
    read = batch(tmp_path, graded("ada", 2, 2), graded("bo", 2, 2), roster=roster)
    ada, bo = settled(tmp_path, read.entries, load_rules(tmp_path / "rules.yaml"))
    assert (ada.points, ada.max_points, ada.notes) == (3, 4, ["1 day late"])
    assert (bo.points, bo.notes) == (4, [])


def test_a_graders_failure_is_no_zero(tmp_path: Path) -> None:
    (ada,) = settled(tmp_path, batch(tmp_path, graded("ada", 0, status="grader_error")).entries)
    assert (ada.points, ada.notes) == (None, ["1 not marked yet"])


def test_a_timeout_is_told_from_a_zero(tmp_path: Path) -> None:
    ada, bo = settled(
        tmp_path, batch(tmp_path, graded("ada", 0, status="timeout"), graded("bo", 0)).entries
    )
    assert (ada.points, ada.notes) == (0, ["timeout"])
    assert (bo.points, bo.notes) == (0, [])


def test_a_mark_that_is_no_grade_is_said(tmp_path: Path) -> None:
    read = batch(tmp_path, graded("ada", 2, keys="demo", isolation="none"), graded("bo", 2))
    ada, bo = settled(tmp_path, read.entries)
    assert ada.notes == ["demo keys", "no sandbox"]
    assert bo.notes == []


def test_a_deadline_without_a_time_is_said(tmp_path: Path) -> None:
    read = batch(tmp_path, graded("ada", 2), roster=Roster())
    (ada,) = settled(tmp_path, read.entries, Rules(base={"loop": Policy(due=MONDAY)}))
    assert (ada.points, ada.notes) == (2, ["time unknown"])


def test_what_came_after_the_cutoff_is_said(tmp_path: Path) -> None:
    read = batch(tmp_path, graded("ada", 2), roster=Roster(at=MONDAY + timedelta(days=3)))
    rules = Rules(base={"loop": Policy(due=MONDAY, cutoff_days=1)})
    (ada,) = settled(tmp_path, read.entries, rules)
    assert (ada.points, ada.notes) == (0, ["too late"])


def test_a_quizs_attempt_handed_in_a_second_time_does_not_count(tmp_path: Path) -> None:
    first = marked("ada", 0, 1)
    after_feedback = marked("ada", 1, 1, sha256="other")
    retake = marked("ada", 1, 0.5, sha256="third", attempt=2)
    (ada,) = settled(tmp_path, batch(tmp_path, first, after_feedback).entries)
    assert (ada.points, ada.notes) == (1, ["1 handed in again"])
    (ada,) = settled(tmp_path, batch(tmp_path, retake).entries)
    assert ada.points == 1.5


def test_the_instructors_points_stand_beside_and_are_never_late(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("learner,points,of\nada,12,15\n")
    entries = read_points(tmp_path / "points.csv", "loop")
    entries += batch(tmp_path, graded("ada", 2)).entries
    rules = Rules(base={"loop": Policy(due=MONDAY - timedelta(days=9), cutoff_days=0)})
    found = settled(tmp_path, entries, rules)
    assert [(r.item.kind, r.points) for r in found] == [("assignment", 0), ("instructor", 12)]


def test_what_the_instructor_has_yet_to_mark_is_pending_and_no_zero(tmp_path: Path) -> None:
    waits = [{"title": "Model card", "max_points": 15}]
    entries = batch(tmp_path, graded("ada", 2, pending=waits), graded("bo", 2, pending=waits))
    (tmp_path / "points.csv").write_text("learner,points,of\nada,12,15\n")
    given = read_points(tmp_path / "points.csv", "loop")
    ada, hers, bo = settled(tmp_path, [*entries.entries, *given])
    assert (ada.points, ada.notes, hers.points) == (2, [], 12)
    assert (bo.points, bo.max_points, bo.notes) == (2, 2, ["15 points pending"])


def test_the_data_name_the_attempt_that_counts(tmp_path: Path) -> None:
    read = batch(tmp_path, graded("ada", 0), graded("ada", 2, sha256="ada-2"))
    (ada,) = settled(tmp_path, read.entries)
    attempts = ada.as_data()["attempts"]
    assert [(a["score"], a["counts"]) for a in attempts] == [(0, False), (2, True)]

from pathlib import Path
from typing import Any

import pytest
from gradebook_samples import MONDAY, batch, graded, marked

from course_utils.grade.entry import EntryError, read_entries, read_points
from course_utils.grade.roster import Handed, Roster, RosterError


def test_records_of_both_kinds_are_read(tmp_path: Path) -> None:
    loop, quiz = batch(tmp_path, graded("ada", 2, 1), marked("bo", 1, 0.5)).entries
    assert (loop.kind, loop.item, loop.learner, loop.score) == ("assignment", "loop", "ada", 3)
    assert (quiz.kind, quiz.item, quiz.learner, quiz.score) == ("quiz", "module", "bo", 1.5)
    assert (loop.sitting, quiz.sitting) == ("", "1")
    assert loop.handed_in == quiz.handed_in == MONDAY


def test_a_practice_quiz_takes_its_learner_from_the_file(tmp_path: Path) -> None:
    record = {
        "file": "in/ada.json",
        "quiz": "inference/tokenization",
        "score": 1,
        "max_score": 1,
        "questions": [{"id": "q", "objective": "o", "score": 1.0, "options": {}, "feedback": []}],
    }
    (entry,) = batch(tmp_path, record).entries
    assert (entry.learner, entry.sitting) == ("ada", "")


def test_a_rejected_file_is_nobodys_attempt(tmp_path: Path) -> None:
    record = marked("ada", status="rejected", why="belongs to another quiz", score=None)
    read = batch(tmp_path, record)
    assert read.entries == []
    assert read.rejected == ["quizzes/ada.json: belongs to another quiz"]


@pytest.mark.parametrize("changes", [{"seconds": 9.0}, {"submission": "elsewhere/ada.py"}])
def test_what_differs_from_run_to_run_makes_no_other_marking(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    (one,), (other,) = (
        batch(tmp_path, graded("ada", 1), roster=Roster()).entries,
        batch(tmp_path, graded("ada", 1) | changes, roster=Roster()).entries,
    )
    assert one.digest == other.digest


@pytest.mark.parametrize(
    "changes",
    [{"score": 0.5}, {"status": "timeout"}, {"sha256": "x"}, {"keys": "a"}, {"isolation": "none"}],
)
def test_what_matters_makes_another_marking(tmp_path: Path, changes: dict[str, Any]) -> None:
    (one,) = batch(tmp_path, graded("ada", 1)).entries
    (other,) = batch(tmp_path, graded("ada", 1) | changes).entries
    assert one.digest != other.digest


def test_equal_file_names_in_many_folders_are_not_one_learner(tmp_path: Path) -> None:
    records = [graded(who, 1, submission=f"in/{who}/notebook.ipynb") for who in ("ada", "bo")]
    with pytest.raises(EntryError, match=r"all called 'notebook': .* --learner-from folder"):
        batch(tmp_path, *records)
    read = batch(tmp_path, *records, roster=Roster("folder"))
    assert [entry.learner for entry in read.entries] == ["ada", "bo"]


def test_responses_that_name_somebody_else_than_the_list_are_refused(tmp_path: Path) -> None:
    roster = Roster(source="list.csv", listed={"ada.json": Handed("bo", None)})
    with pytest.raises(EntryError, match=r"says that it is ada's, and list\.csv that bo"):
        batch(tmp_path, marked("ada", 1), roster=roster)
    with pytest.raises(RosterError, match="does not list"):
        batch(tmp_path, marked("cy", 1), roster=roster)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (3, "record 1: names neither"),
        ({}, "record 1: names neither"),
        (graded("ada", 1, quiz="module"), "record 1: names neither"),
        (graded("ada", 1, status="fine"), "record 1: status"),
        (graded("ada", 1, extra=1), "record 1: extra"),
        (graded("ada", 1, score=-1), "record 1: score"),
        (graded("ada", 1, score=float("nan")), "record 1: score"),
        (graded("ada", 1, score=float("inf")), "record 1: score"),
        (graded("ada", 1, score=3), "record 1: score"),
        (marked("ada", 1, score=float("inf")), "record 1: score"),
        (marked("ada", 1, questions=[{"id": "q", "score": 2}]), "record 1: questions.0.score"),
    ],
)
def test_a_record_that_makes_no_sense_is_named(tmp_path: Path, record: Any, message: str) -> None:
    with pytest.raises(EntryError, match=message):
        batch(tmp_path, record)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\xff"])
def test_a_file_without_json_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(EntryError, match=r"records\.json: no readable JSON"):
        read_entries(path, Roster())
    with pytest.raises(EntryError, match="cannot be read"):
        read_entries(tmp_path, Roster())


def points(folder: Path, text: str) -> Path:
    path = folder / "points.csv"
    path.write_text(text)
    return path


def test_the_instructors_points_are_read(tmp_path: Path) -> None:
    path = points(tmp_path, "learner,points,of,note\nAda,12.5,15,clear card\n")
    (entry,) = read_points(path, "capstone")
    assert (entry.kind, entry.item, entry.learner) == ("instructor", "capstone", "ada")
    assert (entry.score, entry.max_score, entry.record["note"]) == (12.5, 15, "clear card")


@pytest.mark.parametrize("row", ["ada,16,15", "ada,-1,15", "ada,x,15", "ada,nan,15", "ada,1,inf"])
def test_points_that_make_no_sense_are_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(EntryError, match=r"points\.csv:2: `points` and `of`"):
        read_points(points(tmp_path, f"learner,points,of\n{row}\n"), "capstone")


def test_a_learner_listed_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EntryError, match=r"points\.csv:2: 'ada' is listed twice"):
        read_points(points(tmp_path, "learner,points,of\nada,1,5\nAda,2,5\n"), "capstone")

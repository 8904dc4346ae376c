from datetime import UTC, datetime
from pathlib import Path

import pytest

from course_utils.grade.roster import Handed, Roster, RosterError, load_roster

NOON = datetime(2026, 12, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "submission", "learner"),
    [
        ("name", "handed-in/ada.py", "ada"),
        ("name", "handed-in/jo.smith.ipynb", "jo.smith"),
        ("name", "handed-in/jo.smith", "jo.smith"),
        ("name", "handed-in\\Ada\\", "ada"),
        ("name", "Zoe\u0308.py", "zoë"),
        ("folder", "handed-in/ada/solution.ipynb", "ada"),
    ],
)
def test_the_id_is_a_part_of_the_path(rule: str, submission: str, learner: str) -> None:
    roster = Roster(rule, NOON)  # type: ignore[arg-type]
    assert roster.find(submission) == Handed(learner, NOON)


@pytest.mark.parametrize("submission", ["", "a\nb.py", "\u202eada.py", "a" * 300])
def test_a_path_without_an_id_is_refused(submission: str) -> None:
    with pytest.raises(RosterError, match="is no learner's id: name the learner in a CSV file"):
        Roster().find(submission)
    with pytest.raises(RosterError, match="is no learner's id"):
        Roster("folder").find("ada.py")


def write(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_list_alone_decides_where_there_is_one(tmp_path: Path) -> None:
    text = "\ufeffsubmission,learner,handed_in\r\nx/1.py,Ada,2026-12-04T13:00+01:00\r\n2.py,bo,\r\n"
    roster = load_roster(write(tmp_path, text))
    assert roster.find("x/1.py") == Handed("ada", NOON)
    assert roster.find("anywhere/2.py") == Handed("bo", None)
    with pytest.raises(RosterError, match=r"list\.csv does not list 'x/3\.py': add a row"):
        roster.find("x/3.py")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"list\.csv:1: .*'submission'"),
        ("submission\na\n", r"list\.csv:1: .*'learner'"),
        ("submission,learner\na,ada\na,bo\n", r"list\.csv:3: 'a' is listed twice"),
        ("submission,learner\na,\n", r"list\.csv:2: '' is no learner's id"),
        ("submission,learner\na\n", r"list\.csv:2: '' is no learner's id"),
        ("submission,learner,handed_in\na,ada,2026-12-04T12:00\n", r"list\.csv:2: .*its zone"),
        ("submission,learner,handed_in\na,ada,tomorrow\n", r"list\.csv:2: .*its zone"),
        ('submission,learner\n"a,ada\n', r"no CSV file"),
    ],
)
def test_a_faulty_list_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RosterError, match=message):
        load_roster(write(tmp_path, text))


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="cannot be read"):
        load_roster(tmp_path / "list.csv")

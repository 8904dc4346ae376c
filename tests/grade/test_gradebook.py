import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from gradebook_samples import MONDAY, batch, graded, marked

from course_utils.grade.entry import Entry
from course_utils.grade.gradebook import Added, Gradebook, GradebookError
from course_utils.grade.roster import Roster


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(tmp_path / "book.db") as opened:
        yield opened


def entries(folder: Path, *records: dict[str, object], roster: Roster | None = None) -> list[Entry]:
    return batch(folder, *records, roster=roster).entries


def test_what_is_added_is_there(book: Gradebook, tmp_path: Path) -> None:
    assert book.add(entries(tmp_path, graded("ada", 2, 1), marked("bo", 1))) == Added(new=2)
    loop, quiz = book.markings()
    assert (loop.learner, loop.score, loop.max_score, loop.handed_in) == ("ada", 3, 4, MONDAY)
    assert loop.record == graded("ada", 2, 1)
    assert (quiz.kind, quiz.learner, quiz.sitting) == ("quiz", "bo", "1")


def test_an_import_twice_changes_nothing(book: Gradebook, tmp_path: Path) -> None:
    found = entries(tmp_path, graded("ada", 1), graded("bo", 2))
    book.add(found)
    assert book.add(found) == Added(known=2)
    assert book.add([*found, *entries(tmp_path, graded("cy", 0))]) == Added(new=1, known=2)
    assert book.history() == 3


def test_a_later_marking_of_the_same_submission_replaces_the_earlier(
    book: Gradebook, tmp_path: Path
) -> None:
    first = entries(tmp_path, graded("ada", 0, status="grader_error"))
    second = entries(tmp_path, graded("ada", 2))
    book.add(first)
    book.add(second)
    assert [(m.status, m.score) for m in book.markings()] == [("graded", 2)]
    assert book.add(first) == Added(replaced=1)
    assert book.markings()[0].score == 2
    assert book.add(first, again=True) == Added(new=1)
    assert book.markings()[0].status == "grader_error"
    assert book.history() == 3


def test_another_submission_is_another_attempt(book: Gradebook, tmp_path: Path) -> None:
    book.add(entries(tmp_path, graded("ada", 0), graded("ada", 2, sha256="ada-2")))
    assert [marking.score for marking in book.markings()] == [0, 2]


def test_the_time_last_given_holds(book: Gradebook, tmp_path: Path) -> None:
    later = MONDAY + timedelta(days=1)
    book.add(entries(tmp_path, graded("ada", 1)))
    book.add(entries(tmp_path, graded("ada", 2), roster=Roster()))
    assert book.markings()[0].handed_in == MONDAY
    book.add(entries(tmp_path, graded("ada", 2), roster=Roster(at=later)))
    assert book.markings()[0].handed_in == later


def test_withdrawn_work_does_not_count_and_can_come_back(book: Gradebook, tmp_path: Path) -> None:
    found = entries(tmp_path, graded("ada", 1), graded("bo", 1))
    book.add(found)
    assert book.withdraw("ada", "loop", "wrong folder") == 1
    assert [marking.learner for marking in book.markings()] == ["bo"]
    assert book.history() == 3
    assert book.add(found) == Added(known=1, replaced=1)
    book.add(found, again=True)
    assert [marking.learner for marking in book.markings()] == ["ada", "bo"]
    with pytest.raises(GradebookError, match="no submission of 'cy' to 'loop'"):
        book.withdraw("cy", "loop", "")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM markings",
        "UPDATE markings SET score = 99",
        "INSERT OR REPLACE INTO markings SELECT id, kind, item, learner, sha256, marking, sitting,"
        " handed_in, status, 99, max_score, digest, record, added FROM markings",
        "REPLACE INTO markings SELECT 77, kind, item, learner, sha256, marking, sitting,"
        " handed_in, status, 99, max_score, digest, record, added FROM markings",
        "INSERT INTO markings SELECT id, kind, item, learner, sha256, marking, sitting, handed_in,"
        " status, 99, max_score, digest, record, added FROM markings WHERE true"
        " ON CONFLICT DO UPDATE SET score = 99",
    ],
)
def test_the_file_itself_refuses_to_lose_a_marking(
    book: Gradebook, tmp_path: Path, statement: str
) -> None:
    book.add(entries(tmp_path, graded("ada", 1)))
    raw = sqlite3.connect(book.path)
    with pytest.raises(sqlite3.IntegrityError, match="only takes additions"):
        raw.execute(statement)
    raw.close()
    assert [marking.score for marking in book.markings()] == [1]


def test_all_of_a_batch_is_added_or_none(
    book: Gradebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = entries(tmp_path, graded("ada", 1), graded("bo", 1))
    monkeypatch.setitem(found[1].record, "why", object())
    with pytest.raises(TypeError):
        book.add(found)
    assert book.history() == 0


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from gradebook_samples import batch, graded
from course_utils.grade.gradebook import Gradebook
folder, name = Path(sys.argv[2]), sys.argv[3]
(folder / name).mkdir()
print("ready", flush=True)
sys.stdin.readline()
for number in range(25):
    records = [graded(f"{name}-{number}", 1), graded("shared", number % 3, sha256=f"s{number}")]
    with Gradebook(folder / "book.db") as book:
        book.add(batch(folder / name, *records).entries)
"""


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    names = ["one", "two", "three"]
    command = [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([*command, name], **pipes) for name in names]  # type: ignore[call-overload]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    with Gradebook(tmp_path / "book.db") as book:
        learners = [marking.learner for marking in book.markings()]
    assert sorted(set(learners)) == sorted(
        [f"{name}-{number}" for name in names for number in range(25)] + ["shared"]
    )
    # The three wrote the same 25 submissions of one learner: each is there once.
    assert learners.count("shared") == 25
    assert book.history() == 100


def test_the_gradebook_survives_a_kill_in_the_middle_of_a_batch(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from gradebook_samples import batch, graded
from course_utils.grade import gradebook
folder = Path(sys.argv[2])
insert, seen = gradebook._insert, []
def kill_at_third(*arguments):
    insert(*arguments)
    seen.append(1)
    if len(seen) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
gradebook._insert = kill_at_third
with gradebook.Gradebook(folder / "book.db") as book:
    book.add(batch(folder, *(graded(f"l{number}", 1) for number in range(5))).entries)
"""
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -9
    with Gradebook(tmp_path / "book.db") as book:
        assert book.history() == 0
        again = batch(tmp_path, *(graded(f"l{number}", 1) for number in range(5)))
        assert book.add(again.entries) == Added(new=5)


def test_what_is_no_gradebook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    path.write_text("learner,points\n" * 100)
    with pytest.raises(GradebookError, match=r"book\.db is no gradebook"):
        Gradebook(path)
    with pytest.raises(GradebookError, match="there is no folder"):
        Gradebook(tmp_path / "nowhere/book.db")


def test_a_gradebook_of_another_version_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "book.db"
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 7")
    raw.close()
    with pytest.raises(GradebookError, match="of version 7"):
        Gradebook(path)

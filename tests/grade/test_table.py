import csv
import io
from pathlib import Path

import pytest
from gradebook_samples import batch, graded, marked

from course_utils.grade.gradebook import Gradebook
from course_utils.grade.result import results
from course_utils.grade.roster import Roster
from course_utils.grade.rules import Rules
from course_utils.grade.table import as_csv


def table(folder: Path, *records: dict[str, object]) -> list[list[str]]:
    with Gradebook(folder / "book.db") as book:
        book.add(batch(folder, *records, roster=Roster()).entries)
        text = as_csv(results(book.markings(), Rules()))
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_row_a_learner_and_a_column_an_item(tmp_path: Path) -> None:
    records = [
        graded("bo", 2, 1),
        graded("ada", 1 / 3, 0),
        marked("ada", 1, 0.5, quiz="loop"),
        graded("cy", 0, status="grader_error"),
        graded("di", 0, status="memory"),
    ]
    assert table(tmp_path, *records) == [
        ["learner", "loop", "loop (quiz)", "notes"],
        ["ada", "0.33", "1.5", ""],
        ["bo", "3", "", ""],
        ["cy", "", "", "loop: 1 not marked yet"],
        ["di", "0", "", "loop: memory"],
    ]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "＝", "＠"])
def test_no_cell_is_a_formula(tmp_path: Path, first: str) -> None:
    nasty = f'{first}hyperlink("x","y")'
    rows = table(tmp_path, graded("x", 1, submission=f"in/{nasty}", assignment=f" {nasty}"))
    cells = [cell for row in rows for cell in row]
    assert f"'{nasty}" in cells
    assert f"' {nasty}" in cells
    assert not any(cell.lstrip().startswith(first) for cell in cells)


def test_commas_quotes_and_lines_stay_in_their_cell(tmp_path: Path) -> None:
    rows = table(tmp_path, graded("x", 1, submission='in/a,"b"', assignment="one\ntwo"))
    assert rows == [["learner", "one\ntwo", "notes"], ['a,"b"', "1", ""]]

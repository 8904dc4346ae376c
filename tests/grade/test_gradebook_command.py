"""`course gradebook` as an instructor meets it: processes, their output, their exit status."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from gradebook_samples import graded, marked


def gradebook(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "course_utils", "gradebook", *arguments]
    environment = {k: v for k, v in os.environ.items() if k != "COURSE_GRADEBOOK"}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, check=False, env=environment
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course's folder without a lesson or an assignment."""
    (tmp_path / "mkdocs.yml").write_text("nav: []\n")
    return tmp_path


def write(folder: Path, name: str, *records: dict[str, Any]) -> str:
    (folder / name).write_text(json.dumps(records))
    return name


def test_from_records_to_the_table(course: Path) -> None:
    write(course, "loop.json", graded("ada", 2, 2), graded("bo", 0, status="timeout"))
    write(course, "quiz.json", marked("ada", 1), marked("cy", 0, status="rejected", why="no"))
    (course / "hand.csv").write_text("learner,points,of\nada,3,5\n")
    (course / "rules.yaml").write_text(
        "default: {due: 2026-12-01T00:00:00Z, late_percent_per_day: 50}\n"
    )
    late = ("--handed-in", "2026-12-01T01:00Z")
    done = gradebook(course, "import", "loop.json", "quiz.json", *late)
    assert (done.returncode, done.stdout) == (0, "3 added, 0 known already\n")
    assert done.stderr == "rejected by the marker: quizzes/cy.json: no\n"
    assert "0 added, 3 known" in gradebook(course, "import", "loop.json", "quiz.json", *late).stdout
    assert "1 added" in gradebook(course, "points", "loop", "hand.csv").stdout

    shown = gradebook(course, "show").stdout
    assert "timeout" in shown
    assert "1 day late" in shown
    data = json.loads(gradebook(course, "show", "--json", "--learner", "ada").stdout)
    assert {(r["kind"], r["item"]): r["points"] for r in data} == {
        ("assignment", "loop"): 2,
        ("instructor", "loop"): 3,
        ("quiz", "module"): 0.5,
    }

    assert gradebook(course, "export", "-o", "out.csv").returncode == 0
    with (course / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["learner"], row["loop"]) for row in rows] == [("ada", "2"), ("bo", "0")]
    assert rows[0]["module (quiz)"] == "0.5"
    assert rows[0]["loop (instructor)"] == "3"

    figures = json.loads(gradebook(course, "statistics", "loop", "--json").stdout)
    assert [item["difficulty"] for item in figures[0]["items"]] == [0.5, 1]
    assert "few" in gradebook(course, "statistics").stdout

    withdrawn = gradebook(course, "withdraw", "bo", "loop", "--why", "another's file")
    assert withdrawn.stdout == "1 withdrawn\n"
    assert "bo" not in gradebook(course, "show").stdout


def test_a_sheet_of_levels_is_added_up(course: Path) -> None:
    (course / "rubrics").mkdir()
    (course / "rubrics/essay.yaml").write_text(
        "title: Essay\nlevels: [None, Some, All]\n"
        "criteria: [{id: clear, title: Clear, points: 4, levels: [bad, fair, good]}]\n"
    )
    (course / "levels.csv").write_text("learner,clear,note\nada,1,more next time\n")
    told = gradebook(course, "points", "essay", "levels.csv", "--rubric", "essay")
    assert "1 added" in told.stdout, told.stderr
    assert "2 of 4" in gradebook(course, "show").stdout
    wrong = gradebook(course, "points", "essay", "levels.csv", "--rubric", "esay")
    assert wrong.returncode == 1
    assert "there is essay" in wrong.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show",), "gradebook.db: there is no gradebook"),
        (("statistics",), "gradebook.db: there is no gradebook"),
        (("import", "nothing.json"), "nothing.json: cannot be read"),
        (("import", "nothing.json", "--learner-from", "path"), "there are name and folder"),
        (("import", "nothing.json", "--handed-in", "now"), "is no time with its zone"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_makes_no_file(
    course: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = gradebook(course, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in course.iterdir()] == ["mkdocs.yml"]

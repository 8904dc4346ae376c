from pathlib import Path

import pytest

from course_utils.errors import CourseError
from course_utils.grade.entry import read_points
from course_utils.grade.rubric import Rubric, RubricError, load_rubric

ROOT = Path(__file__).parents[2]
RUBRIC = """\
title: Essay
levels: [None, Some, All]
criteria:
  - {id: clear, title: Clear, points: 4, levels: [bad, fair, good]}
  - {id: short, title: Short, points: 1, levels: [bad, fair, good]}
"""


@pytest.fixture
def rubric(tmp_path: Path) -> Rubric:
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "rubrics/essay.yaml").write_text(RUBRIC)
    return load_rubric(tmp_path, "essay")


def sheet(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text(text)
    return path


def test_levels_become_points_and_stay_on_record(rubric: Rubric, tmp_path: Path) -> None:
    rows = "learner,clear,short,note\nAda,1,2,fine\nbob,0,0,\n"
    ada, bob = read_points(sheet(tmp_path, rows), "essay", rubric)
    assert (ada.learner, ada.score, ada.max_score) == ("ada", 3, 5)
    assert ada.record["levels"] == {"clear": 1, "short": 2}
    assert ada.record["note"] == "fine"
    assert bob.score == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("learner,clear\nada,1\n", "names no column 'short'"),
        ("learner,clear,short\nada,3,1\n", r"sheet.csv:2: `clear` is '3': .* 0 to 2"),
        ("learner,clear,short\nada,1,\n", "`short` is ''"),
        ("learner,clear,short\nada,-1,0\n", "`clear` is '-1'"),
        ("learner,clear,short\nada,²,0\n", "`clear` is '²'"),
        ("learner,clear,short\nada,1,1\nAda,1,1\n", "listed twice"),
    ],
)
def test_a_sheet_that_makes_no_sense_is_refused(
    rubric: Rubric, tmp_path: Path, rows: str, message: str
) -> None:
    with pytest.raises(CourseError, match=message):
        read_points(sheet(tmp_path, rows), "essay", rubric)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: short", "id: clear", "must differ"),
        ("id: short", "id: note", "must differ"),
        ("points: 1, levels: [bad, fair, good]", "points: 1, levels: [bad, good]", "short needs 3"),
        ("points: 1", "points: none", r"rubrics/essay\.yaml:5: .*number"),
        ("title: Essay", "titel: Essay", r"essay\.yaml:1: "),
    ],
)
def test_a_malformed_rubric_is_named(
    rubric: Rubric, tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "rubrics/essay.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(RubricError, match=message):
        load_rubric(tmp_path, "essay")


def test_an_unknown_rubric_is_answered_with_those_there_are(rubric: Rubric, tmp_path: Path) -> None:
    with pytest.raises(RubricError, match="there is essay"):
        load_rubric(tmp_path, "esay")


def test_the_own_data_project_has_four_levels_of_each_criterion() -> None:
    found = load_rubric(ROOT, "own_data_project")
    assert len(found.levels) == 4
    assert found.max_points == 60
    for criterion in found.criteria:
        assert len(set(criterion.levels)) == 4
        worths = [criterion.worth(level) for level in range(4)]
        assert worths == sorted(set(worths))
        assert worths[-1] == criterion.points

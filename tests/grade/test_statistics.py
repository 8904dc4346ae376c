import random
from pathlib import Path

import pytest
from gradebook_samples import MONDAY, batch, graded, marked
from scipy.stats import pointbiserialr

from course_utils.grade.gradebook import Gradebook, Marking
from course_utils.grade.result import Item
from course_utils.grade.roster import Roster
from course_utils.grade.statistics import FEW, Statistics, statistics

LOOP, MODULE = Item("assignment", "loop"), Item("quiz", "module")


def stored(
    folder: Path, *records: dict[str, object], roster: Roster | None = None
) -> list[Marking]:
    with Gradebook(folder / "book.db") as book:
        book.add(batch(folder, *records, roster=roster).entries)
        return book.markings()


def discriminations(found: Statistics) -> dict[str, float | None]:
    return {item.id: item.discrimination for item in found.items}


def test_difficulty_is_the_mean_share_of_the_points(tmp_path: Path) -> None:
    records = [graded("a", 2, 0), graded("b", 1, 2), graded("c", 0, 2), graded("d", 2, 2)]
    found = statistics(stored(tmp_path, *records), LOOP)
    assert [(item.id, item.n, item.difficulty) for item in found.items] == [
        ("c0", 4, 0.625),
        ("c1", 4, 0.75),
    ]


def test_discrimination_is_the_point_biserial_one_with_the_rest(tmp_path: Path) -> None:
    chance = random.Random(5)
    marks = [[float(chance.random() < a) for a in (0.3, 0.5, 0.7, 0.8)] for _ in range(40)]
    records = [marked(f"l{n}", *scores) for n, scores in enumerate(marks)]
    found = statistics(stored(tmp_path, *records), MODULE)
    for number, item in enumerate(found.items):
        rest = [sum(scores) - scores[number] for scores in marks]
        wanted = pointbiserialr([scores[number] for scores in marks], rest).statistic
        assert item.discrimination == pytest.approx(wanted)
    assert found.warning == ""


def test_an_item_does_not_correlate_with_itself(tmp_path: Path) -> None:
    """Of two items, each is the other's rest: opposite ones discriminate with -1, not with 0."""
    records = [graded(f"l{n}", 2 * (n % 2), 2 - 2 * (n % 2)) for n in range(6)]
    found = statistics(stored(tmp_path, *records), LOOP)
    assert discriminations(found) == {"c0": pytest.approx(-1), "c1": pytest.approx(-1)}
    assert "is it right?" in found.items[0].note


def test_papers_that_differ_are_compared_by_share(tmp_path: Path) -> None:
    one = {"questions": [{"id": "x", "score": 1.0}, {"id": "y", "score": 1.0}]}
    other = {"questions": [{"id": "x", "score": 0.0}, {"id": "z", "score": 0.0}]}
    records = [marked(f"l{n}", 1, 1, **(one if n < 3 else other)) for n in range(6)]
    found = statistics(stored(tmp_path, *records), MODULE)
    assert {item.id: item.n for item in found.items} == {"x": 6, "y": 3, "z": 3}
    assert discriminations(found) == {"x": pytest.approx(1), "y": None, "z": None}


def test_only_the_first_attempt_is_read(tmp_path: Path) -> None:
    stored(tmp_path, graded("ada", 2, sha256="second"))
    earlier = Roster(at=MONDAY.replace(day=1))
    markings = stored(tmp_path, graded("ada", 0, sha256="first"), roster=earlier)
    assert statistics(markings, LOOP).items[0].difficulty == 0


def test_what_says_nothing_of_items_is_left_out_and_counted(tmp_path: Path) -> None:
    records = [
        graded("a", 2),
        graded("b", status="malformed", max_score=2),
        graded("c", 0, status="grader_error"),
        graded("d", 0, status="timeout"),
    ]
    found = statistics(stored(tmp_path, *records), LOOP)
    assert (found.learners, found.left_out) == (2, 2)
    assert found.items[0].difficulty == 0.5


def test_few_learners_are_warned_of(tmp_path: Path) -> None:
    markings = stored(tmp_path, *(graded(f"l{n}", 2 * (n % 2)) for n in range(FEW)))
    assert statistics(markings, LOOP).warning == ""
    found = statistics(markings[1:], LOOP)
    assert f"{FEW - 1} learners are few" in found.warning
    assert found.as_data()["warning"] == found.warning


def test_no_spread_has_no_discrimination(tmp_path: Path) -> None:
    found = statistics(stored(tmp_path, *(graded(f"l{n}", 2, n % 2) for n in range(5))), LOOP)
    assert discriminations(found) == {"c0": None, "c1": None}
    assert found.items[0].note == "everybody had it"


def test_nobody_has_no_items(tmp_path: Path) -> None:
    found = statistics(stored(tmp_path, graded("a", 1)), MODULE)
    assert (found.learners, found.items) == (0, [])

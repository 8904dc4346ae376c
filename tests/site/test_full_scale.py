"""Pocket beside full scale."""

import dataclasses
import json

import pytest

from course_utils.catalog import Lesson
from course_utils.site.errors import SiteError
from course_utils.site.executed import Execution
from course_utils.site.full_scale import full_scale_table

POCKET = Execution({"metrics": [{"name": "F1", "value": 0.5, "unit": ""}]}, {})


def test_parameters_of_both_scales_stand_side_by_side(lesson: Lesson) -> None:
    table = full_scale_table(lesson, POCKET)
    assert "| `checkpoint` | `'pocket/bert'` | `'real/bert'` |" in table
    assert "| `steps` | `10` | `900` |" in table
    assert "one GPU with 8 GB of memory and takes about 6 minutes" in table


def test_only_what_differs_is_in_the_table(lesson: Lesson) -> None:
    assert lesson.header.full is not None
    del lesson.header.full.parameters["steps"]
    assert "`steps`" not in full_scale_table(lesson, POCKET)


def test_without_a_recorded_run_it_says_so(lesson: Lesson) -> None:
    assert "**not yet run**" in full_scale_table(lesson, POCKET)


def test_recorded_results_stand_beside_the_pocket_ones(lesson: Lesson) -> None:
    path = lesson.root / "results" / "inference" / "words.json"
    path.parent.mkdir(parents=True)
    metrics = [
        {"name": "F1", "value": 0.91, "unit": ""},
        {"name": "size", "value": 9, "unit": "MB"},
    ]
    entry = {
        "metrics": metrics,
        "device": "NVIDIA H200",
        "seconds": 240,
        "versions": {"torch": "3"},
    }
    path.write_text(json.dumps(entry))
    table = full_scale_table(lesson, POCKET)
    assert "| F1 | 0.500 | 0.910 |" in table
    assert "| size | — | 9 MB |" in table
    assert "Full scale: Executed with torch 3 on NVIDIA H200 in 240 s." in table


def test_unreadable_results_are_named(lesson: Lesson) -> None:
    path = lesson.root / "results" / "inference" / "words.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(SiteError, match=r"^results/inference/words\.json cannot be read"):
        full_scale_table(lesson, POCKET)


def test_a_lesson_without_full_scale_cannot_ask_for_the_table(lesson: Lesson) -> None:
    header = lesson.header.model_copy(update={"full": None})
    with pytest.raises(SiteError, match=r"needs `full:` in the header"):
        full_scale_table(dataclasses.replace(lesson, header=header), POCKET)

"""Pocket beside full scale."""

import dataclasses
import json
from pathlib import Path

import pytest

from course_utils.catalog import Lesson, load_catalog
from course_utils.results import code_digest, path_of
from course_utils.site.errors import SiteError
from course_utils.site.executed import Execution, load_manifest
from course_utils.site.full_scale import full_scale_table
from course_utils.site.lesson_page import LessonPage

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


def record(lesson: Lesson, **changes: object) -> None:
    metrics = [
        {"name": "F1", "value": 0.91, "unit": ""},
        {"name": "size", "value": 9, "unit": "MB"},
    ]
    entry = {
        "code": code_digest(lesson),
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "executed_at": "2026-03-04T10:00:00Z",
        "seconds": 240,
        "device": "NVIDIA H200",
        "versions": {"torch": "3", "transformers": "9.1"},
        "metrics": metrics,
    }
    path = path_of(lesson)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entry | changes))


def test_recorded_results_stand_beside_the_pocket_ones(lesson: Lesson) -> None:
    record(lesson)
    table = full_scale_table(lesson, POCKET)
    assert "| F1 | 0.500 | 0.910 |" in table
    assert "| size | — | 9 MB |" in table
    assert table.endswith(
        "Full scale: Executed on 4 March 2026 with transformers 9.1, torch 3 "
        "on NVIDIA H200 in 240 s."
    )


def test_the_lessons_page_shows_them(project: Path, lesson: Lesson) -> None:
    def text() -> str:
        return LessonPage(lesson, load_catalog(project), load_manifest(project)).markdown()

    assert "Results at full scale: **not yet run**." in text()
    record(lesson)
    assert "not yet run" not in text()
    assert "| F1 | 0.500 | 0.910 |" in text()
    assert "on NVIDIA H200 in 240 s." in text()


def test_results_of_other_code_are_called_so(lesson: Lesson) -> None:
    record(lesson)
    lesson.source.write_text(lesson.text.replace("one two", "one two three"))
    changed = load_catalog(lesson.root).lesson(lesson.id)
    assert "**an earlier version** of this lesson (commit 0123456789)" in (
        full_scale_table(changed, POCKET)
    )


def test_prose_does_not_age_results(lesson: Lesson) -> None:
    record(lesson)
    lesson.source.write_text(lesson.text.replace("We count words.", "We count."))
    changed = load_catalog(lesson.root).lesson(lesson.id)
    assert "earlier version" not in full_scale_table(changed, POCKET)


def test_text_from_data_stays_text(lesson: Lesson) -> None:
    record(lesson, device="<script>", metrics=[{"name": "<b>|", "value": 1}])
    table = full_scale_table(lesson, POCKET)
    assert "&lt;script>" in table
    assert "| &lt;b>\\| | — | 1 |" in table


def test_unreadable_results_are_named(lesson: Lesson) -> None:
    path = lesson.root / "results" / "inference" / "words.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(SiteError, match=r"^results/inference/words\.json: Invalid JSON"):
        full_scale_table(lesson, POCKET)


def test_a_lesson_without_full_scale_cannot_ask_for_the_table(lesson: Lesson) -> None:
    header = lesson.header.model_copy(update={"full": None})
    with pytest.raises(SiteError, match=r"needs `full:` in the header"):
        full_scale_table(dataclasses.replace(lesson, header=header), POCKET)

import json
from pathlib import Path

import pytest
from conftest_run import Course

from course_utils.catalog import Lesson, load_catalog
from course_utils.run import Options
from course_utils.run.rehearsal import aliases_of, rehearsed

LESSONS = load_catalog(Path(__file__).parents[2]).lessons


def test_counts_stay_small_and_all_else_is_the_full_scale(course: Course) -> None:
    course.write("a", "print(size)")
    (lesson,) = course.catalog().lessons
    assert lesson.header.full is not None
    lesson.header.full.parameters.update(size=900)
    assert rehearsed(lesson) == {"size": 2}
    lesson.header.full.parameters.update(size=1.5)
    assert rehearsed(lesson) == {"size": 1.5}
    lesson.header.full.parameters.update(checkpoint="someone/model")
    assert rehearsed(lesson, to_learn=True) == {"checkpoint": "someone/model"}


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_every_real_id_of_a_lesson_has_a_stand_in(lesson: Lesson) -> None:
    assert lesson.header.full is not None
    real = {str(v) for v in lesson.header.full.parameters.values() if str(v).count("/") == 1}
    assert set(aliases_of([lesson])) == real


def test_a_rehearsal_leaves_the_pocket_run_alone(course: Course) -> None:
    course.write("a", "print(size)")
    course.run()
    report = course.run(Options(scale="full", rehearse=True))
    assert report.outcomes["part/a"].status == "ok"
    assert report.outcomes["part/a"].device.startswith("CPU")
    scales = {
        name: json.loads((course.root / name / "manifest.json").read_text())["scale"]
        for name in ("build", "build/rehearsal")
    }
    assert scales == {"build": "pocket", "build/rehearsal": "rehearsal"}
    assert course.why() == {"part/a": "nothing changed"}

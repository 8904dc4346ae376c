"""Runs at full scale on GPUs that a probe claims to see; kernels are replaced where one is needed.

That a kernel sees the GPU it was lent, only a GPU can show: `.github/workflows/gpu.yml` does.
"""

import threading
from dataclasses import dataclass, field

import pytest
from conftest_run import Course

from course_utils.catalog import load_catalog
from course_utils.results import load_recorded
from course_utils.run import Options, session
from course_utils.run.execute import Executed, Task
from course_utils.run.gpus import Gpu

FULL = Options(scale="full")
ONE = [Gpu("0", "T4", 15.8, 15.0)]
TWO = [*ONE, Gpu("1", "T4", 15.8, 15.0)]
WITHOUT = "{gpus: 0, memory_gb: 2, minutes: 1, timeout: 5}"
SHOW = """\
from course_utils.lesson import Result, show_results
show_results([Result('size', size)])"""


@dataclass
class Kernels:
    """Stands in for `execute`: notes what each lesson sees, and how many run at a time."""

    saw: dict[str, str] = field(default_factory=dict)
    at_once: int = 0
    most: int = 0
    error: str = ""
    together: threading.Barrier | None = None

    def execute(self, task: Task, *_: object) -> Executed:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.saw[task.lesson.id] = task.environment["CUDA_VISIBLE_DEVICES"]
        if self.together:
            self.together.wait(timeout=30)
        self.at_once -= 1
        return Executed(task.notebook, 1.0, self.error)


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> Kernels:
    kernels = Kernels()
    monkeypatch.setattr(session, "execute", kernels.execute)
    return kernels


def test_without_a_gpu_the_lessons_that_need_none_still_run(
    course: Course, kernels: Kernels
) -> None:
    course.write("a")
    course.write("b", resources=WITHOUT)
    report = course.run(FULL, lambda: [])
    assert not report.ok
    error = report.outcomes["part/a"].error
    assert error.startswith("lessons/part/a.py: needs a GPU with 8 GB of memory, and torch sees no")
    assert kernels.saw == {"part/b": ""}
    assert report.outcomes["part/b"].status == "ok"
    assert report.outcomes["part/b"].device.startswith("CPU")


def test_a_lesson_has_its_gpu_to_itself(course: Course, kernels: Kernels) -> None:
    for name in "abc":
        course.write(name)
    report = course.run(FULL, lambda: ONE)
    assert report.ok
    assert (kernels.most, set(kernels.saw.values())) == (1, {"0"})
    assert {outcome.device for outcome in report.outcomes.values()} == {"T4"}


def test_two_gpus_run_two_lessons(course: Course, kernels: Kernels) -> None:
    kernels.together = threading.Barrier(2)  # breaks unless both run at once
    for name in "ab":
        course.write(name)
    report = course.run(FULL, lambda: TWO)
    assert report.ok
    assert sorted(kernels.saw.values()) == ["0", "1"]


def test_a_lesson_may_need_two(course: Course, kernels: Kernels) -> None:
    course.write("a", resources="{gpus: 2, memory_gb: 8, minutes: 1, timeout: 5}")
    report = course.run(FULL, lambda: TWO)
    assert kernels.saw == {"part/a": "0,1"}
    assert report.outcomes["part/a"].device == "2 × T4"


def test_memory_that_something_else_uses_is_noticed_before_the_start(
    course: Course, kernels: Kernels
) -> None:
    course.write("a")
    report = course.run(FULL, lambda: [Gpu("0", "T4", 15.8, 2.0)])
    assert kernels.saw == {}
    assert "2.0 of 15.8 GB are free: end what else uses it" in report.outcomes["part/a"].error


def test_a_kernel_without_the_gpu_it_was_promised_fails(course: Course) -> None:
    course.write("a", "print(size)")
    report = course.run(FULL, lambda: [Gpu("", "T4", 15.8, 15.0)])
    assert (
        "RuntimeError: the kernel sees 0 GPUs of 1 that the lesson was promised"
        in report.outcomes["part/a"].error
    )


def test_the_pocket_scale_runs_on_a_gpu_beside_the_other_run(
    course: Course, kernels: Kernels
) -> None:
    course.write("a")
    report = course.run(Options(gpu=True), lambda: ONE)
    assert report.ok
    assert (kernels.saw, report.outcomes["part/a"].device) == ({"part/a": "0"}, "T4")
    assert (course.root / "build/pocket-on-gpu/manifest.json").exists()
    assert not (course.root / "build/manifest.json").exists()


def test_what_was_measured_with_the_users_own_hub_is_recorded(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": "/mine", "HF_TOKEN": "hf_mine"}
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    respected = f"import os\nassert {mine!r}.items() <= os.environ.items()"
    course.write("a", respected, SHOW, resources=WITHOUT)
    report = course.run(Options(scale="full", record=True))
    (lesson,) = load_catalog(course.root).lessons
    recorded = load_recorded(lesson)
    assert recorded is not None, course.events[-1]
    assert [metric["value"] for metric in recorded.metrics] == [9]
    assert recorded.device == report.outcomes["part/a"].device
    assert "torch" in recorded.versions


def test_only_a_success_that_is_to_be_recorded_is(course: Course, kernels: Kernels) -> None:
    course.write("a", resources=WITHOUT)
    (lesson,) = load_catalog(course.root).lessons
    course.run(FULL)
    assert load_recorded(lesson) is None
    course.run(Options(scale="full", record=True))
    before = load_recorded(lesson)
    assert before is not None
    kernels.error = "no good"
    assert not course.run(Options(scale="full", record=True)).ok
    assert load_recorded(lesson) == before

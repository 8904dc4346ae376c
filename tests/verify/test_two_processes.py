"""The PyTorch lessons are programs: two processes reach the losses of one with twice the batch."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jupytext
import pytest

from course_utils.catalog import Lesson, load_catalog
from course_utils.hub import launch
from course_utils.parameters import set_parameters

CATALOG = load_catalog(Path(__file__).parents[2])


class Case(NamedTuple):
    """A short run of a lesson, and the batch sizes that its three runs are given.

    `two` goes to the run on two processes, `one` to the single process that must have the same
    losses, `other` to one whose losses must differ. A lesson that shares each batch counts the
    batch of both processes in `two`, one that deals a batch to each counts that of one.
    """

    lesson: str
    short: dict[str, Any]
    losses: int  # how many are printed
    two: int
    one: int
    other: int


CASES = [
    Case(
        "tasks/translation/pytorch",
        {"max_steps": 20, "eval_steps": 20, "validation_size": 20, "test_size": 20},
        losses=4,
        two=16,
        one=16,
        other=8,
    ),
    Case(
        "tasks/summarisation/pytorch",
        {"max_steps": 20, "eval_steps": 20, "validation_size": 8, "test_size": 8},
        losses=4,
        two=8,
        one=8,
        other=4,
    ),
    Case(
        "tasks/token_classification/pytorch",
        {"max_steps": 6, "eval_steps": 3, "same_steps": 6, "dropout": 0.0},
        losses=6,
        two=2,
        one=4,
        other=2,
    ),
    *(
        Case(
            f"tasks/{task}/pytorch",
            {"max_steps": 6, "eval_steps": 3, "same_steps": 6},
            losses=6,
            two=2,
            one=4,
            other=2,
        )
        for task in ("causal_lm", "masked_lm", "question_answering")
    ),
]

pytestmark = pytest.mark.verify


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with launch() as running:
        yield running.endpoint


def losses(
    lesson: Lesson, settings: dict[str, Any], folder: Path, endpoint: str, processes: int
) -> list[float]:
    """The losses that the lesson prints when it runs as a program of so many processes."""
    folder.mkdir()
    notebook = lesson.notebook()
    set_parameters(lesson, notebook, settings)
    program = folder / "pytorch.py"
    program.write_text(jupytext.writes(notebook, fmt="py:percent"), encoding="utf-8")
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(folder / "hf-home"),
        "HF_HUB_DISABLE_XET": "1",
        "MPLBACKEND": "agg",
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": "1",
    }
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    done = subprocess.run(
        [sys.executable, *launcher, str(program)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (printed,) = re.findall(rf"^{processes} process\(es\): (.+)$", done.stdout, re.MULTILINE)
    return [float(figure) for figure in printed.split()]


@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's gloo is not built for Windows")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.lesson)
def test_two_processes_are_one_with_twice_the_batch(
    case: Case, endpoint: str, tmp_path: Path
) -> None:
    lesson = CATALOG.lesson(case.lesson)

    def run(name: str, batch_size: int, processes: int) -> list[float]:
        settings = case.short | {"batch_size": batch_size}
        return losses(lesson, settings, tmp_path / name, endpoint, processes)

    two, one = run("two", case.two, 2), run("one", case.one, 1)
    assert len(two) == case.losses
    # A mean of the processes' means, unweighted, is off by more than this.
    assert two == pytest.approx(one, rel=0, abs=1e-4)
    other = run("other", case.other, 1)
    assert two != pytest.approx(other, rel=1e-2), "the doubled batch makes no difference to see"

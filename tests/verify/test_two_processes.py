"""The PyTorch lessons are programs: two processes reach the losses of one with twice the batch."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jupytext
import pytest

from course_utils.catalog import Lesson, load_catalog
from course_utils.hub import launch
from course_utils.parameters import set_parameters

pytestmark = pytest.mark.verify

CATALOG = load_catalog(Path(__file__).parents[2])
STEPS = 6
SMALL = {"max_steps": STEPS, "eval_steps": 3, "same_steps": STEPS}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with launch() as running:
        yield running.endpoint


def losses(lesson: Lesson, folder: Path, endpoint: str, processes: int, batch: int) -> list[float]:
    """The losses that the lesson prints when it runs as a program of so many processes."""
    folder.mkdir()
    notebook = lesson.notebook()
    set_parameters(lesson, notebook, SMALL | {"batch_size": batch})
    program = folder / "pytorch.py"
    program.write_text(jupytext.writes(notebook, "py:percent"), encoding="utf-8")
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(folder / "hf-home"),
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
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (printed,) = re.findall(rf"^{processes} process\(es\): (.+)$", done.stdout, re.MULTILINE)
    return [float(figure) for figure in printed.split()]


@pytest.mark.parametrize("task", ["causal_lm", "question_answering"])
def test_two_processes_are_one_with_twice_the_batch(
    task: str, endpoint: str, tmp_path: Path
) -> None:
    lesson = CATALOG.lesson(f"tasks/{task}/pytorch")
    two = losses(lesson, tmp_path / "two", endpoint, processes=2, batch=2)
    one = losses(lesson, tmp_path / "one", endpoint, processes=1, batch=4)
    other = losses(lesson, tmp_path / "other", endpoint, processes=1, batch=2)
    assert len(two) == STEPS
    assert two == pytest.approx(one, rel=1e-3)
    assert two != pytest.approx(other, rel=1e-2), "the doubled batch makes no difference to see"

"""The lessons with a loop of their own are programs: two processes learn what one does."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jupytext
import pytest

from course_utils.catalog import load_catalog
from course_utils.hub import launch
from course_utils.parameters import set_parameters

CATALOG = load_catalog(Path(__file__).parents[2])
SMALL = {
    "tasks/translation/pytorch": {
        "max_steps": 20,
        "eval_steps": 20,
        "validation_size": 20,
        "test_size": 20,
    },
    "tasks/summarisation/pytorch": {
        "max_steps": 20,
        "eval_steps": 20,
        "validation_size": 8,
        "test_size": 8,
    },
}
# The losses over all processes are told from the page's other ones by their six decimals.
LOSS = re.compile(r"^step +(\d+): loss (\d+\.\d{6})$", re.MULTILINE)

pytestmark = pytest.mark.verify


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with launch() as running:
        yield running.endpoint


@pytest.mark.skipif(sys.platform == "win32", reason="torchrun's gloo is not built for Windows")
@pytest.mark.parametrize("lesson_id", SMALL)
def test_two_processes_have_the_losses_of_one(
    lesson_id: str, endpoint: str, tmp_path: Path
) -> None:
    """Each of the two takes half of every batch; one process takes all of it."""
    lesson = CATALOG.lesson(lesson_id)
    notebook = lesson.notebook()
    set_parameters(lesson, notebook, SMALL[lesson_id])
    program = tmp_path / "lesson.py"
    program.write_text(jupytext.writes(notebook, fmt="py:percent"), encoding="utf-8")

    def losses(*launcher: str) -> dict[int, float]:
        environment = {
            **os.environ,
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(tmp_path / "hf-home"),
            "HF_HUB_DISABLE_XET": "1",
            "CUDA_VISIBLE_DEVICES": "",
            "OMP_NUM_THREADS": "1",
            "MPLBACKEND": "agg",
        }
        command = [sys.executable, *launcher, str(program)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert f"process 0 of {2 if launcher else 1} is done" in done.stdout
        return {int(step): float(loss) for step, loss in LOSS.findall(done.stdout)}

    one = losses()
    two = losses("-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2")
    assert len(one) >= 4
    assert two == pytest.approx(one, abs=1e-4)

"""A learner's copy runs from top to bottom where only the package is installed."""

import os
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
DOWNLOADS = ROOT / "site/downloads"
NOTEBOOKS = sorted(DOWNLOADS.rglob("*.ipynb"))

pytestmark = pytest.mark.verify


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new environment that holds the wheel of the site, and what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    interpreter = folder / "bin/python"
    pip = [str(interpreter), "-m", "pip", "install", "--quiet"]
    index = os.environ.get("TORCH_INDEX")  # as in the Makefile
    torch = [f"torch=={version('torch').partition('+')[0]}"]
    subprocess.run([*pip, *torch, *(["--index-url", index] if index else [])], check=True)
    (wheel,) = DOWNLOADS.glob("*.whl")
    subprocess.run([*pip, "--constraint", ROOT / "constraints.txt", wheel], check=True)
    return interpreter


@pytest.mark.skipif(sys.platform == "win32", reason="the environment's layout is another there")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_learners_copy_runs(path: Path, python: Path, tmp_path: Path) -> None:
    spec = KernelSpec(
        argv=[str(python), "-I", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        language="python",
    )

    class Manager(KernelManager):
        """Starts kernels in the new environment."""

        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

    notebook = nbformat.read(path, as_version=4)
    keep = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    client = NotebookClient(notebook, kernel_manager_class=Manager, timeout=600)
    client.resources = {"metadata": {"path": str(tmp_path)}}
    folders = {"HF_HOME": str(tmp_path / "hf-home"), "COURSE_DATA": str(tmp_path / "written")}
    client.execute(env=keep | folders)
    unsolved = {
        number
        for number, cell in enumerate(notebook.cells)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }
    checks = {n for n, c in enumerate(notebook.cells) if "check" in c.metadata.get("tags", [])}
    assert unsolved == checks, "every check fails on its stub, and nothing else fails"


def test_there_is_a_copy_of_each_lesson() -> None:
    lessons = {path.relative_to(ROOT / "lessons") for path in (ROOT / "lessons").rglob("*.py")}
    copies = {path.relative_to(DOWNLOADS).with_suffix(".py") for path in NOTEBOOKS}
    assert copies == lessons

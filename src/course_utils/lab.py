"""JupyterLab on the lessons as notebooks, with the pocket Hub running."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import jupytext

from course_utils import hub
from course_utils.catalog import Catalog
from course_utils.errors import CourseError

__all__ = ["open_lab", "write_notebooks"]


def write_notebooks(catalog: Catalog, folder: Path) -> list[Path]:
    """Write every lesson as a notebook below `folder`; one that is already there is kept.

    Returns the paths of the notebooks written now.
    """
    written = []
    for lesson in catalog.lessons:
        target = folder / f"{lesson.id}.ipynb"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            jupytext.write(lesson.notebook(), target)
            written.append(target)
    return written


def open_lab(folder: Path) -> int:
    """Run JupyterLab on `folder` until the user ends it; returns its exit status.

    Raises:
        CourseError: JupyterLab is not installed.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise CourseError("JupyterLab is not installed: run `make lab`, which installs it")
    hub.start()
    command = [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(folder)]
    return subprocess.run(command, env=os.environ, check=False).returncode  # noqa: S603

"""What the tests of grading share."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from course_utils.grade import best_isolation, sandbox
from course_utils.grade.record import Isolation

COURSE = Path(__file__).parent / "course"
HONEST = """
import numpy as np

def add(a, b): return a + b
def total(values): return sum(values)
def label(texts): return ["long" if len(t) > 10 else "short" for t in texts]
def scale(rows): return np.array(rows) / np.max(rows)
def weigh(): return 10
"""


LEVELS: list[Isolation] = ["namespaces", "landlock", "none"]


def require(level: Isolation) -> None:
    """Skip where this machine has no such isolation; CI has, so there it is a failure."""
    best, why = best_isolation()
    if LEVELS.index(best) > LEVELS.index(level):
        message = f"{level}: not to be had here: {why}; .ci/run runs this"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


def sandbox_processes() -> list[int]:
    """Templates and workers that run for this process, or for a grader that is no more."""
    return [process.pid for process in psutil.process_iter() if _is_left(process)]


def _is_left(process: psutil.Process) -> bool:
    mark = str(sandbox.PACKAGE / "grade")
    try:
        if process.status() == psutil.STATUS_ZOMBIE or mark not in process.cmdline():
            return False
        above = [one for one in process.parents() if one.pid > 1 and mark not in one.cmdline()]
    except psutil.NoSuchProcess:
        return False
    return not above or os.getpid() in [one.pid for one in above]

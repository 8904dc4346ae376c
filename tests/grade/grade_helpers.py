"""What the tests of grading share."""

from __future__ import annotations

from pathlib import Path

import psutil

from course_utils.grade import sandbox

COURSE = Path(__file__).parent / "course"
HONEST = """
import numpy as np

def add(a, b): return a + b
def total(values): return sum(values)
def label(texts): return ["long" if len(t) > 10 else "short" for t in texts]
def scale(rows): return np.array(rows) / np.max(rows)
def weigh(): return 10
"""


def sandbox_processes() -> list[int]:
    """Templates and workers of this checkout that run, of whichever test."""
    mark = str(sandbox.PACKAGE / "grade")
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if mark in line and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found

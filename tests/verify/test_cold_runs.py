"""Two cold runs of every lesson measure the same."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from course_utils.catalog import load_catalog
from course_utils.run import Options, run_lessons

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.verify

Figures = dict[tuple[str, str], Any]


def cold_run(root: Path) -> Figures:
    """Execute every lesson in a copy of the course; the figures by lesson and name."""
    for part in ("lessons", "quizzes", "docs"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root)
    catalog = load_catalog(root)
    report = run_lessons(catalog, catalog.lessons, Options(jobs=2), lambda event: None)
    assert report.ok, {i: o.error for i, o in report.outcomes.items() if o.error}
    return {(i, m["name"]): m["value"] for i, o in report.outcomes.items() for m in o.metrics}


def test_two_cold_runs_measure_the_same(tmp_path: Path) -> None:
    first, second = cold_run(tmp_path / "first"), cold_run(tmp_path / "second")
    assert first
    assert second == pytest.approx(first, abs=1e-6)

"""What `course run` left behind: executed notebooks and the manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_utils.catalog import Lesson
from course_utils.site.errors import SiteError

__all__ = ["Execution", "Manifest", "executed_notebook", "load_manifest"]


@dataclass(frozen=True)
class Execution:
    """How a lesson ran: when, where, how long, with which versions, and what it measured."""

    entry: dict[str, Any]
    versions: dict[str, str]

    @property
    def sentence(self) -> str:
        """The line under a lesson's box: date, versions, device and seconds."""
        when = str(self.entry.get("executed_at", ""))
        date = f" on {_date(when)}" if when else ""
        names = [f"{name} {self.versions[name]}" for name in _NAMED if name in self.versions]
        tools = f" with {', '.join(names)}" if names else ""
        device = str(self.entry.get("device", "cpu"))
        place = "CPU" if device == "cpu" else device
        return f"Executed{date}{tools} on {place} in {_seconds(self.entry.get('seconds'))}."

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The figures the lesson stored."""
        return list(self.entry.get("metrics", []))


_NAMED = ("transformers", "torch")


@dataclass(frozen=True)
class Manifest:
    """The record of one `course run`."""

    lessons: dict[str, dict[str, Any]]
    versions: dict[str, str]

    def execution(self, lesson: Lesson) -> Execution:
        """The lesson's run.

        Raises:
            SiteError: it was not executed, or it failed.
        """
        entry = self.lessons.get(lesson.id)
        if entry is None:
            raise _not_executed(lesson)
        if entry.get("status") == "failed":
            raise SiteError(
                f"{lesson.file} failed when it was executed: mend it, then "
                f"run `course run {lesson.id}`"
            )
        return Execution(entry, entry.get("versions") or self.versions)


def load_manifest(root: Path) -> Manifest:
    """Read ``build/manifest.json``; without one, no lesson counts as executed.

    Raises:
        SiteError: the file is not the JSON that `course run` writes.
    """
    path = root / "build" / "manifest.json"
    if not path.is_file():
        return Manifest({}, {})
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(dict(data["lessons"]), dict(data.get("versions", {})))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SiteError(
            f"build/manifest.json cannot be read ({error}): delete it and run `course run`"
        ) from error


def executed_notebook(lesson: Lesson) -> NotebookNode:
    """The lesson as its source has it now, with the outputs of its last execution.

    Raises:
        SiteError: it was never executed, or its code changed since.
    """
    path = lesson.root / "build" / "notebooks" / f"{lesson.id}.ipynb"
    if not path.is_file():
        raise _not_executed(lesson)
    source = lesson.notebook()
    executed = nbformat.read(path, as_version=4)
    cells, ran = _code_cells(source), _code_cells(executed)
    if [cell.source.strip() for cell in cells] != [cell.source.strip() for cell in ran]:
        raise SiteError(
            f"{lesson.file} changed after it was executed: run `course run {lesson.id}`"
        )
    for cell, twin in zip(cells, ran, strict=True):
        cell.outputs = twin.outputs
    return source


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _not_executed(lesson: Lesson) -> SiteError:
    return SiteError(f"{lesson.file} is not executed yet: run `course run {lesson.id}`")


def _date(when: str) -> str:
    try:
        moment = datetime.fromisoformat(when)
    except ValueError:
        return when
    return f"{moment.day} {moment:%B %Y}"


def _seconds(seconds: object) -> str:
    if not isinstance(seconds, int | float):
        return "an unrecorded time"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"

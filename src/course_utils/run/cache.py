"""The store of outputs: an entry for each key that ran to its end."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_utils.run.files import write_whole

__all__ = ["Cache", "Entry"]

#: Entries kept for each lesson: enough to go back and forth between branches.
KEPT = 10


@dataclass(frozen=True)
class Entry:
    """The outputs of one run: a list of outputs per code cell, and how they came about."""

    parts: dict[str, str]
    reads: dict[str, str]
    outputs: list[list[dict[str, Any]]]
    seconds: float
    executed_at: str
    device: str
    versions: dict[str, str]

    def apply(self, notebook: NotebookNode) -> None:
        """Put the outputs into the code cells of `notebook`, in place."""
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for count, (cell, outputs) in enumerate(zip(code, self.outputs, strict=True), 1):
            cell.execution_count = count
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = count


@dataclass(frozen=True)
class Cache:
    """Entries in `folder`, one file each, named by lesson and key."""

    folder: Path

    def load(self, lesson_id: str, key: str) -> Entry | None:
        """The entry of that key, or None where there is none that can be read."""
        return _read(self._path(lesson_id, key))

    def newest(self, lesson_id: str) -> Entry | None:
        """The lesson's most recent entry, whatever its key."""
        entries = map(_read, self._files(lesson_id))
        return max(filter(None, entries), key=lambda entry: entry.executed_at, default=None)

    def store(self, lesson_id: str, key: str, entry: Entry) -> None:
        """Add or replace an entry, and drop the oldest ones beyond those kept.

        Raises:
            CourseError: the folder cannot be written.
        """
        content = {"sha256": _digest(asdict(entry)), "entry": asdict(entry)}
        write_whole(self._path(lesson_id, key), json.dumps(content, ensure_ascii=False))
        by_age = sorted(self._files(lesson_id), key=_age, reverse=True)
        for path in by_age[KEPT:]:
            path.unlink(missing_ok=True)

    def _files(self, lesson_id: str) -> list[Path]:
        return list((self.folder / lesson_id).glob("*.json"))

    def _path(self, lesson_id: str, key: str) -> Path:
        return self.folder / lesson_id / f"{key[:32]}.json"


def _age(path: Path) -> float:
    return path.stat().st_mtime


def _digest(entry: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _read(path: Path) -> Entry | None:
    """An entry that is cut short, damaged or of another shape counts as none."""
    try:
        content = json.loads(path.read_text("utf-8"))
        entry = content["entry"]
        return Entry(**entry) if _digest(entry) == content["sha256"] else None
    except (OSError, ValueError, TypeError, KeyError):
        return None

"""The store of outputs: an entry for each key that ran to its end. Files appear whole or not."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course_utils.errors import CourseError

__all__ = ["Cache", "Entry", "write_whole"]


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


@dataclass(frozen=True)
class Cache:
    """Entries in `folder`, one file each, named by lesson and key."""

    folder: Path

    def load(self, lesson_id: str, key: str) -> Entry | None:
        """The entry of that key, or None where there is none that can be read."""
        return _read(self._path(lesson_id, key))

    def newest(self, lesson_id: str) -> Entry | None:
        """The lesson's most recent entry, whatever its key."""
        entries = [_read(path) for path in self._path(lesson_id, "x").parent.glob("*.json")]
        found = [entry for entry in entries if entry]
        return max(found, key=lambda entry: entry.executed_at, default=None)

    def store(self, lesson_id: str, key: str, entry: Entry) -> None:
        """Add or replace an entry.

        Raises:
            CourseError: the folder cannot be written.
        """
        write_whole(self._path(lesson_id, key), json.dumps(asdict(entry), ensure_ascii=False))

    def _path(self, lesson_id: str, key: str) -> Path:
        return self.folder / lesson_id / f"{key[:32]}.json"


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one.

    Raises:
        CourseError: it cannot be written; the text names the file and why.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise CourseError(
            f"{path} cannot be written: {error.strerror}; free some space or mend the permissions"
        ) from error


def _read(path: Path) -> Entry | None:
    """An entry that is cut short or of another shape counts as none: the lesson runs again."""
    try:
        return Entry(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None

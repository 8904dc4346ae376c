"""Records kept by what decides them, so that nothing unchanged is marked twice."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import tempfile
from pathlib import Path

from pydantic import ValidationError

from course_utils.grade.assignment import Assignment
from course_utils.grade.keys import Keys
from course_utils.grade.record import Isolation, Record

__all__ = ["Store", "libraries"]

LIBRARIES = ("numpy", "torch", "transformers", "tokenizers", "safetensors", "pydantic")


class Store:
    """A folder of records, one file each; a kill at any time leaves whole files only."""

    def __init__(
        self, folder: Path, assignment: Assignment, keys: Keys, isolation: Isolation
    ) -> None:
        self._folder = folder / assignment.name
        private = [keys.text(name) for name in assignment.description.private]
        secret = keys.digest(keys.name, *private)
        decisive = (assignment.sha256, secret, isolation, environment())
        self._decisive = "\n".join(decisive)

    def get(self, sha256: str) -> Record | None:
        """The record of a submission with this hash, if it is there and whole."""
        try:
            return Record.model_validate_json(self._path(sha256).read_bytes())
        except (OSError, ValidationError):
            return None

    def put(self, record: Record) -> None:
        """Keep a record under the hash of its submission."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(record.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self._path(record.sha256))

    def _path(self, sha256: str) -> Path:
        key = hashlib.sha256(f"{sha256}\n{self._decisive}".encode()).hexdigest()
        return self._folder / f"{key}.json"


@functools.cache
def libraries() -> str:
    """Python, the machine and the libraries that decide what code comes to."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES]
    return "\n".join([f"{platform.python_version()} {platform.machine()}", *versions])


@functools.cache
def environment() -> str:
    """A hash of what else decides a mark: Python, the libraries, the grader's own code."""
    digest = hashlib.sha256(libraries().encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()

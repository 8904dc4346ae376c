"""The manifest: what ran, when, where and why, and the figures it gave."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from course_utils.lesson import RESULTS_MIME
from course_utils.run.files import write_whole

__all__ = ["metrics", "read_manifest", "versions", "write_manifest"]

REPORTED = ("torch", "transformers", "datasets", "tokenizers", "accelerate", "evaluate", "peft")


def versions() -> dict[str, str]:
    """The versions that readers are told."""
    found = {"python": platform.python_version()}
    for name in REPORTED:
        try:
            found[name] = importlib.metadata.version(name).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def metrics(notebook: NotebookNode) -> list[dict[str, Any]]:
    """All results that the notebook's cells showed, in order."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [row for output in outputs for row in output.get("data", {}).get(RESULTS_MIME, [])]


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest at `path`; an empty one where there is none that can be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {"lessons": {}}
    return found if isinstance(found, dict) and "lessons" in found else {"lessons": {}}


def write_manifest(
    path: Path, *, scale: str, device: str, lessons: dict[str, dict[str, Any]]
) -> None:
    """Write the manifest of `lessons`, by id.

    Raises:
        CourseError: it cannot be written.
    """
    manifest = {"scale": scale, "versions": versions(), "device": device, "lessons": lessons}
    write_whole(path, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")

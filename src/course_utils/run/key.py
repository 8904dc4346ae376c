"""The cache key of a lesson: everything its outputs depend on, and nothing else."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from course_utils.run.closure import PACKAGE, SOURCES, import_closure, imports

__all__ = ["changed_parts", "digest", "key_parts"]

#: Always part of the key, imported by name or not: lessons reach them through other libraries.
STACK = (
    "accelerate", "datasets", "ipykernel", "numpy", "safetensors", "tokenizers", "torch",
    "transformers",
)  # fmt: skip

#: Parts of our packages that lessons see through the Hub, by the digests of what they read.
SEEN_AS_READS = {"repos", "recipes"}


def key_parts(notebook: NotebookNode, scale: str, device: str) -> dict[str, str]:
    """What the outputs of `notebook` depend on, by name: a part that changes causes a new run."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    imported = set().union(*(imports(cell.source) for cell in code))
    ours = import_closure(imported)
    for path in ours.values():
        imported |= imports(path.read_text("utf-8"))
    parts = {
        "code": _hash(
            json.dumps([cell.source, sorted(cell.metadata.get("tags", []))]) for cell in code
        ),
        "scale": scale,
        "device": device,
        "Python": platform.python_version(),
        "CPU": cpu_features(),
    }
    parts |= dict(_versions(imported))
    parts |= {name: _source_hash(path) for name, path in ours.items()}
    return parts | {"the runner": _package_hash("run"), "the Hub": _package_hash("hub")}


def digest(parts: dict[str, str]) -> str:
    """One hash over all parts."""
    return _hash([json.dumps(parts, sort_keys=True)])


def changed_parts(before: dict[str, str], now: dict[str, str]) -> str:
    """What changed between two keys, in words."""
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return ", ".join(_change(name, before.get(name), now.get(name)) for name in names)


def _change(name: str, before: str | None, now: str | None) -> str:
    if before is None or now is None:
        return f"{name} {'no longer' if now is None else 'newly'} imported"
    is_hash = len(now) == 64
    return f"{name} changed" if is_hash else f"{name} {before} → {now}"


def _versions(imported: set[str]) -> Iterator[tuple[str, str]]:
    """The distributions of what is imported, and of the stack beneath, with their versions."""
    distributions = _distributions()
    tops = {name.split(".")[0] for name in imported} - {PACKAGE} - sys.stdlib_module_names
    for name in sorted({d for top in tops for d in distributions.get(top, [])} | set(STACK)):
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())


@cache
def cpu_features() -> str:
    """A hash of the processor's features: kernels of other instruction sets round differently."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return _hash([platform.machine(), flags])


def _package_hash(part: str) -> str:
    """A hash of the sources of one of our packages."""
    folder = SOURCES / part
    files = {path.relative_to(folder): path for path in sorted(folder.rglob("*.py"))}
    return _hash(
        f"{name.as_posix()} {_source_hash(path)}"
        for name, path in files.items()
        if not SEEN_AS_READS & set(name.parts)
    )


def _source_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hash(texts: Iterable[str]) -> str:
    hasher = hashlib.sha256()
    for text in texts:
        hasher.update(text.encode() + b"\0")
    return hasher.hexdigest()

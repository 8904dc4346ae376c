"""The cache key of a lesson: everything its outputs depend on, and nothing else."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import json
import platform
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

__all__ = ["changed_parts", "digest", "key_parts"]

PACKAGE = "course_utils"

#: Always part of the key, imported by name or not: lessons reach them through other libraries.
STACK = ("torch", "transformers", "tokenizers", "datasets", "safetensors", "numpy", "ipykernel")


def key_parts(notebook: NotebookNode, scale: str, device: str) -> dict[str, str]:
    """What the outputs of `notebook` depend on, by name: a part that changes causes a new run."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    imported = set(_imports("\n".join(cell.source for cell in code)))
    parts = {
        "code": _hash(
            json.dumps([cell.source, sorted(cell.metadata.get("tags", []))]) for cell in code
        ),
        "scale": scale,
        "device": device,
        "Python": platform.python_version(),
        "CPU": cpu_features(),
    }
    parts |= {name: version for name, version in _versions(imported)}
    parts |= {name: _source_hash(path) for name, path in import_closure(imported).items()}
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
        return f"{name} {'added' if before is None else 'gone'}"
    is_hash = len(now) == 64
    return f"{name} changed" if is_hash else f"{name} {before} → {now}"


def import_closure(imported: Iterable[str]) -> dict[str, Path]:
    """The `course_utils` modules that `imported` names reach, by module name."""
    found: dict[str, Path] = {}
    waiting = [name for name in imported if name.split(".")[0] == PACKAGE]
    while waiting:
        name = waiting.pop()
        path = _module_path(name)
        if path is not None and name not in found:
            found[name] = path
            waiting += [n for n in _imports(path.read_text("utf-8")) if n.split(".")[0] == PACKAGE]
    return found


def _imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(_without_magics(source))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _without_magics(source: str) -> str:
    return "\n".join("" if line.lstrip()[:1] in "%!" else line for line in source.splitlines())


def _module_path(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _versions(imported: set[str]) -> Iterator[tuple[str, str]]:
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


@cache
def _package_hash(part: str) -> str:
    """A hash of the sources of one of our packages; the checkpoints it holds are Hub reads."""
    folder = Path(__file__).parents[1] / part
    files = [p for p in sorted(folder.rglob("*.py")) if "repos" not in p.parts]
    return _hash(f"{p.relative_to(folder)} {_source_hash(p)}" for p in files)


@cache
def _source_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _hash(texts: Iterable[str]) -> str:
    hasher = hashlib.sha256()
    for text in texts:
        hasher.update(text.encode() + b"\0")
    return hasher.hexdigest()

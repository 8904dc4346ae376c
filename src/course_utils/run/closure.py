"""What a piece of code imports, and which of our own modules that reaches."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["PACKAGE", "import_closure", "imports"]

PACKAGE = "course_utils"
SOURCES = Path(__file__).parents[1]


def imports(source: str) -> set[str]:
    """The dotted names that `source` imports, notebook magics allowed; none where it is no Python.

    ``from a import b`` gives both ``a`` and ``a.b``, since `b` may be a module.
    """
    for text in (source, _without_magics(source)):
        try:
            return set(_imported(ast.parse(text)))
        except SyntaxError:
            continue
    return set()


def import_closure(names: Iterable[str], sources: Path = SOURCES) -> dict[str, Path]:
    """The modules of our package that the imported `names` reach, by dotted name.

    Importing a module also runs the packages around it. Nothing is imported to find out.
    """
    found: dict[str, Path] = {}
    waiting = [module for name in names for module in _modules(name, sources)]
    while waiting:
        name, path = waiting.pop()
        if name not in found:
            found[name] = path
            for imported in imports(path.read_text("utf-8")):
                waiting += _modules(imported, sources)
    return found


def _modules(name: str, sources: Path) -> Iterator[tuple[str, Path]]:
    """The module of that name in our package, and the packages it is in, where they exist."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return
    for length in range(1, len(parts) + 1):
        stem = sources.joinpath(*parts[1:length])
        for path in (stem / "__init__.py", stem.with_suffix(".py")):
            if path.is_file():
                yield ".".join(parts[:length]), path


def _imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _without_magics(source: str) -> str:
    """Shell and magic lines become `pass`, so that a block holding nothing else stays one."""
    lines = source.splitlines()
    return "\n".join(
        line[: len(line) - len(line.lstrip())] + "pass" if line.lstrip()[:1] in ("%", "!") else line
        for line in lines
    )

"""A lesson's parameters cell: what it assigns, and setting it to the values of another scale."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from typing import Any

from nbformat import NotebookNode

from course_utils.catalog import CatalogError, Lesson

__all__ = ["read_parameters", "set_parameters", "written_parameters"]


def written_parameters(lesson: Lesson, notebook: NotebookNode) -> dict[str, str]:
    """The expressions that the parameters cell assigns, by name, as Python writes them."""
    return {
        name: ast.unparse(expression)
        for cell in _parameter_cells(notebook)
        for name, expression in _assignments(_parsed(lesson, cell.source))
    }


def read_parameters(lesson: Lesson, notebook: NotebookNode) -> dict[str, Any]:
    """The plain values among them; what has to be computed is left out."""
    found = {}
    for name, text in written_parameters(lesson, notebook).items():
        with contextlib.suppress(ValueError):
            found[name] = ast.literal_eval(text)
    return found


def set_parameters(lesson: Lesson, notebook: NotebookNode, values: dict[str, Any]) -> None:
    """Replace what the parameters cell of `notebook` assigns to the names of `values`, in place.

    Raises:
        CatalogError: the lesson has no such cell, or it does not assign one of the names.
    """
    cells = _parameter_cells(notebook)
    if len(cells) != 1:
        raise CatalogError(
            f"{lesson.file}: needs one cell tagged parameters, has {len(cells)}: "
            'mark it `# %% tags=["parameters"]`'
        )
    assigned = dict(_assignments(_parsed(lesson, cells[0].source)))
    for name in values:
        if name not in assigned:
            raise CatalogError(
                f"{lesson.file}: full.parameters names {name!r}, which the parameters cell "
                f"does not assign: it has {', '.join(sorted(assigned)) or 'no plain assignment'}"
            )
    cells[0].source = _spliced(
        cells[0].source, {assigned[name]: repr(value) for name, value in values.items()}
    )


def _parameter_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]


def _parsed(lesson: Lesson, source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise CatalogError(
            f"{lesson.file}: the parameters cell is no Python: {error.msg}, in its line "
            f"{error.lineno}"
        ) from error


def _assignments(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Each name that the cell assigns a value of its own, with the expression of that value."""
    for node in module.body:
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from _pairs(node.target, node.value)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield from _pairs(node.targets[0], node.value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif (
        isinstance(target, ast.Tuple)
        and isinstance(value, ast.Tuple)
        and len(target.elts) == len(value.elts)
    ):
        for one, its_value in zip(target.elts, value.elts, strict=True):
            yield from _pairs(one, its_value)


def _spliced(source: str, replacements: dict[ast.expr, str]) -> str:
    """`source` with the text of some expressions replaced, from the last to the first."""
    lines = source.encode().splitlines(keepends=True)  # ast counts columns in bytes
    starts = [sum(map(len, lines[:n])) for n in range(len(lines))]
    text = b"".join(lines)
    for node in sorted(replacements, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        assert node.end_lineno is not None and node.end_col_offset is not None  # noqa: S101
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        text = text[:start] + replacements[node].encode() + text[end:]
    return text.decode()

"""Setting a lesson's parameters cell to the values of another scale."""

from __future__ import annotations

import ast
from typing import Any

from nbformat import NotebookNode

from course_utils.catalog import CatalogError, Lesson

__all__ = ["set_parameters"]


def set_parameters(lesson: Lesson, notebook: NotebookNode, values: dict[str, Any]) -> None:
    """Append assignments of `values` to the parameters cell of `notebook`, in place.

    Raises:
        CatalogError: the lesson has no such cell, or it does not assign one of the names.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise CatalogError(f"{lesson.file}: needs one cell tagged parameters, has {len(cells)}")
    assigned = assigned_names(cells[0].source)
    for name in values:
        if name not in assigned:
            raise CatalogError(
                f"{lesson.file}: full.parameters names {name!r}, which the parameters cell "
                f"does not assign: it has {', '.join(sorted(assigned))}"
            )
    lines = [f"{name} = {value!r}" for name, value in values.items()]
    cells[0].source = "\n".join([cells[0].source, *lines])


def assigned_names(source: str) -> set[str]:
    """The names assigned at the top level of `source`."""
    targets = [
        target
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
    ]
    return {node.id for t in targets for node in ast.walk(t) if isinstance(node, ast.Name)}

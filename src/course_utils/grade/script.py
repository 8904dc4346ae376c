"""The author's script: the reference solution, and the learner's copy of it with gaps.

One rule makes the copy: in a cell tagged ``solution`` each function and method keeps its
signature and docstring and loses its body; whatever else such a cell holds is left out. A cell
tagged ``reference`` is left out as a whole. All other cells are the same in both.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import jupytext
from nbformat import NotebookNode

__all__ = ["Task", "cells_of", "read_script", "story_of", "stub_of", "tasks_of"]

_GAP = "raise NotImplementedError  # your code here"


@dataclass(frozen=True)
class Task:
    """A function that the learner writes: its name, and the first line of its docstring."""

    name: str
    does: str


def read_script(text: str) -> NotebookNode:
    """A percent script as a notebook."""
    return jupytext.reads(text, fmt={"extension": ".py", "format_name": "percent"})


def cells_of(notebook: NotebookNode) -> list[str]:
    """The sources of the code cells."""
    return [str(cell.source) for cell in notebook.cells if cell.cell_type == "code"]


def story_of(notebook: NotebookNode) -> str:
    """The first Markdown cell without its title; empty where there is none."""
    cells = [str(cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    lines = cells[0].splitlines() if cells else []
    return "\n".join(line for line in lines if not line.startswith("# ")).strip()


def tasks_of(notebook: NotebookNode) -> list[Task]:
    """The functions in the cells tagged ``solution``, in order."""
    sources = [str(c.source) for c in notebook.cells if "solution" in c.metadata.get("tags", [])]
    nodes = [node for source in sources for node in ast.parse(source).body]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    return [Task(node.name, _first_line(node)) for node in functions]


def stub_of(path: Path) -> NotebookNode:
    """The learner's copy of the script at `path`."""
    notebook = read_script(path.read_text("utf-8"))
    kept: list[NotebookNode] = []
    for cell in notebook.cells:
        tags = cell.metadata.pop("tags", [])
        if "reference" in tags:
            continue
        if "solution" in tags and cell.cell_type == "code":
            cell.source = _with_gaps(cell.source)
        cell["id"] = f"cell-{len(kept)}"
        kept.append(cell)
    notebook.cells = kept
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
    }
    return notebook


def _with_gaps(source: str) -> str:
    lines = source.splitlines()
    parts = [_gapped(node, lines) for node in ast.parse(source).body]
    return "\n\n\n".join(part for part in parts if part)


def _gapped(node: ast.stmt, lines: list[str]) -> str:
    if isinstance(node, ast.ClassDef):
        head = lines[_first(node) - 1 : node.body[0].lineno - 1]
        if ast.get_docstring(node) is not None:
            head += lines[node.body[0].lineno - 1 : node.body[0].end_lineno]
        parts = [_gapped(member, lines) for member in node.body]
        return "\n".join(head) + "\n" + "\n\n".join(part for part in parts if part)
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return ""
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    end = first.end_lineno if documented else first.lineno - 1
    kept = lines[_first(node) - 1 : end]
    return "\n".join([*kept, " " * first.col_offset + _GAP])


def _first_line(node: ast.FunctionDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])

"""What a learner gets of an assignment: the copy with gaps, the public checks, the description."""

from __future__ import annotations

import ast
from pathlib import Path

import jupytext

from course_utils.grade.assignment import Assignment, AssignmentError, load_handout
from course_utils.grade.keys import Keys
from course_utils.grade.mark import Marker
from course_utils.grade.record import Record
from course_utils.grade.script import stub_of

__all__ = ["build_handout", "try_out"]


def build_handout(assignment: Assignment, folder: Path) -> Path:
    """Write the learner's folder ``folder/NAME``; what is there already is written over."""
    target = folder / assignment.name
    target.mkdir(parents=True, exist_ok=True)
    notebook = stub_of(assignment.folder / "solution.py")
    jupytext.write(notebook, target / f"{assignment.name}.ipynb")
    jupytext.write(notebook, target / f"{assignment.name}.py", fmt="py:percent")
    checks = _public_only((assignment.folder / "checks.py").read_text("utf-8"))
    (target / "checks.py").write_text(checks, "utf-8")
    description = (assignment.folder / "assignment.yaml").read_text("utf-8")
    (target / "assignment.yaml").write_text(description, "utf-8")
    return target


def try_out(path: Path) -> Record:
    """Run the public checks beside a learner's own work at `path`, in a process of its own.

    No sandbox is used, so this works everywhere, and is for one's own code alone.

    Args:
        path: the work: a notebook, a script or a folder.
    """
    place = path if path.is_dir() else path.parent
    if not (place / "checks.py").is_file():
        raise AssignmentError(f"{place}: no checks.py: keep your work in the assignment's folder")
    resources = place / ".resources"
    with Marker(load_handout(place), Keys("none", ""), "none", resources) as marker:
        return marker.mark(path, beside=True)


def _public_only(source: str) -> str:
    """The checks file without its hidden checks; helpers stay, comments between functions too."""
    lines = source.splitlines(keepends=True)
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.FunctionDef) and _is_hidden_check(node):
            first = min(decorator.lineno for decorator in node.decorator_list)
            del lines[first - 1 : node.end_lineno]
    return "".join(lines).rstrip() + "\n"


def _is_hidden_check(node: ast.FunctionDef) -> bool:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("check"):
            public = [k.value for k in decorator.keywords if k.arg == "public"]
            return not (public and ast.unparse(public[0]) == "True")
    return False

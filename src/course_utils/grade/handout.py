"""What a learner gets of an assignment: the copy with gaps, the public checks, the description."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
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
    """The checks file without its hidden checks, and without what only they use or say."""
    body = ast.parse(source).body
    kept = {id(node) for node in _reachable(body)}
    lines = source.splitlines(keepends=True)
    for node in reversed(body):
        if id(node) not in kept:
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
            while first > 1 and lines[first - 2].startswith("#"):
                first -= 1  # a comment belongs to what stands below it
            del lines[first - 1 : node.end_lineno]
    return re.sub(r"\n{4,}", "\n\n\n", "".join(lines)).rstrip() + "\n"


def _reachable(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements that public checks need: themselves, and what defines a name they use."""
    defined = {name: node for node in body for name in _defines(node)}
    found = [node for node in body if _is_check(node, public=True) or not _defines(node)]
    for node in found:  # grows on the way
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        uses = [defined[name] for name in sorted(names & set(defined))]
        found += [one for one in uses if one not in found and not _is_check(one, public=False)]
    return found


def _defines(node: ast.stmt) -> list[str]:
    """The names that a statement at the top binds; none for what must stay whatever is used."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign() | ast.AnnAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return [p.id for t in targets for p in ast.walk(t) if isinstance(p, ast.Name)]
        case ast.Import():
            return [(one.asname or one.name).partition(".")[0] for one in node.names]
        case ast.ImportFrom() if node.module != "__future__":
            return [one.asname or one.name for one in node.names]
    return []


def _is_check(node: ast.stmt, *, public: bool) -> bool:
    if not isinstance(node, ast.FunctionDef):
        return False
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("check"):
            said = [ast.unparse(k.value) for k in decorator.keywords if k.arg == "public"]
            return (said == ["True"]) is public
    return False

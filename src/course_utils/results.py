"""What lessons measured at full scale, kept as data under ``results/``: one file a lesson."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from course_utils.catalog import Lesson
from course_utils.errors import CourseError
from course_utils.parameters import set_parameters

__all__ = ["Recorded", "code_digest", "commit_of", "load_recorded", "path_of"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Recorded(_Strict):
    """One run at full scale: when, where, with what, and its figures.

    `code` is the digest of the code that ran. `commit` ends in ``+`` where files differed from it,
    and is empty where there was none.
    """

    code: str = Field(pattern=r"^[0-9a-f]{64}$")
    commit: str = Field(pattern=r"^([0-9a-f]{40,64}\+?)?$")
    executed_at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
    seconds: float = Field(ge=0)
    device: str = Field(min_length=1)
    versions: dict[str, str]
    metrics: list[dict[str, Any]]

    def as_text(self) -> str:
        """The file's text."""
        return json.dumps(self.model_dump(), indent=1, ensure_ascii=False) + "\n"


def path_of(lesson: Lesson) -> Path:
    """Where the lesson's results are kept."""
    return lesson.root / "results" / f"{lesson.id}.json"


def load_recorded(lesson: Lesson) -> Recorded | None:
    """What was recorded of the lesson; None where it was not yet run at full scale.

    Raises:
        CourseError: the file does not hold what a run writes.
    """
    path = path_of(lesson)
    if not path.is_file():
        return None
    try:
        return Recorded.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise CourseError(
            f"results/{lesson.id}.json: {f'{place}: ' if place else ''}{fault['msg']}: restore the "
            f"file, or record it anew with `course run {lesson.id} --scale full --record`"
        ) from error


def code_digest(lesson: Lesson) -> str:
    """A hash of the lesson's code with the full scale's parameters in it.

    Raises:
        CourseError: the lesson has no full scale, or its parameters do not fit its code.
    """
    full = lesson.header.full
    if full is None:
        raise CourseError(f"{lesson.file}: has no full scale: add `full:` to its header")
    notebook = lesson.notebook()
    set_parameters(lesson, notebook, full.parameters)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def commit_of(root: Path) -> str:
    """The commit that is checked out at `root`, with a ``+`` where files differ; empty without git.

    Results recorded before and not yet committed do not count as a difference.
    """
    head = _git(root, "rev-parse", "HEAD")
    if head is None or head.returncode:
        return ""
    changes = _git(root, "diff", "--quiet", "HEAD", "--", ".", ":(exclude)results")
    return head.stdout.strip() + ("+" if changes is None or changes.returncode else "")


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        return None

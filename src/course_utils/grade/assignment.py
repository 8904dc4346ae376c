"""An assignment: one folder with its description, reference solution, checks and mutants."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import hashlib
import importlib.util
import itertools
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from course_utils.catalog import assignment_folders
from course_utils.errors import CourseError
from course_utils.grade.check import Check, checks_of
from course_utils.grade.record import Pending
from course_utils.grade.script import Task, cells_of, read_script, story_of, stub_of, tasks_of
from course_utils.quiz.source import QuizError, Source

__all__ = [
    "Assignment",
    "AssignmentError",
    "Description",
    "Mutant",
    "find_assignment",
    "load",
    "load_all",
    "load_handout",
    "mutated",
]

FILES = ("assignment.yaml", "solution.py", "checks.py", "mutants.yaml")
Model = TypeVar("Model", bound=BaseModel)


class AssignmentError(CourseError):
    """An assignment's folder is malformed; the text names file, line and mend."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bounds(_Strict):
    """What one submission may use."""

    seconds: float = Field(default=60, gt=0, le=3600)
    call_seconds: float = Field(default=15, gt=0, le=3600)
    memory_gb: float = Field(default=2, gt=0, le=64)
    disk_mb: int = Field(default=64, gt=0, le=4096)
    reply_mb: float = Field(default=4, gt=0, le=256)
    processes: int = Field(default=32, ge=4, le=256)


class Part(_Strict):
    """A part of the rubric: checks by id, whose points it adds up, or points by the instructor.

    `wants` says what an instructor looks for.
    """

    title: str = Field(min_length=2)
    checks: list[str] = Field(default_factory=list)
    instructor: float = Field(default=0, ge=0)
    wants: str = ""

    @model_validator(mode="after")
    def _is_marked_by_one(self) -> Self:
        if bool(self.checks) == bool(self.instructor):
            raise ValueError("a part names checks, or gives the instructor's points: one of them")
        return self


class Late(_Strict):
    """What lateness costs: a share of the score each day begun, none after so many days."""

    per_day: float = Field(ge=0, le=1)
    days: int = Field(ge=0)


class Milestone(_Strict):
    """A step on the way, what it wants of the learner, and the public check that shows it done."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = Field(min_length=2)
    check: str
    wants: str = Field(min_length=2)


class WantedFile(_Strict):
    """A file that a submission's folder holds beside its code, and how large it may be.

    The reference solution, run as a program, writes those that are `made`.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    megabytes: float = Field(gt=0, le=256)
    required: bool = True
    made: bool = False


class Description(_Strict):
    """What ``assignment.yaml`` says; `private` are files that the instructor's keys must hold."""

    title: str = Field(min_length=3)
    objectives: dict[str, str] = Field(min_length=1)
    meets: list[str]
    minutes: int = Field(gt=0)
    rubric: list[Part] = Field(min_length=1)
    resources: list[str] = Field(default_factory=list)
    datasets: list[str] = Field(default_factory=list)
    warm: list[str] = Field(default_factory=lambda: ["numpy", "torch", "transformers"])
    files: list[WantedFile] = Field(default_factory=list)
    private: list[str] = Field(default_factory=list)
    limits: Bounds = Field(default_factory=Bounds)
    due: datetime.datetime | None = None
    late: Late | None = None
    attempts: Literal["best", "last"] = "best"
    max_attempts: int | None = Field(default=None, ge=1)
    milestones: list[Milestone] = Field(default_factory=list)


class Mutant(_Strict):
    """A wrong solution: each `replace` is exchanged for `by`; each check of `fails` must see it.

    The files of `writes` are made anew by it; the others are those of the reference.
    """

    name: str = Field(min_length=2)
    replace: str = Field(min_length=1)
    by: str
    fails: list[str] = Field(min_length=1)
    writes: list[str] = Field(default_factory=list)


class _Mutants(_Strict):
    mutants: list[Mutant] = Field(min_length=1)


@dataclass(frozen=True)
class Assignment:
    """An assignment, read and found to be in order."""

    name: str
    folder: Path
    description: Description
    checks: tuple[Check, ...]
    mutants: tuple[Mutant, ...]

    @property
    def max_score(self) -> float:
        """What the checks give in all."""
        return sum(check.points for check in self.checks)

    @property
    def pending(self) -> list[Pending]:
        """The parts that the instructor marks, which come on top."""
        parts = self.description.rubric
        return [
            Pending(title=one.title, max_points=one.instructor) for one in parts if one.instructor
        ]

    def summary(self) -> dict[str, object]:
        """The assignment as ``course assignment list --json`` gives it."""
        described = self.description.model_dump(mode="json")
        points = {check.id: check.points for check in self.checks}
        return {"name": self.name, "max_score": self.max_score, "points": points, **described}

    @cached_property
    def reference(self) -> tuple[str, ...]:
        """The code cells of the reference solution."""
        return tuple(cells_of(read_script(self.solution)))

    @cached_property
    def stub(self) -> tuple[str, ...]:
        """The code cells of the learner's copy."""
        return tuple(cells_of(stub_of(self.folder / "solution.py")))

    @cached_property
    def story(self) -> str:
        """What the script says first, below its title."""
        return story_of(read_script(self.solution))

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """The functions that the learner writes."""
        return tuple(tasks_of(read_script(self.solution)))

    @cached_property
    def solution(self) -> str:
        """The text of ``solution.py``."""
        return (self.folder / "solution.py").read_text("utf-8")

    @cached_property
    def sha256(self) -> str:
        """A hash of everything in the folder that decides a mark."""
        files = sorted(
            p for p in self.folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts
        )
        digest = hashlib.sha256()
        for path in files:
            name, data = path.relative_to(self.folder).as_posix(), path.read_bytes()
            digest.update(f"{name}\n{len(data)}\n".encode() + data)
        return digest.hexdigest()


def load_all(root: Path) -> list[Assignment]:
    """Every assignment below ``root/assignments``, by name."""
    return [load(path) for path in assignment_folders(root).values()]


def find_assignment(root: Path, name: str) -> Assignment:
    """The assignment `name` of the course in `root`.

    Raises:
        AssignmentError: there is none of that name, or it is malformed.
    """
    folders = assignment_folders(root)
    if name not in folders:
        near = difflib.get_close_matches(name, folders, n=1) or folders
        raise AssignmentError(
            f"there is no assignment {name!r}: there is {', '.join(near) or 'none'}"
        )
    return load(folders[name])


def load(folder: Path) -> Assignment:
    """Read the assignment in `folder` and hold its files against each other.

    Raises:
        AssignmentError: a file is missing or malformed.
    """
    for name in FILES:
        if not (folder / name).is_file():
            raise AssignmentError(f"assignments/{folder.name}/{name}: missing: add the file")
    where = _source(folder / "assignment.yaml")
    description = _model(Description, where)
    wrong = _source(folder / "mutants.yaml")
    mutants = _model(_Mutants, wrong).mutants
    checks = checks_of(_module(folder / "checks.py"))
    _check_rubric(description, checks, where)
    _check_mutants(folder, mutants, checks, wrong)
    return Assignment(folder.name, folder, description, tuple(checks), tuple(mutants))


def load_handout(folder: Path) -> Assignment:
    """Read a learner's folder: the description, and the public checks alone.

    Raises:
        AssignmentError: a file is missing or malformed.
    """
    description = _model(Description, _source(folder / "assignment.yaml"))
    checks = checks_of(_module(folder / "checks.py"))
    return Assignment(folder.name, folder, description, tuple(checks), ())


def mutated(assignment: Assignment, mutant: Mutant) -> str:
    """The text of a wrong solution."""
    return assignment.solution.replace(mutant.replace, mutant.by)


def _source(path: Path) -> Source:
    """A YAML file of an assignment; faults name it by its path from the course's folder."""
    folder = f"assignments/{path.parent.name}"
    try:
        return dataclasses.replace(Source.read(path), name=f"{folder}/{path.name}")
    except QuizError as error:
        raise AssignmentError(f"{folder}/{error}") from None


def _model(kind: type[Model], source: Source) -> Model:
    try:
        return kind.model_validate(source.data)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        keys = list(fault["loc"])
        place = ".".join(map(str, keys)) or "the file"
        raise _fault(source, keys, f"{place}: {fault['msg']}") from None


def _fault(source: Source, keys: Sequence[str | int], message: str) -> AssignmentError:
    return AssignmentError(str(source.fault(keys, message)))


def _module(path: Path) -> ModuleType:
    """Run the author's checks file as a module."""
    spec = importlib.util.spec_from_file_location(f"course_checks_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise AssignmentError(f"{_short(path)}: cannot be read as Python")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        line = (
            getattr(error, "lineno", None) or traceback.extract_tb(error.__traceback__)[-1].lineno
        )
        raise AssignmentError(f"{_short(path)}:{line}: {type(error).__name__}: {error}") from error
    return module


def _check_rubric(description: Description, checks: Sequence[Check], source: Source) -> None:
    """Each check stands once in the rubric; each milestone is shown by a public check."""
    ids = [check.id for check in checks]
    _refuse_twins(ids, f"{source.name}: checks.py has two checks")
    left = list(ids)
    for number, part in enumerate(description.rubric):
        for place, one in enumerate(part.checks):
            if one not in left:
                message = f"{one!r} is no check of checks.py that is left: there is {left}"
                raise _fault(source, ["rubric", number, "checks", place], message)
            left.remove(one)
    if left:
        raise _fault(source, ["rubric"], f"no part names {', '.join(left)}: add each to one")
    public = sorted(check.id for check in checks if check.public)
    for number, step in enumerate(description.milestones):
        if step.check not in public:
            message = f"{step.check!r} is no public check: there is {', '.join(public)}"
            raise _fault(source, ["milestones", number, "check"], message)
    _refuse_twins([step.id for step in description.milestones], f"{source.name}: two milestones")


def _check_mutants(
    folder: Path, mutants: Sequence[Mutant], checks: Sequence[Check], source: Source
) -> None:
    """Each mutant changes the solution in one place, and names checks that there are."""
    solution = (folder / "solution.py").read_text("utf-8")
    ids = {check.id for check in checks}
    for number, mutant in enumerate(mutants):
        found = solution.count(mutant.replace)
        if found != 1:
            text = f"{mutant.name}: solution.py holds the text to replace {found} times, not once"
            raise _fault(source, ["mutants", number, "replace"], text)
        for one in mutant.fails:
            if one not in ids:
                raise _fault(source, ["mutants", number, "fails"], f"there is no check {one!r}")
    _refuse_twins([mutant.name for mutant in mutants], f"{source.name}: two mutants are named")


def _refuse_twins(names: Sequence[str], what: str) -> None:
    for one, other in itertools.pairwise(sorted(names)):
        if one == other:
            raise AssignmentError(f"{what} {one!r}: rename one")


def _short(path: Path) -> str:
    return "/".join(path.parts[-3:])

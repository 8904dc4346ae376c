"""What the course contains: lessons, quizzes, assignments, from the files and mkdocs.yml's nav."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import jupytext
import yaml
from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from course_utils.errors import CourseError

__all__ = [
    "Catalog",
    "CatalogError",
    "Full",
    "Lesson",
    "LessonHeader",
    "Resources",
    "assignment_folders",
    "load_catalog",
]

Scale = Literal["pocket", "full"]
PathName = Literal["core", "elective", "walkthrough"]


class CatalogError(CourseError):
    """A lesson, a quiz or the nav is malformed or missing; the text names file, line and mend."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Resources(_Strict):
    """What a full-scale run needs: GPUs, memory of each in GB, expected and longest minutes."""

    gpus: int = Field(ge=0)
    memory_gb: float = Field(gt=0)
    minutes: float = Field(gt=0)
    timeout: float = Field(gt=0)


class Full(_Strict):
    """The full scale of a lesson: the values its parameters cell takes, and what it needs."""

    parameters: dict[str, Any]
    resources: Resources


class LessonHeader(_Strict):
    """The metadata under ``jupyter: course:`` at the top of a lesson file."""

    title: str = Field(min_length=3)
    path: PathName
    objectives: dict[str, str] = Field(min_length=1)
    meets: list[str]
    minutes: int = Field(gt=0, le=120)
    warm_up: list[str] = Field(default_factory=list)
    full: Full | None = None


@dataclass(frozen=True)
class Lesson:
    """One lesson: an entry of the nav and the percent script behind it."""

    id: str
    source: Path
    header: LessonHeader
    quiz: str | None
    root: Path = field(repr=False)

    @property
    def title(self) -> str:
        """The title shown in lists."""
        return self.header.title

    @property
    def part(self) -> str:
        """The top folder under ``lessons/``."""
        return self.id.split("/", 1)[0]

    @property
    def path(self) -> PathName:
        """Where the lesson stands: core, elective or walkthrough."""
        return self.header.path

    @property
    def scales(self) -> tuple[Scale, ...]:
        """The scales it runs at."""
        return ("pocket", "full") if self.header.full else ("pocket",)

    @property
    def file(self) -> str:
        """The source, relative to the project's root, as messages name it."""
        return self.source.relative_to(self.root).as_posix()

    @cached_property
    def text(self) -> str:
        """The source text."""
        return self.source.read_text(encoding="utf-8")

    def notebook(self) -> NotebookNode:
        """Read the source as a notebook; ``metadata.course`` holds the header."""
        notebook = jupytext.reads(self.text, fmt={"extension": ".py", "format_name": "percent"})
        notebook.metadata["course"] = self.header.model_dump(mode="json")
        return notebook

    def summary(self) -> dict[str, object]:
        """The lesson as ``course list --json`` gives it."""
        return {
            "id": self.id,
            "title": self.title,
            "part": self.part,
            "path": self.path,
            "source": self.file,
            "scales": list(self.scales),
            "quiz": self.quiz,
        }


@dataclass(frozen=True)
class Catalog:
    """All lessons in the order of the nav; by id quizzes, graded banks, assignments."""

    root: Path
    lessons: tuple[Lesson, ...]
    quizzes: dict[str, Path]
    banks: dict[str, Path] = field(default_factory=dict)
    assignments: dict[str, Path] = field(default_factory=dict)

    def lesson(self, lesson_id: str) -> Lesson:
        """Find a lesson by id.

        Raises:
            CatalogError: there is none of that id; the text names the nearest ones.
        """
        for lesson in self.lessons:
            if lesson.id == lesson_id:
                return lesson
        near = difflib.get_close_matches(lesson_id, [x.id for x in self.lessons], n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "`course list` shows all ids"
        raise CatalogError(f"there is no lesson {lesson_id!r}: {hint}")


def load_catalog(root: Path) -> Catalog:
    """Read the course below `root`.

    Raises:
        CatalogError: mkdocs.yml, a lesson or a quiz file is missing or malformed.
    """
    root = root.resolve()
    quizzes, banks = _quizzes(root)
    lessons = tuple(_lesson(root, lesson_id, quizzes) for lesson_id in _nav_ids(root))
    return Catalog(root, lessons, quizzes, banks, assignment_folders(root))


def assignment_folders(root: Path) -> dict[str, Path]:
    """The folder of each assignment below ``root/assignments``, by name."""
    found = sorted((root / "assignments").glob("*/assignment.yaml"))
    return {path.parent.name: path.parent for path in found}


class _NavLoader(yaml.SafeLoader):
    """Reads mkdocs.yml, whose `!ENV` and `!!python/name:` tags plain YAML does not know."""


_NavLoader.add_multi_constructor("!", lambda loader, suffix, node: None)
_NavLoader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)


def _nav_ids(root: Path) -> list[str]:
    config = root / "mkdocs.yml"
    try:
        nav = yaml.load(config.read_text(encoding="utf-8"), _NavLoader).get("nav", [])  # noqa: S506
    except FileNotFoundError:
        raise CatalogError(
            f"{root} holds no mkdocs.yml: run `course` inside the course's folder"
        ) from None
    except yaml.YAMLError as error:
        raise CatalogError(f"mkdocs.yml:{_yaml_place(error)}") from error
    pages = [page for page in _pages(nav) if page.startswith("lessons/")]
    return [page.removeprefix("lessons/").removesuffix(".py") for page in pages]


def _pages(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, list):
        for entry in nav:
            yield from _pages(entry)
    elif isinstance(nav, dict):
        for entry in nav.values():
            yield from _pages(entry)


_GRADED = re.compile(r"^kind:\s*graded\b", re.MULTILINE)


def _quizzes(root: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """Practice quizzes and banks, told apart by their `kind`."""
    folder = root / "quizzes"
    found: tuple[dict[str, Path], dict[str, Path]] = ({}, {})
    for path in sorted(folder.rglob("*.yaml")):
        graded = _GRADED.search(path.read_text(encoding="utf-8", errors="replace"))
        found[bool(graded)][path.relative_to(folder).with_suffix("").as_posix()] = path
    return found


def _lesson(root: Path, lesson_id: str, quizzes: dict[str, Path]) -> Lesson:
    source = root / "lessons" / f"{lesson_id}.py"
    if not source.is_file():
        raise CatalogError(
            f"mkdocs.yml: the nav names lessons/{lesson_id}.py, which does not exist: "
            "add the file or remove the entry"
        )
    header = _header(source, source.relative_to(root).as_posix())
    parent = lesson_id.rpartition("/")[0]
    quiz = next((name for name in (lesson_id, parent) if name in quizzes), None)
    return Lesson(lesson_id, source, header, quiz, root)


_HEADER = re.compile(r"\A# ---\n(?P<yaml>(?:#.*\n)*?)# ---\n")


def _header(source: Path, name: str) -> LessonHeader:
    match = _HEADER.match(source.read_text(encoding="utf-8"))
    if match is None:
        raise CatalogError(
            f"{name}:1: no header: a lesson starts with a YAML block between two lines '# ---'"
        )
    text = "".join(line[2:] or "\n" for line in match["yaml"].splitlines(keepends=True))
    try:
        tree = yaml.safe_load(text)
        course = tree["jupyter"]["course"]
    except yaml.YAMLError as error:
        raise CatalogError(f"{name}:{_yaml_place(error)}") from error
    except (KeyError, TypeError):
        raise CatalogError(
            f"{name}:2: the header has no 'jupyter: course:': put title, path, objectives, "
            "meets and minutes there"
        ) from None
    try:
        return LessonHeader.model_validate(course)
    except ValidationError as error:
        raise CatalogError(_first_fault(name, text, error)) from error


def _yaml_place(error: yaml.YAMLError) -> str:
    """The line of a YAML error and what is wrong there; line 1 of a lesson is its '# ---'."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "cannot be read"
    line = mark.line + 2 if mark else 1
    return f"{line}: YAML: {problem}; check indentation, quotes and colons"


def _first_fault(name: str, text: str, error: ValidationError) -> str:
    fault = error.errors()[0]
    keys = [str(key) for key in fault["loc"]]
    line = _line_of(text, keys)
    return f"{name}:{line}: course.{'.'.join(keys)}: {fault['msg']}"


def _line_of(text: str, keys: list[str]) -> int:
    """The file's line on which the deepest of `keys` that is there stands (block or flow style)."""
    lines, found = text.splitlines(), 0
    for key in ["course", *keys]:
        pattern = re.compile(rf"(^|[\s{{,]){re.escape(key)}\s*:")
        hits = (n for n in range(found, len(lines)) if pattern.search(lines[n]))
        found = next(hits, found)
    return found + 2

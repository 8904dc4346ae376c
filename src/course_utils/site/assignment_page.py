"""The page of an assignment: what to do, how it is marked, and the learner's files.

It is made from the assignment's description, its script's prose and its public checks: the
reference solution, the hidden checks and the mutants are in nothing that it gives.
"""

from __future__ import annotations

import datetime
import html
import io
import posixpath
import re
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from course_utils.catalog import Catalog
from course_utils.grade.assignment import Assignment, Description, Late, Part, WantedFile
from course_utils.grade.check import Check
from course_utils.grade.handout import build_handout
from course_utils.site.syllabus import sections_on

__all__ = ["AssignmentPage"]

_CODE = re.compile(r"`([^`]+)`")
_MARKS = re.compile(r"[*_\[\]\\]")  # which Markdown would read within HTML
_TIME = (2026, 1, 1, 0, 0, 0)  # equal contents are to make equal bytes

_MARKED = """\
*Public* checks are in your folder: run them as often as you like. *Hidden* checks call the same
functions with inputs that are drawn for your course and shown to nobody; what works on any input
passes them. A part that you leave open costs its own points alone."""

_TRY = """\
Unpack the folder, work in its notebook or script, and run the public checks from inside it:

```bash
pip install "course-utils[site] @ {wheel}"   # once
unzip {name}.zip
cd {name}
course assignment try {name}.ipynb
```

Each check says what it wanted and what came instead. The notebook's first cell starts the pocket
Hub on your machine, so nothing needs a network."""


@dataclass(frozen=True)
class AssignmentPage:
    """The page of one assignment; `wheel` is the address that the package is installed from."""

    assignment: Assignment
    catalog: Catalog
    wheel: str
    slots: list[str] = field(default_factory=list)

    @property
    def uri(self) -> str:
        """The page's source path on the site."""
        return f"assignments/{self.assignment.name}.md"

    @cached_property
    def downloads(self) -> dict[str, bytes]:
        """The learner's notebook, script and whole folder, by their paths on the site."""
        name = self.assignment.name
        with tempfile.TemporaryDirectory() as scratch:
            folder = build_handout(self.assignment, Path(scratch))
            files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        return {
            self._download(".zip"): _zipped(name, files),
            self._download(".ipynb"): files[f"{name}.ipynb"],
            self._download(".py"): files[f"{name}.py"],
        }

    def markdown(self) -> str:
        """The whole page."""
        said = self._said
        hints = "\n\n".join(_folded(check) for check in self.assignment.checks if check.public)
        parts = [
            f"# {_text(said.title)}",
            self.assignment.story,
            self._box(),
            f"## What you write\n\n{self._functions()}",
            f"## On the way\n\n{self._milestones()}" if said.milestones else "",
            f"## How it is marked\n\n{self._rubric()}\n\n{_MARKED}",
            f"## The public checks\n\nEach folds open to a hint.\n\n{hints}",
            f"## Try it\n\n{_TRY.format(name=self.assignment.name, wheel=self.wheel)}",
            f"## Hand in\n\n{_hand_in(said)}",
            f"## What your code may use\n\n{_bounds(said)}",
            self._taught(),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    @property
    def _said(self) -> Description:
        return self.assignment.description

    def _download(self, suffix: str) -> str:
        return f"downloads/assignments/{self.assignment.name}{suffix}"

    def _link(self, target: str) -> str:
        return posixpath.relpath(target, posixpath.dirname(self.uri))

    def _box(self) -> str:
        objectives = "\n".join(f"- {_text(text)}" for text in self._said.objectives.values())
        points = self.assignment.max_score + sum(p.max_points for p in self.assignment.pending)
        facts = [f"{points:g} points", f"about {self._said.minutes} minutes", _due(self._said.due)]
        shown = "".join(f"<li>{html.escape(fact)}</li>" for fact in facts)
        folder, notebook, script = (self._link(path) for path in self.downloads)
        return "\n\n".join(
            [
                '<div class="lesson-box" markdown="1">',
                "You show that you can",
                objectives,
                f'<ul class="lesson-facts">{shown}</ul>',
                f"[Download your folder]({folder}){{ .lesson-download download }}, or only the "
                f"[notebook]({notebook}){{ download }} or the [script]({script}){{ download }}",
                "</div>",
            ]
        )

    def _functions(self) -> str:
        rows = [
            f"| <code>{task.name.replace('_', '_<wbr>')}</code> | {_text(task.does)} |"
            for task in self.assignment.tasks
        ]
        told = "Your folder holds each with its signature, a full description and a gap."
        return "\n".join(["| Function | What it gives |", "|---|---|", *rows, "", told])

    def _milestones(self) -> str:
        titles = {check.id: check.title for check in self.assignment.checks}
        return "\n".join(
            f"1. **{_text(step.title)}.** {_text(step.wants)} "
            f"Shown by the public check *{_text(titles[step.check])}*."
            for step in self._said.milestones
        )

    def _rubric(self) -> str:
        checks = {check.id: check for check in self.assignment.checks}
        rows = [_row(part, checks) for part in self._said.rubric]
        return "\n".join(["| Part | Marked by | Points |", "|---|---|---|", *rows])

    def _taught(self) -> str:
        found = [
            f"- [{_text(one.title)}]({one.link(self._link(f'lessons/{one.lesson.id}.py'))})"
            for one in sections_on(self.catalog, [*self._said.objectives, *self._said.meets])
        ]
        return "\n".join(["## Where this is taught", "", *found]) if found else ""


def _row(part: Part, checks: Mapping[str, Check]) -> str:
    named = [checks[one] for one in part.checks]
    public = sum(check.public for check in named)
    counted = [_count(public, "public check"), _count(len(named) - public, "hidden check")]
    points = sum(check.points for check in named) + part.instructor
    by = ", ".join(filter(None, counted)) or f"your instructor: {_text(part.wants)}"
    return f"| {_text(part.title)} | {by} | {points:g} |"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def _folded(check: Check) -> str:
    points = _count(1, "point") if check.points == 1 else f"{check.points:g} points"
    return f'??? hint "{_text(check.title)} ({points})"\n    {_text(check.hint)}'


def _hand_in(said: Description) -> str:
    often = f"{said.max_attempts} times" if said.max_attempts else "as your instructor allows"
    lines = [
        f"- **What:** {_wanted(said.files)}",
        f"- **When:** {_due(said.due)}.{_late(said.late)}",
        f"- **How often:** {often}; the {said.attempts} counts.",
    ]
    told = (
        "Restart and run everything from the top before you hand in: names that only your session "
        "knows are missing where it is marked. Your instructor's rules go before the ones here."
    )
    return "\n".join([*lines, "", told])


def _wanted(files: list[WantedFile]) -> str:
    if not files:
        return "the notebook or the script, whichever you worked in."
    names = [
        f"`{file.name}` (at most {file.megabytes:g} MB{'' if file.required else ', if you like'})"
        for file in files
    ]
    return f"one folder with the notebook or the script, and {' and '.join(names)}."


def _due(due: datetime.datetime | None) -> str:
    return f"due {due.day} {due:%B %Y, %H:%M %Z}" if due else "your instructor says when it is due"


def _late(late: Late | None) -> str:
    if late is None:
        return ""
    share = f" Each day begun after that costs {late.per_day:.0%} of what you earned"
    return f"{share}; {_count(late.days, 'day')} late is the most that is accepted."


def _bounds(said: Description) -> str:
    limits = said.limits
    rows = {
        "Time": f"{limits.seconds:g} s in all, {limits.call_seconds:g} s for one call, on one core",
        "Memory": f"{limits.memory_gb:g} GB",
        "Files of its own": f"{limits.disk_mb} MB, gone when it ends",
        "Network, other programs": "none",
        "Checkpoints": ", ".join(f"`{name}`" for name in said.resources) or "none",
    }
    if said.datasets:
        names = ", ".join(f"`{name}`" for name in said.datasets)
        rows["Datasets"] = f"{names} in your notebook; marking hands your functions their data"
    table = "\n".join(f"| {what} | {most} |" for what, most in rows.items())
    return f"| | Where it is marked |\n|---|---|\n{table}"


def _zipped(folder: str, files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", _TIME), data)
    return out.getvalue()


def _text(text: str) -> str:
    """Text that may stand in a table, a title and a paragraph; `code` stays code."""
    plain, *rest = _CODE.split(" ".join(text.split()))
    parts = [_escaped(plain)]
    for code, after in zip(rest[::2], rest[1::2], strict=True):
        # As HTML: Markdown would escape a quoted mark once more, and a bare one ends a title.
        parts += ["<code>", _MARKS.sub(lambda m: f"&#{ord(m[0])};", _escaped(code)), "</code>"]
        parts.append(_escaped(after))
    return "".join(parts)


def _escaped(text: str) -> str:
    return html.escape(text, quote=True).replace("|", "&#124;")

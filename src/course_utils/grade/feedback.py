"""What a learner reads of a record: a page and the same as JSON. Hidden inputs are never in it."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from course_utils.grade.record import CheckResult, Record, Status

__all__ = ["Link", "feedback", "feedback_page", "write_feedback"]


@dataclass(frozen=True)
class Link:
    """A lesson's section to read; without `url` where the course is not published."""

    title: str
    url: str = ""


@dataclass(frozen=True)
class _Told:
    """What a status means to the learner, and what to do about it."""

    means: str
    do: str


_TOLD: dict[Status, _Told] = {
    "graded": _Told("Your work ran and every check was made.", ""),
    "timeout": _Told(
        "Your code ran longer than the assignment allows and was stopped.",
        "Look for a loop that never ends, for input() that waits for an answer, and for training "
        "with more steps than asked. Restart, run everything from the top, and time it. Checks "
        "that it did not reach have no points.",
    ),
    "memory": _Told(
        "Your code used more memory than the assignment allows and was stopped.",
        "Work in batches, do not keep every output or gradient (torch.no_grad() when you predict), "
        "and delete what you no longer need.",
    ),
    "crashed": _Told(
        "Your code ended before the checks were done.",
        "Restart and run everything from the top: names that only your session knew are missing "
        "here. Remove calls of exit(), and check that every file it opens is part of what you "
        "hand in.",
    ),
    "malformed": _Told(
        "What you handed in could not be read, so nothing was run.",
        "Hand in the file itself, saved and complete: a notebook or script that opens on your own "
        "machine, under the names that the assignment asks for.",
    ),
    "policy": _Told(
        "Your submission did something that the assignment does not allow, and was stopped.",
        "The work needs no network, no other processes and no files but its own: remove what "
        "reaches for them, and write to your instructor if you do not know what that is.",
    ),
    "grader_error": _Told(
        "The grader itself failed. This is not your mistake, and it is not a zero.",
        "You need not do anything: your work is kept and will be marked again.",
    ),
}

#: A page is read by people; a check's author should say it in less.
_MOST_TEXT = 4000
#: Control characters, and those that turn the direction of text round, can hide what stands there.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def feedback(record: Record, assignment_title: str, lessons: Sequence[Link] = ()) -> dict[str, Any]:
    """The feedback as plain values; `lessons` are those that teach what the assignment asks.

    Of a hidden check there are the author's words, title and hint, and whether it passed.
    """
    told = _TOLD[record.status]
    known = record.status != "grader_error"
    return {
        "assignment": record.assignment,
        "title": _clean(assignment_title),
        "submission": _clean(PurePosixPath(record.submission).name),
        "sha256": record.sha256,
        "status": record.status,
        "means": told.means,
        "do": told.do,
        "why": _clean(record.why) if _may_tell(record) else "",
        "score": record.score if known else None,
        "max_score": record.max_score,
        "demo": record.keys == "demo",
        "checks": [_check(check) for check in record.checks],
        "pending": [
            {"title": _clean(part.title), "max_points": part.max_points} for part in record.pending
        ],
        "lessons": [asdict(link) for link in lessons],
    }


def _may_tell(record: Record) -> bool:
    """Whether `why` can hold nothing that a process learnt from hidden inputs.

    A process chooses its exit status and what it writes on the grader's line; while no check was
    made it had seen no input.
    """
    if record.status == "grader_error":
        return False
    return record.status not in ("crashed", "policy") or not record.checks


def _check(check: CheckResult) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": _clean(check.title),
        "points": check.points,
        "max_points": check.max_points,
        "passed": check.passed,
        "public": check.public,
        "hint": "" if check.passed else _clean(check.hint),
        "detail": _clean(check.detail) if check.public and not check.passed else "",
    }


def _clean(text: str) -> str:
    shown = _UNSEEN.sub("\ufffd", text.replace("\r\n", "\n"))
    return shown if len(shown) <= _MOST_TEXT else f"{shown[:_MOST_TEXT]} …"


def feedback_page(told: Mapping[str, Any]) -> str:
    """The feedback as one HTML page, which loads nothing else."""
    checks = told["checks"]
    return _template().render(
        told=told,
        failed=[check for check in checks if not check["passed"]],
        passed=[check for check in checks if check["passed"]],
    )


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["points"] = lambda points: f"{round(points, 2):g}"
    return environment.get_template("feedback.html")


def write_feedback(
    record: Record, assignment_title: str, folder: Path, lessons: Sequence[Link] = ()
) -> Path:
    """Write a page and a JSON file of the same name into `folder`; returns the page's path.

    The name is made of the submission's and of its content's hash, so that two submissions do
    not share one. A file is there whole or not at all.
    """
    told = feedback(record, assignment_title, lessons)
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{_file_name(record)}.html"
    text = json.dumps(told, indent=2, ensure_ascii=False)
    _write(page.with_suffix(".json"), f"{text}\n")
    _write(page, feedback_page(told))
    return page


def _file_name(record: Record) -> str:
    stem = re.sub(r"[^\w@+-]+", "-", PurePosixPath(record.submission).name).strip("-")
    return f"{stem[:80] or 'submission'}-{(record.sha256 or 'unread')[:12]}"


def _write(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".feedback-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

"""Whose submission it is and when it was handed in, by a rule or from the instructor's list."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from course_utils.errors import CourseError

__all__ = ["Handed", "Roster", "RosterError", "load_roster", "parse_time", "read_rows", "tidy_id"]

#: The part of a submission's path that is the learner's id.
Rule = Literal["name", "folder"]


class RosterError(CourseError):
    """It cannot be told whose a submission is; the text names it and the mend."""


@dataclass(frozen=True)
class Handed:
    """A submission's learner, and when it was handed in, if that is known."""

    learner: str
    at: datetime | None


@dataclass(frozen=True)
class Roster:
    """Answers whose a submission is.

    By `rule` the learner's id is the last part of the path, without the ending of a file
    (``name``), or the folder which that part lies in (``folder``). Where there is a `listed` file,
    it alone decides. `at` is the time for all submissions that the list gives none.
    """

    rule: Rule = "name"
    at: datetime | None = None
    source: str = ""
    listed: dict[str, Handed] = field(default_factory=dict)

    def find(self, submission: str) -> Handed:
        """The learner of `submission`, a path as it was given to the grader.

        Raises:
            RosterError: the list does not name it, or the path holds no id.
        """
        path = PurePosixPath(submission.replace("\\", "/"))
        if not self.source:
            return Handed(tidy_id(self._by_rule(path), f"submission {submission!r}"), self.at)
        found = self.listed.get(str(path)) or self.listed.get(path.name)
        if found is None:
            raise RosterError(f"{self.source} does not list {submission!r}: add a row for it")
        return Handed(found.learner, found.at or self.at)

    def _by_rule(self, path: PurePosixPath) -> str:
        if self.rule == "folder":
            return path.parent.name
        return path.stem if path.suffix in _ENDINGS else path.name


#: Other dots belong to the name: jo.smith is a learner.
_ENDINGS = {".py", ".ipynb", ".json", ".zip"}


def load_roster(path: Path, at: datetime | None = None) -> Roster:
    """Read a CSV file with the columns ``submission``, ``learner`` and, if wanted, ``handed_in``.

    Raises:
        RosterError: it cannot be read or a row makes no sense; the text names file and line.
    """
    listed: dict[str, Handed] = {}
    for place, row in read_rows(path, ("submission", "learner")):
        key = str(PurePosixPath(row["submission"].replace("\\", "/")))
        if key in listed:
            raise RosterError(f"{place}: {key!r} is listed twice: keep one row")
        when = row.get("handed_in", "")
        time = parse_time(when, place) if when else None
        listed[key] = Handed(tidy_id(row["learner"], place), time)
    return Roster(at=at, source=path.name, listed=listed)


def read_rows(path: Path, columns: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """The rows of a CSV file, each with its place; cells are trimmed, and missing ones empty.

    Raises:
        RosterError: it cannot be read, or lacks one of `columns`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True, restval="")
            missing = [column for column in columns if column not in (reader.fieldnames or ())]
            if missing:
                raise RosterError(
                    f"{path.name}:1: the first line names no column {missing[0]!r}: it must have "
                    f"{', '.join(columns)}"
                )
            return [
                (f"{path.name}:{reader.line_num}", {k: v.strip() for k, v in row.items() if k})
                for row in reader
            ]
    except OSError as error:
        raise RosterError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise RosterError(f"{path}: no CSV file in UTF-8 ({error})") from error


def parse_time(text: str, place: str) -> datetime:
    """Read a time with its zone, such as ``2026-12-04T18:00+01:00``; `place` is for the message.

    Raises:
        RosterError: it is none, or has no zone.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise RosterError(
            f"{place}: {text!r} is no time with its zone: write it as 2026-12-04T18:00+01:00"
        )
    return time


def tidy_id(text: str, place: str) -> str:
    """A learner's id in one spelling: trimmed, in small letters, accents composed.

    Raises:
        RosterError: nothing is left, or it holds what cannot be printed.
    """
    tidy = unicodedata.normalize("NFC", text).strip().lower()
    if not tidy or not tidy.isprintable() or len(tidy) > 200:
        raise RosterError(f"{place}: {text!r} is no learner's id: name the learner in a CSV file")
    return tidy

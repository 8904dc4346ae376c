"""What the gradebook takes in: records of assignments and of quizzes, each with its learner."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from course_utils.errors import CourseError
from course_utils.grade.record import Record, Status
from course_utils.grade.roster import Handed, Roster, read_rows, tidy_id
from course_utils.grade.rubric import Rubric

__all__ = ["Batch", "Entry", "EntryError", "Kind", "QuizRecord", "read_entries", "read_points"]

#: `instructor` is what the instructor gives for an assignment beside its checks.
Kind = Literal["assignment", "instructor", "quiz"]

#: What may differ between two runs that come to the same marks.
_INCIDENTAL = ("submission", "file", "seconds")


class EntryError(CourseError):
    """A file of records cannot be taken in; the text names file, record and mend."""


class _QuestionMark(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    objective: str = ""
    score: FiniteFloat = Field(ge=0, le=1)


class QuizRecord(BaseModel):
    """A record of ``course quiz mark --json``, as far as the gradebook reads it.

    A practice quiz has neither learner nor attempt nor status.
    """

    model_config = ConfigDict(frozen=True)

    quiz: str = Field(min_length=1)
    file: str
    sha256: str = ""
    status: Literal["marked", "rejected"] = "marked"
    why: str = ""
    learner: str | None = None
    attempt: int | None = None
    score: FiniteFloat | None = Field(default=None, ge=0)
    max_score: FiniteFloat | None = Field(default=None, ge=0)
    questions: list[_QuestionMark] = Field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """One marking of one submission, ready to be stored.

    `sitting` is the attempt that a quiz's paper was drawn for, empty for assignments. `digest`
    is equal for two markings that say the same.
    """

    kind: Kind
    item: str
    learner: str
    sha256: str
    sitting: str
    handed_in: datetime | None
    status: Status
    score: float
    max_score: float
    record: dict[str, Any]

    @property
    def digest(self) -> str:
        """The hash of all that the entry says but for what differs from run to run."""
        said = {key: value for key, value in self.record.items() if key not in _INCIDENTAL}
        when = self.handed_in.timestamp() if self.handed_in else None
        return _hash([self.kind, self.item, self.learner, self.sha256, self.sitting, when, said])


@dataclass(frozen=True)
class Batch:
    """What a file of records holds: entries, and a line for each file that was rejected.

    A rejected file of responses is nobody's attempt: whose it says it is was not believed.
    """

    entries: list[Entry]
    rejected: list[str]


def read_entries(path: Path, roster: Roster) -> Batch:
    """Read the records in a file of ``course grade --json`` or ``course quiz mark --json``.

    Raises:
        EntryError: the file holds something else, or one id for the work of several people.
        RosterError: it cannot be told whose a submission is.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise EntryError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise EntryError(f"{path}: no readable JSON ({error})") from error
    records: list[Any] = data if isinstance(data, list) else [data]
    places = [f"{path}: record {number}" for number in range(1, len(records) + 1)]
    read = [_entry(*pair, roster) for pair in zip(records, places, strict=True)]
    entries = [entry for entry in read if isinstance(entry, Entry)]
    _forbid_shared_names(path, entries, roster)
    return Batch(entries, [why for why in read if isinstance(why, str)])


def _entry(data: Any, place: str, roster: Roster) -> Entry | str:
    if not isinstance(data, dict) or ("assignment" in data) == ("quiz" in data):
        raise EntryError(
            f"{place}: names neither an assignment nor a quiz: give what `course grade --json` or "
            "`course quiz mark --json` wrote"
        )
    try:
        entry = _graded(data, roster) if "assignment" in data else _quizzed(data, place, roster)
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise EntryError(f"{place}: {key}: {fault['msg']}; mark the submission again") from error
    if isinstance(entry, Entry) and not 0 <= entry.score <= entry.max_score + 1e-9 < math.inf:
        raise EntryError(
            f"{place}: score: {entry.score} is not among 0 to {entry.max_score}: mark it again"
        )
    return entry


def _graded(data: dict[str, Any], roster: Roster) -> Entry:
    record = Record.model_validate(data)
    handed = roster.find(record.submission)
    return Entry(
        kind="assignment",
        item=record.assignment,
        learner=handed.learner,
        sha256=record.sha256 or _hash(record.submission),
        sitting="",
        handed_in=handed.at,
        status=record.status,
        score=record.score,
        max_score=record.max_score,
        record=data,
    )


def _quizzed(data: dict[str, Any], place: str, roster: Roster) -> Entry | str:
    record = QuizRecord.model_validate(data)
    if record.status == "rejected" or record.score is None or record.max_score is None:
        return f"{record.file}: {record.why}"
    handed = _handed_quiz(record, place, roster)
    said = [[question.id, question.score] for question in record.questions]
    return Entry(
        kind="quiz",
        item=record.quiz,
        learner=handed.learner,
        sha256=record.sha256 or _hash(said),
        sitting="" if record.attempt is None else str(record.attempt),
        handed_in=handed.at,
        status="graded",
        score=record.score,
        max_score=record.max_score,
        record=data,
    )


def _handed_quiz(record: QuizRecord, place: str, roster: Roster) -> Handed:
    """The learner whom the responses name; where there is a list, it must say the same."""
    if record.learner is None:
        return roster.find(record.file)
    named = tidy_id(record.learner, place)
    if not roster.source:
        return Handed(named, roster.at)
    handed = roster.find(record.file)
    if handed.learner != named:
        raise EntryError(
            f"{place}: {record.file} says that it is {named}'s, and {roster.source} that "
            f"{handed.learner} handed it in: ask them"
        )
    return handed


def read_points(path: Path, assignment: str, rubric: Rubric | None = None) -> list[Entry]:
    """Read the points that the instructor gives for `assignment`, beside those of its checks.

    A CSV file with the columns ``learner``, ``points``, ``of`` and, if wanted, ``note``; with a
    `rubric` a level for each of its criteria, counted from 0, in place of points.

    Raises:
        EntryError: it cannot be read, or a row makes no sense.
        RosterError: a learner's id makes no sense.
    """
    rows = read_rows(path, rubric.columns[:-1] if rubric else ("learner", "points", "of"))
    entries = [
        _levels(row, place, assignment, rubric) if rubric else _points(row, place, assignment)
        for place, row in rows
    ]
    learners = [entry.learner for entry in entries]
    for (place, _), learner in zip(rows, learners, strict=True):
        if learners.count(learner) > 1:
            raise EntryError(f"{place}: {learner!r} is listed twice: keep one row")
    return entries


def _points(row: dict[str, str], place: str, assignment: str) -> Entry:
    learner = tidy_id(row["learner"], place)
    try:
        points, most = float(row["points"]), float(row["of"])
    except ValueError:
        points = most = -1.0
    if not 0 <= points <= most < math.inf:
        raise EntryError(f"{place}: `points` and `of` must be numbers, from 0 to `of`")
    record = {"points": points, "of": most, "note": row.get("note", "")}
    return _given(assignment, learner, record)


def _levels(row: dict[str, str], place: str, assignment: str, rubric: Rubric) -> Entry:
    learner, levels, points = tidy_id(row["learner"], place), {}, 0.0
    highest = len(rubric.levels) - 1
    for criterion in rubric.criteria:
        said = row[criterion.id]
        if not (said.isascii() and said.isdecimal() and int(said) <= highest):
            raise EntryError(
                f"{place}: `{criterion.id}` is {said!r}: write a level from 0 to {highest}"
            )
        levels[criterion.id] = int(said)
        points += criterion.worth(int(said))
    record = {"points": round(points, 4), "of": rubric.max_points, "note": row.get("note", "")}
    return _given(assignment, learner, record | {"levels": levels})


def _given(assignment: str, learner: str, record: dict[str, Any]) -> Entry:
    return Entry(
        kind="instructor",
        item=assignment,
        learner=learner,
        sha256=_hash([assignment, learner]),
        sitting="",
        handed_in=None,
        status="graded",
        score=record["points"],
        max_score=record["of"],
        record=record,
    )


def _forbid_shared_names(path: Path, entries: list[Entry], roster: Roster) -> None:
    """Folders of equal file names must not become the attempts of one learner called notebook."""
    if roster.source or roster.rule != "name":
        return
    folders: dict[tuple[str, str], set[PurePosixPath]] = {}
    for entry, submission in _by_path(entries):
        folders.setdefault((entry.item, entry.learner), set()).add(submission.parent)
    for (_, learner), found in folders.items():
        if len(found) > 1:
            raise EntryError(
                f"{path}: submissions of different folders are all called {learner!r}: take the "
                "folder's name with --learner-from folder, or list them in a CSV file"
            )


def _by_path(entries: list[Entry]) -> Iterator[tuple[Entry, PurePosixPath]]:
    for entry in entries:
        if entry.kind == "assignment":
            yield entry, PurePosixPath(str(entry.record["submission"]).replace("\\", "/"))


def _hash(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

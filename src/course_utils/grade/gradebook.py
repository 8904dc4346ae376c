"""The gradebook: an SQLite file to which markings are added, and from which none is ever taken."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self, cast

from filelock import FileLock
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    create_engine,
    event,
    select,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

from course_utils.errors import CourseError
from course_utils.grade.entry import Entry, Kind
from course_utils.grade.record import Status

__all__ = ["Added", "Gradebook", "GradebookError", "Marking"]

#: Raised when the tables change; a gradebook of another version is not touched.
VERSION = 1
#: How long a writer waits for another one, in seconds.
PATIENCE = 60

_metadata = MetaData()
#: One row a marking. The rows of one submission are its markings, and the last of them holds.
_markings = Table(
    "markings",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("item", String, nullable=False),
    Column("learner", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("marking", Integer, nullable=False),
    Column("sitting", String, nullable=False),
    Column("handed_in", String),  # ISO 8601 in UTC, as is `added`
    Column("status", String, nullable=False),
    Column("score", Float, nullable=False),
    Column("max_score", Float, nullable=False),
    Column("digest", String, nullable=False),
    Column("record", JSON, nullable=False),
    Column("added", String, nullable=False),
    UniqueConstraint("kind", "item", "learner", "sha256", "marking"),
)

_REFUSE = """\
CREATE TRIGGER markings_refuse_{name} BEFORE {what} ON markings {when}
BEGIN SELECT RAISE(ABORT, 'the gradebook only takes additions'); END"""
#: `INSERT OR REPLACE` deletes without asking the trigger for deletions.
_KNOWN = """WHEN EXISTS (SELECT 1 FROM markings m WHERE m.id = NEW.id OR (
  m.kind = NEW.kind AND m.item = NEW.item AND m.learner = NEW.learner
  AND m.sha256 = NEW.sha256 AND m.marking = NEW.marking))"""
_TRIGGERS = (
    _REFUSE.format(name="update", what="UPDATE", when=""),
    _REFUSE.format(name="delete", what="DELETE", when=""),
    _REFUSE.format(name="replace", what="INSERT", when=_KNOWN),
)


class GradebookError(CourseError):
    """The gradebook cannot be used as asked; the text names the file and the mend."""


@dataclass(frozen=True)
class Marking:
    """The marking of a submission that holds, and the time the submission was handed in.

    `status` is ``withdrawn`` where the instructor took the submission out of the count.
    """

    id: int
    kind: Kind
    item: str
    learner: str
    sha256: str
    sitting: str
    handed_in: datetime | None
    status: Status | Literal["withdrawn"]
    score: float
    max_score: float
    record: dict[str, Any]


@dataclass(frozen=True)
class Added:
    """What an import did: markings added, known already, and known but replaced since then."""

    new: int = 0
    known: int = 0
    replaced: int = 0


class Gradebook:
    """Opens the gradebook in `path`, made anew where there is none; close it when done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.parent.is_dir():
            raise GradebookError(f"{path}: there is no folder {path.parent}: make it first")
        self._engine = _engine(path)
        try:
            self._prepare()
        except DatabaseError as error:
            self._engine.dispose()
            raise GradebookError(
                f"{path} is no gradebook or cannot be written ({error.orig}): name another file"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def _prepare(self) -> None:
        """Make the tables, once, however many processes open a new gradebook together."""
        with FileLock(f"{self.path}.lock"), self._engine.begin() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if version not in (0, VERSION):
                raise GradebookError(
                    f"{self.path} is a gradebook of version {version}, and this course writes "
                    f"version {VERSION}: use the course_utils that made it"
                )
            if version == 0:
                _metadata.create_all(connection, checkfirst=False)
                for trigger in _TRIGGERS:
                    connection.exec_driver_sql(trigger)
                connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")

    def add(self, entries: Sequence[Entry], again: bool = False) -> Added:
        """Add the entries that are not known yet: all of them, or none if one cannot be.

        A marking that says the same as an earlier one is not added. Where a later marking has
        replaced it, it is counted as such, and with `again` it is added and holds again.
        """
        added = Added()
        with self._write() as connection:
            for entry in entries:
                digests = _digests(connection, entry)
                if digests and digests[-1] == entry.digest:
                    added = replace(added, known=added.known + 1)
                elif entry.digest in digests and not again:
                    added = replace(added, replaced=added.replaced + 1)
                else:
                    _insert(connection, entry, len(digests) + 1)
                    added = replace(added, new=added.new + 1)
        return added

    def withdraw(self, learner: str, item: str, why: str) -> int:
        """Take a learner's submissions to an item out of the count; returns how many.

        Nothing is erased: a marking of its own says that they were withdrawn, and `why`.

        Raises:
            GradebookError: there is none.
        """
        with self._write() as connection:
            found = [
                marking
                for marking in _latest(connection)
                if (marking.learner, marking.item) == (learner, item)
            ]
            for marking in found:
                _withdraw(connection, marking, why)
        if not found:
            raise GradebookError(
                f"{self.path} holds no submission of {learner!r} to {item!r}: "
                "`course gradebook show` lists what there is"
            )
        return len(found)

    def markings(self) -> list[Marking]:
        """The marking that holds, of every submission that was not withdrawn, as first added."""
        with self._engine.connect() as connection:
            return _latest(connection)

    def history(self) -> int:
        """How many markings were ever added."""
        with self._engine.connect() as connection:
            return len(connection.execute(select(_markings.c.id)).all())

    def _write(self) -> Any:
        return self._engine.execution_options(course_write=True).begin()


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _begin)
    return engine


def _connected(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes too late: a writer must look up and add under one lock.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("course_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _same_submission(entry: Entry | Marking) -> Any:
    row = _markings.c
    same = (row.kind == entry.kind) & (row.item == entry.item)
    return same & (row.learner == entry.learner) & (row.sha256 == entry.sha256)


def _digests(connection: Connection, entry: Entry | Marking) -> list[str]:
    """The digests of the submission's markings, oldest first."""
    query = select(_markings.c.digest).where(_same_submission(entry)).order_by(_markings.c.marking)
    return list(connection.execute(query).scalars())


def _insert(connection: Connection, entry: Entry, marking: int) -> None:
    connection.execute(
        _markings.insert().values(
            kind=entry.kind,
            item=entry.item,
            learner=entry.learner,
            sha256=entry.sha256,
            marking=marking,
            sitting=entry.sitting,
            handed_in=_as_text(entry.handed_in),
            status=entry.status,
            score=entry.score,
            max_score=entry.max_score,
            digest=entry.digest,
            record=json.loads(json.dumps(entry.record)),
            added=_as_text(datetime.now(UTC)),
        )
    )


def _withdraw(connection: Connection, marking: Marking, why: str) -> None:
    number = len(_digests(connection, marking)) + 1
    connection.execute(
        _markings.insert().values(
            kind=marking.kind,
            item=marking.item,
            learner=marking.learner,
            sha256=marking.sha256,
            marking=number,
            sitting=marking.sitting,
            handed_in=None,
            status="withdrawn",
            score=0,
            max_score=marking.max_score,
            digest=f"withdrawn {number}",
            record={"why": why},
            added=_as_text(datetime.now(UTC)),
        )
    )


def _latest(connection: Connection) -> list[Marking]:
    """The last marking of each submission not withdrawn, with the time that was last given."""
    latest: dict[tuple[str, ...], Marking] = {}
    for row in connection.execute(select(_markings).order_by(_markings.c.id)).mappings():
        marking = _marking(row)
        key = (marking.kind, marking.item, marking.learner, marking.sha256)
        earlier = latest.get(key)
        if earlier is not None:
            when = marking.handed_in or earlier.handed_in
            marking = replace(marking, id=earlier.id, handed_in=when)
        latest[key] = marking
    return [marking for marking in latest.values() if marking.status != "withdrawn"]


def _marking(row: RowMapping) -> Marking:
    when = row["handed_in"]
    return Marking(
        id=row["id"],
        kind=cast(Kind, row["kind"]),
        item=row["item"],
        learner=row["learner"],
        sha256=row["sha256"],
        sitting=row["sitting"],
        handed_in=datetime.fromisoformat(when) if when else None,
        status=row["status"],
        score=row["score"],
        max_score=row["max_score"],
        record=row["record"],
    )


def _as_text(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None

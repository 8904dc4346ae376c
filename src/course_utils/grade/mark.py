"""Marking one submission: its values are asked for in the sandbox and judged here."""

from __future__ import annotations

import copy
import os
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from course_utils.grade.assignment import Assignment
from course_utils.grade.check import Check, CheckFailed, Trial
from course_utils.grade.inside import values
from course_utils.grade.inside.template import Limits
from course_utils.grade.keys import Keys
from course_utils.grade.record import CheckResult, Isolation, Record, Status
from course_utils.grade.resources import CACHE_INSIDE, lay_out
from course_utils.grade.sandbox import (
    CallError,
    Sandbox,
    SandboxError,
    Setting,
    Worker,
    WorkerLostError,
    printable,
)
from course_utils.grade.store import Store
from course_utils.grade.submission import Refused, Submission, hash_of, read_submission

__all__ = ["Marker"]

RESTARTS = 3


class Marker:
    """Marks submissions to one assignment, from any thread: its sandbox stays warm between them."""

    def __init__(
        self, assignment: Assignment, keys: Keys, isolation: Isolation, folder: Path
    ) -> None:
        """`folder` is where what may be used again is kept, such as the checkpoints shown."""
        self.assignment = assignment
        self.keys = keys
        self.isolation: Isolation = isolation
        self.folder = folder
        self._sandbox = Sandbox(_setting(assignment, isolation, folder))
        self._reference = _Reference(self._start, assignment)

    def mark(self, path: Path, store: Store | None = None, *, beside: bool = False) -> Record:
        """Read and mark what is at `path`, or find its record in `store`; there is always one.

        `beside` as in `read_submission`.
        """
        started = time.monotonic()
        try:
            submission = read_submission(path, self.assignment.description.files, beside=beside)
            known = store.get(submission.sha256) if store else None
            record = known or self.mark_cells(submission)
        except Refused as error:
            record, known = self._record(error.status, error.why, [], hash_of(path)), None
        except Exception as error:
            record, known = self._record("grader_error", _of_the_grader(error), [], ""), None
        given = {"submission": _printable(path)}
        if known is not None:
            return known.model_copy(update=given)
        seconds = round(time.monotonic() - started, 3)
        record = record.model_copy(update={**given, "seconds": seconds})
        if store is not None and record.status not in ("malformed", "grader_error"):
            store.put(record)
        return record

    def mark_cells(self, submission: Submission, only: Sequence[Check] | None = None) -> Record:
        """Mark code already read, by all checks or `only` some."""
        chosen = self.assignment.checks if only is None else only
        with _Run(self, submission) as run:
            try:
                results = [run.result(check) for check in chosen]
            except Exception as error:
                return self._record("grader_error", _of_the_grader(error), [], submission.sha256)
            return self._record(run.status, run.why, results, submission.sha256)

    def close(self) -> None:
        """End the sandbox."""
        self._reference.close()
        self._sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> Worker:
        return self._sandbox.worker(int(self.assignment.description.limits.reply_mb * 1e6))

    def _record(
        self, status: Status, why: str, results: Sequence[CheckResult], sha256: str
    ) -> Record:
        return Record(
            assignment=self.assignment.name,
            submission="",
            sha256=sha256,
            status=status,
            why=why,
            score=sum(result.points for result in results),
            max_score=self.assignment.max_score,
            checks=list(results),
            pending=self.assignment.pending,
            seconds=0,
            isolation=self.isolation,
            keys=self.keys.name,
        )


class _Reference:
    """The reference solution in a sandbox of its own, each distinct question asked of it once."""

    def __init__(self, start: Callable[[], Worker], assignment: Assignment) -> None:
        self._start = start
        self._assignment = assignment
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._known: dict[str, Any] = {}

    def ask(self, name: str, *arguments: Any) -> Any:
        """What it returns; a failure of it is the grader's own."""
        question = values.dumps([name, list(arguments)]).decode("ascii")
        with self._lock:
            if question not in self._known:
                self._known[question] = self._answer(name, arguments)
            return copy.deepcopy(self._known[question])

    def _answer(self, name: str, arguments: Sequence[Any]) -> Any:
        limits = self._assignment.description.limits
        try:
            if self._worker is None:
                self._worker = self._start()
                self._worker.load(self._assignment.reference, {}, limits.seconds)
            return self._worker.call(name, arguments, limits.seconds)
        except (CallError, WorkerLostError) as error:
            raise RuntimeError(f"the reference solution's {name} failed: {error}") from None

    def close(self) -> None:
        """End its process."""
        if self._worker is not None:
            self._worker.close()


class _Run:
    """One submission's way through the checks; a process that was lost is replaced for the next."""

    def __init__(self, marker: Marker, submission: Submission) -> None:
        self.status: Status = "graded"
        self.why = ""
        self._marker = marker
        self._submission = submission
        self._limits = marker.assignment.description.limits
        self._left = self._limits.seconds
        self._worker: Worker | None = None
        self._lost: list[WorkerLostError] = []
        self._loaded = False
        self._answered = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def result(self, check: Check) -> CheckResult:
        """Run one check; a hidden one shows nothing of what came back."""
        share, detail = self._share(check)
        passed = share >= 1
        return CheckResult(
            id=check.id,
            title=check.title,
            points=round(check.points * share, 4),
            max_points=check.points,
            passed=passed,
            public=check.public,
            hint="" if passed else check.hint,
            detail=detail if check.public else "",
        )

    def _share(self, check: Check) -> tuple[float, str]:
        """The share of the points that the check gives, from 0 to 1, and what was amiss."""
        marker, self._answered = self._marker, False
        chance = marker.keys.random(marker.assignment.name, check.id)
        reference = _no_reference if check.public else marker._reference.ask
        trial = Trial(self._ask, reference, chance, self._submission.files, marker.keys)
        try:
            found = check.run(trial)
        except (CheckFailed, AssertionError, CallError) as error:
            return 0.0, printable(str(error)[:1000])
        except WorkerLostError as error:
            self._note(error)
            return 0.0, error.why
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            if not self._answered:
                raise  # no value of the submission was looked at: the check itself is wrong
            return 0.0, f"what was returned is not what was asked for ({type(error).__name__})"
        return (1.0 if found is None else min(1.0, max(0.0, float(found)))), ""

    def _ask(self, name: str, *arguments: Any) -> Any:
        answer = self._ready().call(name, arguments, self._seconds(self._limits.call_seconds))
        self._answered = True
        return answer

    def _ready(self) -> Worker:
        """The submission's process with its code run; a lost one is replaced a few times."""
        if self._worker is not None:
            return self._worker
        if self._lost and not (self._loaded and len(self._lost) <= RESTARTS):
            raise self._lost[-1]
        self._loaded = False
        self._worker = self._marker._start()
        cells, files = self._submission.cells, self._submission.files
        first = self._worker.load(cells, files, self._seconds(self._limits.seconds))
        self._loaded = True
        if self.status == "graded":
            self.why = first
        return self._worker

    def _seconds(self, wished: float) -> float:
        left = self._left - (self._worker.spent if self._worker is not None else 0)
        if left <= 0:
            raise WorkerLostError("timeout", f"over {self._limits.seconds:g} s in all")
        return min(wished, left)

    def _note(self, error: WorkerLostError) -> None:
        """Remember the first loss, which is the record's status."""
        if self.status == "graded":
            self.status, self.why = error.reason, error.why
        self._lost.append(error)
        self._drop()

    def _drop(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            self._left -= worker.spent
            worker.close()


def _no_reference(name: str, *_: Any) -> Any:
    raise RuntimeError(f"a public check asks the reference for {name}: learners do not have it")


def _setting(assignment: Assignment, isolation: Isolation, folder: Path) -> Setting:
    description = assignment.description
    limits = description.limits
    shown: tuple[tuple[Path, str], ...] = ()
    environment = {}
    if description.resources:
        cache = lay_out(description.resources, folder)
        inside = CACHE_INSIDE if isolation == "namespaces" else str(cache)
        shown, environment = ((cache, CACHE_INSIDE),), {"HF_HOME": inside}
    return Setting(
        isolation,
        Limits(
            memory=int(limits.memory_gb * 1e9),
            disk=limits.disk_mb * 1_000_000,
            cpu_seconds=int(limits.seconds) + 5,
            processes=limits.processes,
        ),
        tuple(description.warm),
        shown,
        environment,
    )


def _of_the_grader(error: Exception) -> str:
    """Where the grader failed; the error's text may hold hidden inputs and stays out of records."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    said = str(error) if isinstance(error, (SandboxError, RuntimeError)) else ""
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"the grader failed: {type(error).__name__} at {place} {said}".strip()


def _printable(path: Path) -> str:
    """The path as given; bytes that are no UTF-8 are written as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")

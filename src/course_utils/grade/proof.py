"""Proving an assignment before it is given out: right solutions pass, wrong ones do not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from course_utils.grade.assignment import Assignment, mutated
from course_utils.grade.check import Check
from course_utils.grade.mark import Marker
from course_utils.grade.produce import produced
from course_utils.grade.record import Record
from course_utils.grade.script import cells_of, read_script
from course_utils.grade.submission import Submission

__all__ = ["Proof", "prove"]


@dataclass(frozen=True)
class Proof:
    """One solution that was tried: what it got, and what is wrong with that, if anything."""

    solution: str
    score: float
    max_score: float
    fault: str

    @property
    def ok(self) -> bool:
        """Whether it got what it should."""
        return not self.fault


def prove(assignment: Assignment, marker: Marker) -> Iterator[Proof]:
    """Mark the reference, the learner's copy and each mutant, and say whether each fares right.

    A mutant is marked by the checks that it must fail.
    """
    made = [file.name for file in assignment.description.files if file.made]
    files = produced(assignment.solution, made, marker.folder) if made else {}
    record = _marked(marker, assignment.reference, files)
    yield _proof("reference", record, _short_of_full(record))
    record = _marked(marker, assignment.stub)
    earned = [check.id for check in record.checks if check.points]
    yield _proof("stub", record, f"gets points from {', '.join(earned)}" if earned else "")
    for mutant in assignment.mutants:
        text, own = mutated(assignment, mutant), files
        if mutant.writes:
            kept = {name: data for name, data in files.items() if name not in mutant.writes}
            own = produced(text, made, marker.folder, kept)
        only = [check for check in assignment.checks if check.id in mutant.fails]
        record = _marked(marker, tuple(cells_of(read_script(text))), own, only)
        passed = [check.id for check in record.checks if check.passed]
        fault = f"passes {', '.join(passed)}, which it should fail" if passed else ""
        yield _proof(mutant.name, record, fault)


def _marked(
    marker: Marker,
    cells: Sequence[str],
    files: Mapping[str, bytes] | None = None,
    only: Sequence[Check] | None = None,
) -> Record:
    digest = hashlib.sha256("\n".join(cells).encode()).hexdigest()
    return marker.mark_cells(Submission(digest, tuple(cells), dict(files or {})), only)


def _proof(solution: str, record: Record, fault: str) -> Proof:
    if record.status == "grader_error":
        fault = record.why
    return Proof(solution, record.score, sum(c.max_points for c in record.checks), fault)


def _short_of_full(record: Record) -> str:
    failed = [
        f"{check.id} ({check.detail or 'hidden'})" for check in record.checks if not check.passed
    ]
    if failed:
        return f"fails {', '.join(failed)} {record.why}".strip()
    return f"ended with {record.status}: {record.why}" if record.status != "graded" else record.why

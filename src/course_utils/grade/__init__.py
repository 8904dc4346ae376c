"""Marking what learners hand in: their code runs in a sandbox, the judging stays outside."""

from __future__ import annotations

from course_utils.grade.assignment import Assignment, AssignmentError, find_assignment, load_all
from course_utils.grade.check import Check, CheckFailed, Trial, check
from course_utils.grade.handout import build_handout, try_out
from course_utils.grade.keys import Keys, load_keys
from course_utils.grade.mark import Marker
from course_utils.grade.proof import Proof, prove
from course_utils.grade.record import CheckResult, Record, Status
from course_utils.grade.run import grade, isolation_for, write_records
from course_utils.grade.sandbox import best_isolation

__all__ = [
    "Assignment",
    "AssignmentError",
    "Check",
    "CheckFailed",
    "CheckResult",
    "Keys",
    "Marker",
    "Proof",
    "Record",
    "Status",
    "Trial",
    "best_isolation",
    "build_handout",
    "check",
    "find_assignment",
    "grade",
    "isolation_for",
    "load_all",
    "load_keys",
    "prove",
    "try_out",
    "write_records",
]

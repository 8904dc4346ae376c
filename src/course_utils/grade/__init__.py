"""Marking what learners hand in: their code runs in a sandbox, the judging stays outside."""

from __future__ import annotations

from course_utils.grade.record import CheckResult, Record, Status

__all__ = ["CheckResult", "Record", "Status"]

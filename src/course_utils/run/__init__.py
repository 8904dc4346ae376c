"""Executing lessons: a fresh process each, outputs cached by what they depend on."""

from course_utils.run.outcome import Event, Options, Outcome, Report
from course_utils.run.plan import plan
from course_utils.run.session import run_lessons, shard

__all__ = ["Event", "Options", "Outcome", "Report", "plan", "run_lessons", "shard"]

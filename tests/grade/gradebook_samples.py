"""Records as the grader and the quiz marker write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_utils.grade.entry import Batch, read_entries
from course_utils.grade.roster import Roster

MONDAY = datetime(2026, 11, 30, 12, tzinfo=UTC)


def graded(learner: str, *points: float, **changes: Any) -> dict[str, Any]:
    """A record of the assignment `loop` with a check of two points for each of `points`."""
    checks = [
        {
            "id": f"c{number}",
            "title": f"Check {number}",
            "points": got,
            "max_points": 2,
            "passed": got == 2,
            "public": number == 0,
            "hint": "" if got == 2 else f"Hint {number}",
            "detail": "",
        }
        for number, got in enumerate(points)
    ]
    record = {
        "assignment": "loop",
        "submission": f"handed-in/{learner}.py",
        "sha256": f"{learner}-1",
        "status": "graded",
        "why": "",
        "score": sum(points),
        "max_score": 2 * len(points),
        "checks": checks,
        "seconds": 1.5,
        "isolation": "namespaces",
        "keys": "autumn",
    }
    return record | changes


def marked(learner: str, *scores: float, **changes: Any) -> dict[str, Any]:
    """A record of the graded quiz `module` with a question for each of `scores`."""
    questions = [
        {"id": f"q{number}", "objective": "o1", "score": score, "options": {}, "feedback": ["f"]}
        for number, score in enumerate(scores)
    ]
    record = {
        "file": f"quizzes/{learner}.json",
        "sha256": f"{learner}-quiz-1",
        "quiz": "module",
        "edition": "e1",
        "keys": "autumn",
        "status": "marked",
        "why": "",
        "learner": learner,
        "attempt": 1,
        "score": sum(scores),
        "max_score": len(scores),
        "passed": True,
        "objectives": [],
        "questions": questions,
    }
    return record | changes


def batch(folder: Path, *records: dict[str, Any], roster: Roster | None = None) -> Batch:
    """The records as they are read from a file."""
    path = folder / "records.json"
    path.write_text(json.dumps(records))
    return read_entries(path, roster or Roster(at=MONDAY))

"""The gradebook as a table: a row for each learner, a column for each assignment and quiz."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from course_utils.grade.result import Item, Result

__all__ = ["as_csv", "columns"]

#: What makes a spreadsheet take a cell for a formula, also after blanks.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def columns(results: Sequence[Result]) -> list[tuple[Item, str]]:
    """The items there are, by name, and the headings of their columns."""
    items = sorted({result.item for result in results}, key=lambda item: (item.id, item.kind))
    return [
        (item, item.id if item.kind == "assignment" else f"{item.id} ({item.kind})")
        for item in items
    ]


def as_csv(results: Sequence[Result]) -> str:
    """The points as CSV in UTF-8; what is not known, or was not handed in, is an empty cell.

    The last column holds notes on every number that a reader could misread. Text that a
    spreadsheet would run as a formula has an apostrophe before it.
    """
    headings = columns(results)
    by_learner: dict[str, dict[Item, Result]] = {}
    for result in results:
        by_learner.setdefault(result.learner, {})[result.item] = result
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["learner", *(_cell(heading) for _, heading in headings), "notes"])
    for learner, row in by_learner.items():
        points = [_points(row.get(item)) for item, _ in headings]
        notes = [f"{name}: {note}" for item, name in headings for note in _notes(row.get(item))]
        writer.writerow([_cell(learner), *points, _cell("; ".join(notes))])
    return out.getvalue()


def _points(result: Result | None) -> str:
    return "" if result is None or result.points is None else f"{round(result.points, 2):g}"


def _notes(result: Result | None) -> list[str]:
    return [] if result is None else result.notes


def _cell(text: str) -> str:
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text

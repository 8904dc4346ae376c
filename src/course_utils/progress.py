"""A run as it is watched: a bar for each lesson, and a line for each that is done."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from course_utils.catalog import Catalog, Lesson
from course_utils.run import Event, Options, Outcome, Report, run_lessons

__all__ = ["show_run"]


def show_run(
    catalog: Catalog, lessons: Sequence[Lesson], options: Options, console: Console
) -> Report:
    """Run `lessons` and show on `console` how it goes; returns what came of it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        bars = {
            lesson.id: progress.add_task(lesson.id, total=None, start=False, visible=False)
            for lesson in lessons
        }

        def follow(event: Event) -> None:
            bar = bars[event.lesson]
            if event.outcome is None:
                progress.start_task(bar)
                progress.update(bar, completed=event.done, total=event.cells, visible=True)
                return
            progress.remove_task(bar)
            console.print(_line(event.lesson, event.outcome), soft_wrap=True)

        report = run_lessons(catalog, lessons, options, follow)
    return report


def _line(lesson_id: str, outcome: Outcome) -> str:
    if outcome.status == "failed":
        return f"[red]failed[/]  {lesson_id}: {escape(outcome.error)}"
    seconds = f"{outcome.seconds:.1f} s" if outcome.status == "ok" else ""
    style = "green" if outcome.status == "ok" else "dim"
    return f"[{style}]{outcome.status:<7}[/] {lesson_id}  {seconds} [dim]({escape(outcome.why)})[/]"

"""Long work as it is watched: the lessons of a run, the steps of a training."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from course_utils.catalog import Catalog, Lesson
from course_utils.run import Event, Options, Outcome, Report, run_lessons

__all__ = ["show_rebuild", "show_run"]


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


def show_rebuild(name: str, output: Path, console: Console) -> dict[str, Any]:
    """Train a checkpoint again and show on `console` how far each training is; returns metrics."""
    from course_utils.hub import recipes
    from course_utils.hub.recipes.training import STEPS_LOG

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    quiet = not console.is_terminal
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=quiet
    ) as progress:
        steps = _Steps(progress, name)
        STEPS_LOG.addHandler(steps)
        STEPS_LOG.setLevel(logging.INFO)
        STEPS_LOG.propagate = False
        try:
            return recipes.rebuild(name, output)
        finally:
            STEPS_LOG.removeHandler(steps)


class _Steps(logging.Handler):
    """Moves a bar by the steps that a training tells of."""

    def __init__(self, progress: Progress, name: str) -> None:
        super().__init__()
        self._progress = progress
        self._bar = progress.add_task(f"{name}: reading its data", total=None)
        self._name = name

    def emit(self, record: logging.LogRecord) -> None:
        """Show the step of a record of `STEPS_LOG`."""
        done, total = cast("tuple[int, int]", record.args)
        what = f"{self._name}: measuring" if done == total else f"{self._name}: training"
        self._progress.update(self._bar, description=what, completed=done, total=total)

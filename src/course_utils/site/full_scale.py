"""The table that sets a lesson's pocket scale beside its full scale."""

from __future__ import annotations

from typing import Any

from course_utils.catalog import Full, Lesson
from course_utils.errors import CourseError
from course_utils.parameters import written_parameters
from course_utils.results import Recorded, code_digest, load_recorded
from course_utils.site.errors import SiteError
from course_utils.site.executed import Execution

__all__ = ["full_scale_table"]


def full_scale_table(lesson: Lesson, pocket: Execution) -> str:
    """Markdown: the parameters that differ, what the full scale needs, the figures of both runs.

    Raises:
        SiteError: the lesson declares no full scale, or its recorded results cannot be read.
    """
    full = lesson.header.full
    if full is None:
        raise SiteError(
            f"{lesson.file}: `<!-- course:full-scale -->` needs `full:` in the header: "
            "add it or drop the marker"
        )
    figures = _figures(lesson, pocket, _recorded(lesson))
    parts = [_parameters(lesson, full), _needs(full), figures]
    return "\n\n".join(parts)


def _parameters(lesson: Lesson, full: Full) -> str:
    pocket = written_parameters(lesson, lesson.notebook())
    rows = [
        f"| `{name}` | {_code(pocket.get(name))} | {_code(repr(full.parameters[name]))} |"
        for name in {**pocket, **full.parameters}
        if name in full.parameters
    ]
    return "\n".join(["| Parameter | Pocket | Full |", "|---|---|---|", *rows])


def _code(value: str | None) -> str:
    if value is None:
        return "—"
    return "`" + value.replace("|", "\\|").replace("`", "'") + "`"


def _needs(full: Full) -> str:
    needs = full.resources
    if not needs.gpus:
        return f"Full scale takes about {needs.minutes:g} minutes without a GPU."
    gpus = "one GPU" if needs.gpus == 1 else f"{needs.gpus} GPUs"
    return (
        f"Full scale needs {gpus} with {needs.memory_gb:g} GB of memory"
        f"{'' if needs.gpus == 1 else ' each'} and takes about {needs.minutes:g} minutes."
    )


def _recorded(lesson: Lesson) -> Recorded | None:
    try:
        return load_recorded(lesson)
    except CourseError as error:
        raise SiteError(str(error)) from error


def _figures(lesson: Lesson, pocket: Execution, recorded: Recorded | None) -> str:
    if recorded is None:
        return "Results at full scale: **not yet run**."
    full = Execution(recorded.model_dump(), recorded.versions)
    here, there = _by_name(pocket), _by_name(full)
    names = [*there, *(name for name in here if name not in there)]
    rows = [f"| {_cell(n)} | {_value(here.get(n))} | {_value(there.get(n))} |" for n in names]
    table = "\n".join(["| Measured | Pocket | Full |", "|---|---|---|", *rows])
    return f"{table}\n\nFull scale: {_cell(full.sentence)}{_earlier(lesson, recorded)}"


def _earlier(lesson: Lesson, recorded: Recorded) -> str:
    """A sentence for results of other code than the page shows, else nothing."""
    if recorded.code == code_digest(lesson):
        return ""
    commit = f" (commit {recorded.commit[:10]})" if recorded.commit else ""
    return f" That was **an earlier version** of this lesson{commit}; it has not run again since."


def _by_name(execution: Execution) -> dict[str, dict[str, Any]]:
    return {str(metric["name"]): metric for metric in execution.metrics}


def _value(metric: dict[str, Any] | None) -> str:
    if metric is None:
        return "—"
    value = metric["value"]
    figure = f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
    return _cell(f"{figure} {metric.get('unit') or ''}".strip())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")

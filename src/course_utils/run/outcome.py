"""What a run is told, what it tells while it goes, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["Event", "Options", "Outcome", "Report"]

Status = Literal["ok", "cached", "failed"]


@dataclass(frozen=True)
class Options:
    """How to run: the scale, lessons side by side, and whether to use what is cached.

    `warm` forks kernels from a template where the system can. `gpu` runs the pocket scale on a GPU.
    A lesson that needs GPUs has them to itself, so that there are as many such lessons side by side
    as GPUs. `rehearse` runs the full scale's parameters against the pocket Hub, which answers under
    the real ids; `real_data` is a folder of real data to answer with, where it has some.
    `record` keeps what the full scale measured as data of the course.
    """

    scale: Literal["pocket", "full"] = "pocket"
    jobs: int = 2
    fresh: bool = False
    warm: bool = True
    rehearse: bool = False
    gpu: bool = False
    record: bool = False
    real_data: Path | None = None


@dataclass(frozen=True)
class Event:
    """Progress of one lesson: code cells done, of how many; with its outcome at the end.

    A lesson that starts to execute sends one with no cell done.
    """

    lesson: str
    done: int
    cells: int
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one lesson."""

    status: Status
    why: str
    seconds: float
    cells: int
    device: str
    metrics: list[dict[str, Any]] = field(default_factory=list)
    executed_at: str = ""
    key: str = ""
    error: str = ""
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What came of all lessons, by id."""

    outcomes: dict[str, Outcome]

    @property
    def ok(self) -> bool:
        """Whether every lesson ran or was up to date."""
        return all(outcome.status != "failed" for outcome in self.outcomes.values())

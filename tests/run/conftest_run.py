"""A small course in a folder of its own, and runs of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_utils.catalog import Catalog, load_catalog
from course_utils.run import Event, Options, Report, run_lessons
from course_utils.run.gpus import Probe, probe


@dataclass
class Course:
    """Writes lessons and runs them; `events` holds what the last run reported."""

    root: Path
    write: Callable[..., Path]
    events: list[Event]

    def catalog(self) -> Catalog:
        return load_catalog(self.root)

    def run(self, options: Options | None = None, probe: Probe = probe) -> Report:
        catalog = self.catalog()
        self.events.clear()
        follow = self.events.append
        return run_lessons(catalog, catalog.lessons, options or Options(), follow, probe=probe)

    def why(self) -> dict[str, str]:
        return {i: outcome.why for i, outcome in self.run().outcomes.items()}

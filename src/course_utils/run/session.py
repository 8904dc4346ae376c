"""A whole run: which lessons are up to date, executing the others, and what came of it."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode

from course_utils import hub
from course_utils.catalog import Catalog, Lesson
from course_utils.errors import CourseError
from course_utils.run import reads
from course_utils.run.cache import Cache, Entry, write_whole
from course_utils.run.execute import LessonError, execute
from course_utils.run.kernel import kernels
from course_utils.run.key import changed_parts, digest, key_parts
from course_utils.run.manifest import metrics, read_manifest, versions, write_manifest
from course_utils.run.parameters import set_parameters
from course_utils.run.scrub import Scrubber

__all__ = ["Event", "Options", "Outcome", "Report", "run_lessons", "shard"]

Status = Literal["ok", "cached", "failed"]
POCKET_TIMEOUT = 300.0  # seconds


@dataclass(frozen=True)
class Options:
    """How to run: the scale, lessons side by side, and whether to use what is cached."""

    scale: Literal["pocket", "full"] = "pocket"
    jobs: int = 2
    fresh: bool = False
    warm: bool = True


@dataclass(frozen=True)
class Event:
    """Progress of one lesson: code cells done, of how many; with its outcome at the end."""

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


@dataclass
class _Job:
    """A lesson on its way: its notebook with parameters set, and its key."""

    lesson: Lesson
    notebook: NotebookNode
    parts: dict[str, str]
    key: str
    why: str = ""


def shard(lessons: Sequence[Lesson], index: int, count: int) -> list[Lesson]:
    """Every `count`-th lesson from the `index`-th on, counted from 1.

    Raises:
        CourseError: there is no such shard.
    """
    if not 1 <= index <= count:
        raise CourseError(f"--shard {index}/{count}: the first number goes from 1 to the second")
    return list(lessons[index - 1 :: count])


def run_lessons(
    catalog: Catalog,
    lessons: Sequence[Lesson],
    options: Options,
    progress: Callable[[Event], None],
) -> Report:
    """Bring `lessons` up to date: notebooks and manifest under ``build/``, outputs in its cache.

    A lesson that fails is reported and the others still run.

    Raises:
        CourseError: nothing could be run at all: a parameter that is none, no GPU where one is
            needed, a Hub that does not start, a folder that cannot be written.
    """
    session = _Session(catalog, options, progress)
    with session.hub_running():
        jobs = [session.prepare(lesson) for lesson in lessons]
        outcomes = {job.lesson.id: session.from_cache(job) for job in jobs}
        waiting = [job for job in jobs if outcomes[job.lesson.id] is None]
        fresh = session.execute_all(waiting) if waiting else {}
    report = Report({i: outcome or fresh[i] for i, outcome in outcomes.items()})
    session.record(report)
    return report


class _Session:
    """The folders, the Hub and the kernels of one run."""

    def __init__(
        self, catalog: Catalog, options: Options, progress: Callable[[Event], None]
    ) -> None:
        self.catalog, self.options, self.progress = catalog, options, progress
        build = catalog.root / "build"
        self.build = build if options.scale == "pocket" else build / "full"
        self.cache = Cache(build / "cache" / options.scale)
        self.device = _device(options.scale)
        self.endpoint = ""
        self.is_pocket_hub = True

    @contextmanager
    def hub_running(self) -> Iterator[None]:
        """The pocket Hub for this run; at full scale the real one, or the one the user named."""
        if self.options.scale == "full":
            self.endpoint = os.environ.get("HF_ENDPOINT", "")
            self.is_pocket_hub = False
            yield
        else:
            with hub.launch() as running:
                self.endpoint = running.endpoint
                yield

    def prepare(self, lesson: Lesson) -> _Job:
        """Read a lesson, set its parameters and compute its key."""
        notebook = lesson.notebook()
        if self.options.scale == "full":
            if lesson.header.full is None:
                raise CourseError(f"{lesson.file}: has no full scale: add `full:` to its header")
            set_parameters(lesson, notebook, lesson.header.full.parameters)
        parts = key_parts(notebook, self.options.scale, self.device)
        return _Job(lesson, notebook, parts, digest(parts))

    def from_cache(self, job: _Job) -> Outcome | None:
        """The outcome without a run, or None with the reason for one in ``job.why``."""
        entry = self.cache.load(job.lesson.id, job.key)
        if self.options.fresh:
            job.why = "--fresh"
        elif entry is None:
            before = self.cache.newest(job.lesson.id)
            job.why = changed_parts(before.parts, job.parts) if before else "first run"
        elif not self.is_pocket_hub:
            job.why = "the real Hub may have changed"
        else:
            job.why = ", ".join(reads.changed(self.endpoint, entry.reads))
        if job.why or entry is None:
            return None
        entry.apply(job.notebook)
        outcome = self._outcome("cached", "nothing changed", job, entry)
        return self._finish(job, outcome)

    def execute_all(self, jobs: Sequence[_Job]) -> dict[str, Outcome]:
        """Execute the lessons side by side, each in a process and a folder of its own."""
        with tempfile.TemporaryDirectory(prefix="course-run-", ignore_cleanup_errors=True) as name:
            work = Path(name)
            environment = _environment(self.endpoint, work, self.options.scale)
            warm = self.options.warm and self.options.scale == "pocket"
            with (
                kernels(environment, warm=warm) as manager,
                ThreadPoolExecutor(self.options.jobs) as pool,
            ):
                one = lambda job: self._execute(job, manager, work, environment)  # noqa: E731
                outcomes = list(pool.map(one, jobs))
        return {job.lesson.id: outcome for job, outcome in zip(jobs, outcomes, strict=True)}

    def _execute(
        self,
        job: _Job,
        manager: type[AsyncKernelManager],
        work: Path,
        environment: dict[str, str],
    ) -> Outcome:
        lesson = job.lesson
        slug = lesson.id.replace("/", "-")
        folder = work / slug
        folder.mkdir()
        token = f"hf_course_{slug}"
        started = datetime.now(UTC)
        try:
            seconds = execute(
                lesson,
                job.notebook,
                manager=manager,
                folder=folder,
                environment=environment | ({"HF_TOKEN": token} if self.is_pocket_hub else {}),
                timeout=self._timeout(lesson),
                progress=lambda done, cells: self.progress(Event(lesson.id, done, cells)),
            )
        except LessonError as error:
            count = sum(cell.cell_type == "code" for cell in job.notebook.cells)
            failed = Outcome("failed", job.why, 0.0, count, self.device, error=str(error))
            self.progress(Event(lesson.id, count, count, failed))
            return failed
        scrubber = Scrubber(self.endpoint)
        code = [cell for cell in job.notebook.cells if cell.cell_type == "code"]
        entry = Entry(
            parts=job.parts,
            reads=reads.recorded(self.endpoint, token) if self.is_pocket_hub else {},
            outputs=[scrubber.outputs(cell.outputs) for cell in code],
            seconds=round(seconds, 1),
            executed_at=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            device=self.device,
            versions=versions(),
        )
        entry.apply(job.notebook)
        self.cache.store(lesson.id, job.key, entry)
        return self._finish(job, self._outcome("ok", job.why, job, entry))

    def _timeout(self, lesson: Lesson) -> float:
        if self.options.scale == "full" and lesson.header.full:
            return lesson.header.full.resources.timeout * 60
        return POCKET_TIMEOUT

    def _outcome(self, status: Status, why: str, job: _Job, entry: Entry) -> Outcome:
        return Outcome(
            status=status,
            why=why,
            seconds=entry.seconds,
            cells=len(entry.outputs),
            device=entry.device,
            metrics=metrics(job.notebook),
            executed_at=entry.executed_at,
            key=job.key,
            versions=entry.versions,
        )

    def _finish(self, job: _Job, outcome: Outcome) -> Outcome:
        """Write the executed notebook; ids by position, so that equal runs give equal files."""
        for number, cell in enumerate(job.notebook.cells):
            cell.id = f"cell-{number}"
        path = self.build / "notebooks" / f"{job.lesson.id}.ipynb"
        write_whole(path, nbformat.writes(job.notebook, version=4) + "\n")
        self.progress(Event(job.lesson.id, outcome.cells, outcome.cells, outcome))
        return outcome

    def record(self, report: Report) -> None:
        """Write the manifest: this run's outcomes beside those of lessons it left alone."""
        path = self.build / "manifest.json"
        known = {lesson.id for lesson in self.catalog.lessons}
        before = read_manifest(path)["lessons"]
        entries = {i: vars(outcome) for i, outcome in report.outcomes.items()}
        lessons = {i: entry for i, entry in (before | entries).items() if i in known}
        write_manifest(path, scale=self.options.scale, device=self.device, lessons=lessons)


def _environment(endpoint: str, work: Path, scale: str) -> dict[str, str]:
    """What kernels see: the Hub, one thread each, fixed seeds, no GPU at pocket scale."""
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    if scale == "full":
        return environment
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return (
        environment
        | dict.fromkeys(threads, "1")
        | {"HF_ENDPOINT": endpoint, "HF_HOME": str(work / "hf-home"), "CUDA_VISIBLE_DEVICES": ""}
    )


def _device(scale: str) -> str:
    """The device class as readers are told it.

    Raises:
        CourseError: full scale was asked for where there is no GPU.
    """
    if scale == "pocket":
        return f"CPU ({platform.machine()})"
    import torch

    if not torch.cuda.is_available():
        raise CourseError("full scale needs a GPU and this machine has none: run pocket scale here")
    return str(torch.cuda.get_device_name(0))

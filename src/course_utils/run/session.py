"""A whole run: which lessons are up to date, executing the others, and what came of it."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course_utils import hub, results
from course_utils.catalog import Catalog, Lesson
from course_utils.errors import CourseError
from course_utils.parameters import set_parameters
from course_utils.run import reads, real_data
from course_utils.run.cache import Cache, Entry
from course_utils.run.environment import full_environment, pocket_environment
from course_utils.run.execute import Executed, Task, execute
from course_utils.run.files import check_writable, write_whole
from course_utils.run.gpus import CPU, Gpu, GpuPool, Need, Probe, choose, probe, shortage, visible
from course_utils.run.kernel import FRESH, KernelSource, kernels
from course_utils.run.key import changed_parts, digest, key_parts
from course_utils.run.manifest import metrics, read_manifest, versions, write_manifest
from course_utils.run.outcome import Event, Options, Outcome, Report, Status
from course_utils.run.rehearsal import aliases_of, rehearsed
from course_utils.run.scrub import Scrubber

__all__ = ["run_lessons", "shard"]

POCKET_TIMEOUT = 300.0  # seconds
#: What a lesson gets when the pocket scale runs on a GPU.
POCKET_NEED = Need(gpus=1, memory=2.0)

Progress = Callable[[Event], None]


@dataclass
class _Job:
    """A lesson on its way: its notebook with parameters set, and its key.

    `need` is there if it uses GPUs, and then it may run on `gpus`; `fault` says why it cannot.
    """

    lesson: Lesson
    notebook: NotebookNode
    device: str
    parts: dict[str, str]
    key: str
    why: str = ""
    need: Need | None = None
    gpus: Sequence[Gpu] = ()
    fault: str = ""

    @property
    def cells(self) -> int:
        return sum(cell.cell_type == "code" for cell in self.notebook.cells)

    @property
    def token(self) -> str:
        """By it the Hub tells the lessons' reads apart."""
        return f"hf_course_{self.lesson.id.replace('/', '-')}"


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
    progress: Progress,
    executor: Executor | None = None,
    probe: Probe = probe,
) -> Report:
    """Bring `lessons` up to date: notebooks and manifest under ``build/``, outputs in its cache.

    A lesson that fails, or lacks the GPUs it was promised, is reported and the others still run.
    `probe` finds the GPUs. Another `executor` may take the place of the threads of this process;
    its kernels are fresh ones, cells are not counted, and lending GPUs is up to it.

    Raises:
        CourseError: nothing could be run at all: a parameter that is none, a Hub that does not
            start, a folder that cannot be written.
    """
    session = _Session(catalog, options, progress, probe)
    check_writable(session.build)
    with session.hub_running(lessons):
        jobs = [session.prepare(lesson) for lesson in lessons]
        known = {job.lesson.id: session.without_a_run(job) for job in jobs}
        waiting = [job for job in jobs if known[job.lesson.id] is None]
        fresh = session.execute_all(waiting, executor) if waiting else {}
    report = Report({i: outcome or fresh[i] for i, outcome in known.items()})
    session.record(report)
    return report


class _Session:
    """The folders, the Hub and the kernels of one run."""

    def __init__(
        self, catalog: Catalog, options: Options, progress: Progress, probe: Probe
    ) -> None:
        self.catalog, self.options, self.progress, self.probe = catalog, options, progress, probe
        build = catalog.root / "build"
        self.is_pocket = options.scale == "pocket"
        self.is_local = self.is_pocket or options.rehearse  # the pocket Hub
        name = "pocket-on-gpu" if options.gpu else options.scale
        rehearsal = "rehearsal-on-real-data" if options.real_data else "rehearsal"
        self.name = rehearsal if options.rehearse else name
        self.build = build if self.name == "pocket" else build / self.name
        self.cache = Cache(build / "cache" / self.name)
        self.endpoint = ""
        self.pool = GpuPool()
        self.commit = results.commit_of(catalog.root) if options.record else ""

    @cached_property
    def gpus(self) -> Sequence[Gpu]:
        """The GPUs of this machine, looked for when the first lesson needs one."""
        return self.probe()

    @contextmanager
    def hub_running(self, lessons: Sequence[Lesson]) -> Iterator[None]:
        """The pocket Hub for this run; at full scale the real one, or the one the user named."""
        if not self.is_local:
            self.endpoint = os.environ.get("HF_ENDPOINT", "")
            yield
        else:
            aliases = aliases_of(lessons) if self.options.rehearse else {}
            with (
                self._real_data(aliases) as (roots, real),
                hub.launch(roots, aliases=aliases | real) as running,
            ):
                self.endpoint = running.endpoint
                yield

    @contextmanager
    def _real_data(
        self, aliases: Mapping[str, str]
    ) -> Iterator[tuple[list[Path] | None, dict[str, str]]]:
        """The roots of the Hub, with the real data asked for, and what stands for which id."""
        if self.options.real_data is None:
            yield None, {}
            return
        with tempfile.TemporaryDirectory(prefix="course-real-data-") as name:
            names = real_data.serve(self.options.real_data, list(aliases), Path(name))
            yield [*hub.default_roots(), Path(name)], names

    def prepare(self, lesson: Lesson) -> _Job:
        """Read a lesson, set its parameters and compute its key."""
        notebook = lesson.notebook()
        if not self.is_pocket:
            if lesson.header.full is None:
                raise CourseError(f"{lesson.file}: has no full scale: add `full:` to its header")
            full = lesson.header.full.parameters
            if self.is_local:
                full = rehearsed(lesson, to_learn=self.options.real_data is not None)
            set_parameters(lesson, notebook, full)
        need, gpus, fault = self._need(lesson), [], ""
        if need:
            try:
                gpus = choose(need, self.gpus)
            except CourseError as error:
                fault = f"{lesson.file}: {error}"
        device = _device(need, gpus)
        parts = key_parts(notebook, self.options.scale, device)
        return _Job(lesson, notebook, device, parts, digest(parts), "", need, gpus, fault)

    def _need(self, lesson: Lesson) -> Need | None:
        """The GPUs that the lesson was promised; None where it runs without."""
        if self.is_local:
            return POCKET_NEED if self.options.gpu else None
        full = lesson.header.full
        if full is None or not full.resources.gpus:
            return None
        return Need(full.resources.gpus, full.resources.memory_gb)

    def without_a_run(self, job: _Job) -> Outcome | None:
        """The outcome of a lesson that cannot run or need not, else None."""
        return self._failed(job, 0.0, job.fault) if job.fault else self._from_cache(job)

    def _from_cache(self, job: _Job) -> Outcome | None:
        """The outcome without a run, or None with the reason for one in ``job.why``."""
        entry = self.cache.load(job.lesson.id, job.key)
        job.why = self._reason_to_run(job, entry)
        if job.why or entry is None:
            return None
        entry.apply(job.notebook)
        return self._finish(job, "cached", "nothing changed", entry)

    def _reason_to_run(self, job: _Job, entry: Entry | None) -> str:
        if self.options.fresh:
            return "--fresh"
        if entry is None:
            before = self.cache.newest(job.lesson.id)
            return changed_parts(before.parts, job.parts) if before else "first run"
        if not self.is_local:
            return "the real Hub may have changed"
        return ", ".join(reads.changed(self.endpoint, entry.reads))

    def execute_all(self, jobs: Sequence[_Job], executor: Executor | None) -> dict[str, Outcome]:
        """Execute the lessons side by side; each is kept as soon as it is done."""
        try:
            with tempfile.TemporaryDirectory(
                prefix="course-run-", ignore_cleanup_errors=True
            ) as name:
                if executor is not None:
                    return self._gather(jobs, executor, FRESH, Path(name), None)
                return self._in_threads(jobs, Path(name))
        except OSError as error:
            raise CourseError(
                f"{tempfile.gettempdir()}: {error.strerror}: free some space, or set TMPDIR"
            ) from error

    def _in_threads(self, jobs: Sequence[_Job], work: Path) -> dict[str, Outcome]:
        environment = self._environment(jobs[0], work)
        stop = threading.Event()
        on_cpu = self.is_local and not self.options.gpu
        gpus = len(self.gpus) if any(job.need for job in jobs) else 0
        width = self.options.jobs if on_cpu else max(1, gpus)
        with (
            kernels(environment, work, warm=self.options.warm and on_cpu) as source,
            ThreadPoolExecutor(width) as pool,
        ):
            try:
                return self._gather(jobs, pool, source, work, stop)
            except BaseException:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _gather(
        self,
        jobs: Sequence[_Job],
        pool: Executor,
        source: KernelSource,
        work: Path,
        stop: threading.Event | None,
    ) -> dict[str, Outcome]:
        """Hand the tasks to `pool`; with `stop`, in this process, cells report their progress."""
        futures: dict[Future[Executed], _Job] = {}
        for job in jobs:
            task = self._task(job, source, work)
            run = partial(self._execute_here, job) if stop else execute
            follow = (self._follower(job), stop) if stop else ()
            futures[pool.submit(run, task, *follow)] = job
        done = ((futures[future], future.result()) for future in as_completed(futures))
        return {job.lesson.id: self._keep(job, executed) for job, executed in done}

    def _execute_here(
        self, job: _Job, task: Task, progress: Callable[[int, int], None], stop: threading.Event
    ) -> Executed:
        """Execute in this thread, once the GPUs that were promised are idle and free enough."""
        if job.need is None:
            return execute(task, progress, stop)
        with self.pool.lend(job.need.gpus, job.gpus) as lent:
            try:
                lacking = shortage(job.need, lent, self.probe())
            except CourseError as error:
                lacking = str(error)
            if lacking:
                return Executed(task.notebook, 0.0, f"{job.lesson.file}: {lacking}")
            environment = task.environment | visible(lent)
            return execute(replace(task, environment=environment), progress, stop)

    def _follower(self, job: _Job) -> Callable[[int, int], None]:
        return lambda done, cells: self.progress(Event(job.lesson.id, done, cells))

    def _task(self, job: _Job, source: KernelSource, work: Path) -> Task:
        full = job.lesson.header.full
        timeout = POCKET_TIMEOUT
        if full and not self.is_pocket:
            timeout = full.resources.timeout * 60
        environment = self._environment(job, work)
        gpus = job.need.gpus if job.need else 0
        ids = () if self.is_local else tuple(aliases_of([job.lesson]))
        return Task(job.lesson, job.notebook, source, environment, timeout, work, gpus, ids)

    def _environment(self, job: _Job, work: Path) -> dict[str, str]:
        """The job's variables; a token of its own tells the Hub who reads."""
        if not self.is_local:
            return full_environment(job.need.gpus if job.need else 0)
        return pocket_environment(self.endpoint, work) | {"HF_TOKEN": job.token}

    def _keep(self, job: _Job, executed: Executed) -> Outcome:
        """Store what came of a job: outputs of a success in the cache, then the notebook."""
        seconds = round(executed.seconds, 1)
        if error := executed.error:
            error += reads.sought_in_vain(self.endpoint, job.token, error) if self.is_local else ""
            return self._failed(job, seconds, error)
        job.notebook = executed.notebook
        scrubber = Scrubber(self.endpoint, [self.catalog.root, Path.home()])
        code = [cell for cell in job.notebook.cells if cell.cell_type == "code"]
        entry = Entry(
            parts=job.parts,
            reads=reads.recorded(self.endpoint, job.token) if self.is_local else {},
            outputs=[scrubber.outputs(cell.outputs) for cell in code],
            seconds=seconds,
            executed_at=_now(),
            device=job.device,
            versions=versions(),
        )
        self.cache.store(job.lesson.id, job.key, entry)
        entry.apply(job.notebook)
        outcome = self._finish(job, "ok", job.why, entry)
        if self.options.record:
            self._record(job, outcome)
        return outcome

    def _record(self, job: _Job, outcome: Outcome) -> None:
        """Keep what the full scale measured as data of the course."""
        recorded = results.Recorded(
            code=results.code_digest(job.lesson),
            commit=self.commit,
            executed_at=outcome.executed_at,
            seconds=outcome.seconds,
            device=outcome.device,
            versions=outcome.versions,
            metrics=outcome.metrics,
        )
        write_whole(results.path_of(job.lesson), recorded.as_text())

    def _failed(self, job: _Job, seconds: float, error: str) -> Outcome:
        outcome = Outcome(
            "failed", job.why, seconds, job.cells, job.device,
            executed_at=_now(), key=job.key, error=error,
        )  # fmt: skip
        self.progress(Event(job.lesson.id, job.cells, job.cells, outcome))
        return outcome

    def _finish(self, job: _Job, status: Status, why: str, entry: Entry) -> Outcome:
        """Write the executed notebook; ids by position, so that equal runs give equal files."""
        for number, cell in enumerate(job.notebook.cells):
            cell.id = f"cell-{number}"
        job.notebook.metadata["language_info"] = {"name": "python"}
        path = self.build / "notebooks" / f"{job.lesson.id}.ipynb"
        write_whole(path, nbformat.writes(job.notebook, version=4) + "\n")
        outcome = Outcome(
            status, why, entry.seconds, len(entry.outputs), entry.device,
            metrics(job.notebook), entry.executed_at, job.key, versions=entry.versions,
        )  # fmt: skip
        self.progress(Event(job.lesson.id, outcome.cells, outcome.cells, outcome))
        return outcome

    def record(self, report: Report) -> None:
        """Write the manifest: this run's outcomes beside those of lessons it left alone."""
        path = self.build / "manifest.json"
        known = {lesson.id for lesson in self.catalog.lessons}
        before = read_manifest(path)["lessons"]
        entries = {i: vars(outcome) for i, outcome in report.outcomes.items()}
        lessons = {i: entry for i, entry in (before | entries).items() if i in known}
        devices = sorted({outcome.device for outcome in report.outcomes.values()})
        write_manifest(path, scale=self.name, device=", ".join(devices), lessons=lessons)


def _device(need: Need | None, gpus: Sequence[Gpu]) -> str:
    """The device as readers are told it."""
    if need is None:
        return CPU
    model = gpus[0].model if gpus else "no GPU"
    return model if need.gpus == 1 else f"{need.gpus} × {model}"


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

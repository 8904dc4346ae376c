"""Grading many submissions side by side; what was graded before is not graded again."""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.grade.assignment import find_assignment
from course_utils.grade.keys import load_keys
from course_utils.grade.mark import Marker
from course_utils.grade.record import Isolation, Record
from course_utils.grade.sandbox import best_isolation
from course_utils.grade.store import Store

__all__ = ["grade", "isolation_for", "write_records"]

UNSAFE = "grading refuses; --unsafe runs submissions as you, with all your rights"


def write_records(records: Sequence[Record], path: Path) -> None:
    """Write records as a JSON list, whole or not at all."""
    text = json.dumps([record.model_dump(mode="json") for record in records], indent=1)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text + "\n", "utf-8")
    part.replace(path)


@dataclass(frozen=True)
class Job:
    """One submission to grade; plain data, so that another process or machine can do it."""

    root: Path
    assignment: str
    path: Path
    isolation: Isolation
    fresh: bool = False


def isolation_for(*, unsafe: bool) -> Isolation:
    """The strongest isolation there is.

    Raises:
        CourseError: there is none, and `unsafe` was not asked for.
    """
    level, why = best_isolation()
    if level == "none" and not unsafe:
        raise CourseError(f"there is no sandbox here ({why}): {UNSAFE}")
    return level


def grade(
    root: Path,
    assignment: str,
    paths: Sequence[Path],
    *,
    jobs: int = 2,
    isolation: Isolation,
    fresh: bool = False,
    executor: Executor | None = None,
    on_record: Callable[[Record], None] = lambda _: None,
) -> list[Record]:
    """Grade the submissions at `paths`; returns one record each, in their order.

    Args:
        root: the course's folder.
        assignment: name of the assignment.
        paths: files or folders that were handed in.
        jobs: how many side by side.
        isolation: what stands between them and this machine.
        fresh: grade even what is unchanged.
        executor: what does the work instead of threads here, such as a cluster's.
        on_record: called with each record as it comes.
    """
    # Their faults are the caller's, and come before any work.
    described, keys = find_assignment(root, assignment).description, load_keys(root)
    for name in described.private:
        keys.text(name)
    todo = [Job(root, assignment, path, isolation, fresh) for path in paths]
    with executor or ThreadPoolExecutor(jobs) as pool:
        try:
            futures = {pool.submit(mark_one, job): n for n, job in enumerate(todo)}
            records = {}
            for future in as_completed(futures):
                records[futures[future]] = future.result()
                on_record(future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            _close_all()
    return [records[n] for n in range(len(todo))]


def mark_one(job: Job) -> Record:
    """Grade one submission, or find its record."""
    bench = _bench(job.root, job.assignment, job.isolation)
    return bench.marker.mark(job.path, None if job.fresh else bench.store)


class _Bench:
    """What a process keeps between submissions: the warm sandbox, and the records it knows."""

    def __init__(self, root: Path, name: str, isolation: Isolation) -> None:
        keys = load_keys(root)
        assignment = find_assignment(root, name)
        folder = root / "build" / "grade"
        self.store = Store(folder / "records", assignment, keys, isolation)
        self.marker = Marker(assignment, keys, isolation, folder / "resources")


_lock = threading.Lock()
_benches: dict[tuple[Path, str, Isolation], _Bench] = {}


def _bench(root: Path, name: str, isolation: Isolation) -> _Bench:
    with _lock:
        key = (root, name, isolation)
        if key not in _benches:
            _benches[key] = _Bench(root, name, isolation)
        return _benches[key]


@atexit.register
def _close_all() -> None:
    with _lock:
        for bench in _benches.values():
            bench.marker.close()
        _benches.clear()

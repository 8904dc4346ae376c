"""Executing one notebook in one kernel, cell by cell."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from course_utils.catalog import Lesson
from course_utils.run import prelude
from course_utils.run.kernel import KernelSource
from course_utils.run.place import Places
from course_utils.run.refusal import advice

__all__ = ["Executed", "Task", "execute"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Task:
    """Everything that one execution needs; it can be sent to another process.

    `timeout` is in seconds and for the whole lesson. `folder` is where the working folder is made.
    `gpus` were promised to it; `real_ids` are the repositories that it reads on the real Hub.
    """

    lesson: Lesson
    notebook: NotebookNode
    kernel: KernelSource
    environment: dict[str, str]
    timeout: float
    folder: Path | None = None
    gpus: int = 0
    real_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Executed:
    """What came of a task: the notebook with its outputs, or one line that says what failed."""

    notebook: NotebookNode
    seconds: float
    error: str = ""


class _LessonFailedError(Exception):
    """The lesson itself is wrong; the text names the place."""


def execute(
    task: Task, progress: Progress | None = None, stop: threading.Event | None = None
) -> Executed:
    """Run every code cell of a notebook in a process and a folder of its own.

    `progress` is called with the number of code cells done and of all. Setting `stop` ends the
    kernel at once.
    """
    start = time.perf_counter()
    error = ""
    try:
        prefix = "course-run-"
        with tempfile.TemporaryDirectory(
            dir=task.folder, prefix=prefix, ignore_cleanup_errors=True
        ) as folder:
            error = _failure(task, Path(folder), progress, stop or threading.Event())
    except OSError as problem:
        error = f"{task.lesson.file}: cannot run: {problem.strerror}: free some space"
    return Executed(task.notebook, time.perf_counter() - start, error)


def _failure(task: Task, folder: Path, progress: Progress | None, stop: threading.Event) -> str:
    """Execute in `folder`; what failed, in one line, or nothing."""
    client = _Client(task, folder, progress)
    work = folder / "lesson"
    work.mkdir()
    silent: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run = client.async_execute(cwd=str(work), env=task.environment, **silent)
    place = client.places.of
    try:
        asyncio.run(_unless(stop, run))
    except _LessonFailedError as error:
        return str(error)
    except CellExecutionError as error:
        failure = client.places.locate(client.current, error.ename, error.evalue, error.traceback)
        return failure + advice(error.traceback, task.real_ids, task.environment, task.gpus)
    except CellTimeoutError:
        return f"{place(client.current)}: timeout: the lesson took longer than {task.timeout:.0f} s"
    except (DeadKernelError, RuntimeError):
        reason = "out of memory, or a crash in native code"
        return f"{place(client.current)}: the kernel died: {reason}"
    except asyncio.CancelledError:
        return f"{place(client.current)}: interrupted"
    return ""


async def _unless(stop: threading.Event, run: Coroutine[None, None, NotebookNode]) -> None:
    """Await `run`; cancel it, which ends its kernel, when `stop` is set."""
    task = asyncio.ensure_future(run)
    while not task.done() and not stop.is_set():
        await asyncio.wait({task}, timeout=0.25)
    if stop.is_set():
        task.cancel()
    await task


class _Client(NotebookClient):
    """Runs the prelude first, and before a solution its check, which must fail on the stub."""

    def __init__(self, task: Task, folder: Path, progress: Progress | None) -> None:
        deadline = time.monotonic() + task.timeout
        super().__init__(
            task.notebook,
            kernel_manager_class=task.kernel.manager(folder),
            kernel_name="",
            resources={"metadata": {"path": str(folder)}},
            timeout_func=lambda cell: max(1, int(deadline - time.monotonic())),
            allow_errors=False,
            record_timing=False,
            shutdown_kernel="immediate",
        )
        self.places = Places(task.lesson.file, task.lesson.text)
        self.gpus = task.gpus
        self.progress = progress or (lambda done, cells: None)
        self.current = 0
        self.done = 0

    async def async_execute_cell(
        self,
        cell: NotebookNode,
        cell_index: int,
        execution_count: int | None = None,
        store_history: bool = True,
    ) -> NotebookNode:
        """Execute one cell of the lesson, with what has to come before it."""
        if cell.cell_type != "code":
            return cell
        self.current = cell_index
        cells = sum(c.cell_type == "code" for c in self.nb.cells)
        if self.done == 0:
            self.progress(0, cells)
            await self._unseen(prelude.source(self.gpus), cell_index, may_fail=False)
        if "solution" in cell.metadata.get("tags", []):
            await self._probe_stub(cell_index)
        executed = await super().async_execute_cell(cell, cell_index, store_history=store_history)
        self.done += 1
        self.progress(self.done, cells)
        return executed

    async def _probe_stub(self, cell_index: int) -> None:
        """Run the check that follows on what the stub defined: it has to raise."""
        later = range(cell_index + 1, len(self.nb.cells))
        tags = [cell.metadata.get("tags", []) for cell in self.nb.cells]
        check = next((i for i in later if "check" in tags[i]), None)
        if check is None:
            raise _LessonFailedError(
                f"{self.places.of(cell_index)}: this solution has no check after it: add one"
            )
        outputs = await self._unseen(self.nb.cells[check].source, check, may_fail=True)
        if not any(output.output_type == "error" for output in outputs):
            raise _LessonFailedError(
                f"{self.places.of(check)}: this check passes on the stub: make it fail there"
            )

    async def _unseen(self, source: str, cell_index: int, *, may_fail: bool) -> list[NotebookNode]:
        cell = nbformat.v4.new_code_cell(source)
        cell.metadata["tags"] = ["raises-exception"] if may_fail else []
        shown = self.nb.cells[cell_index]
        await super().async_execute_cell(cell, cell_index, store_history=False)
        self.nb.cells[cell_index] = shown  # nbclient puts what it executed into the notebook
        return list(cell.outputs)

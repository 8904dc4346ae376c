"""Executing one notebook in one kernel, cell by cell."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from course_utils.catalog import Lesson
from course_utils.errors import CourseError
from course_utils.run import prelude

__all__ = ["LessonError", "execute"]


class LessonError(CourseError):
    """A lesson failed; the text names file, line, cell and error."""


def execute(
    lesson: Lesson,
    notebook: NotebookNode,
    *,
    manager: type[AsyncKernelManager],
    folder: Path,
    environment: dict[str, str],
    timeout: float,
    progress: Callable[[int, int], None],
) -> float:
    """Run every code cell of `notebook` in place; returns the seconds it took.

    `progress` is called with the number of code cells done and of all. `timeout` is in seconds and
    for the whole lesson.

    Raises:
        LessonError: a cell failed, took too long or killed the kernel, or a stub passed its check.
    """
    client = _Client(lesson, notebook, manager, folder, time.monotonic() + timeout, progress)
    start = time.perf_counter()
    try:
        asyncio.run(client.async_execute(cwd=str(folder), env=environment))
    except CellExecutionError as error:
        raise LessonError(client.locate(error.ename, error.evalue, error.traceback)) from None
    except CellTimeoutError:
        text = f"the lesson took longer than {timeout:.0f} s"
        raise LessonError(client.locate("timeout", text, "")) from None
    except (DeadKernelError, RuntimeError):
        raise LessonError(client.locate("crash", "the kernel died", "")) from None
    return time.perf_counter() - start


class _Client(NotebookClient):
    """Runs the prelude first, and before a solution its check, which must fail on the stub."""

    def __init__(
        self,
        lesson: Lesson,
        notebook: NotebookNode,
        manager: type[AsyncKernelManager],
        folder: Path,
        deadline: float,
        progress: Callable[[int, int], None],
    ) -> None:
        super().__init__(
            notebook,
            kernel_manager_class=manager,
            kernel_name="",
            resources={"metadata": {"path": str(folder)}},
            timeout_func=lambda cell: max(1, int(deadline - time.monotonic())),
            allow_errors=False,
            record_timing=False,
        )
        self.lesson, self.progress = lesson, progress
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
        if self.done == 0:
            await self._unseen(prelude.source(), cell_index, may_fail=False)
        if "solution" in cell.metadata.get("tags", []):
            await self._probe_stub(cell_index)
        executed = await super().async_execute_cell(cell, cell_index, store_history=store_history)
        self.done += 1
        self.progress(self.done, sum(c.cell_type == "code" for c in self.nb.cells))
        return executed

    async def _probe_stub(self, cell_index: int) -> None:
        """Run the check that follows on what the stub defined: it has to raise."""
        later = range(cell_index + 1, len(self.nb.cells))
        tags = [cell.metadata.get("tags", []) for cell in self.nb.cells]
        check = next((i for i in later if "check" in tags[i]), None)
        if check is None:
            raise LessonError(f"{self._place(cell_index)}: this solution has no check after it")
        outputs = await self._unseen(self.nb.cells[check].source, check, may_fail=True)
        if not any(output.output_type == "error" for output in outputs):
            raise LessonError(
                f"{self._place(check)}: this check passes on the stub: make it fail there"
            )

    async def _unseen(self, source: str, cell_index: int, *, may_fail: bool) -> list[NotebookNode]:
        cell = nbformat.v4.new_code_cell(source)
        cell.metadata["tags"] = ["raises-exception"] if may_fail else []
        shown = self.nb.cells[cell_index]
        await super().async_execute_cell(cell, cell_index, store_history=False)
        self.nb.cells[cell_index] = shown  # nbclient puts what it executed into the notebook
        return list(cell.outputs)

    def locate(self, name: str, value: str, trace: Any) -> str:
        """The failure in one line: file, line, cell, error."""
        inside = re.findall(r"Cell In\[\d+\], line (\d+)", _plain(trace))
        message = _plain(value).strip().split("\n")[0]
        return f"{self._place(self.current, int(inside[0]) if inside else 1)}: {name}: {message}"

    def _place(self, cell_index: int, line: int = 1) -> str:
        starts = _cell_lines(self.lesson.text)
        start = starts[cell_index] if cell_index < len(starts) else 0
        return f"{self.lesson.file}:{start + line}: cell {cell_index + 1}"


def _cell_lines(source: str) -> list[int]:
    """The line of each cell's ``# %%`` marker, counted from 1."""
    return [n for n, line in enumerate(source.splitlines(), 1) if line.startswith("# %%")]


def _plain(text: object) -> str:
    joined = "\n".join(text) if isinstance(text, list) else str(text)
    return re.sub(r"\x1b\[[0-9;]*m", "", joined)

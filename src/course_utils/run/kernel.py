"""Where kernels come from: forked from a warm template, or started fresh."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from course_utils.errors import CourseError

__all__ = ["fresh_kernels", "kernels", "warm_kernels"]

STAND_IN = Path(__file__).with_name("stand_in.py")


def fresh_kernels() -> type[AsyncKernelManager]:
    """A kernel manager that starts an ordinary process for each kernel."""
    return _manager([sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"])


@contextmanager
def warm_kernels(environment: dict[str, str]) -> Iterator[type[AsyncKernelManager]]:
    """A kernel manager whose kernels are forked from a template that lives for this block.

    `environment` is what the template imports under: the Hub must be named there already.
    """
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        path = f"{folder}/template"
        command = [sys.executable, "-m", "course_utils.run.template", path]
        with subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        ) as template:
            assert template.stdin is not None and template.stdout is not None  # noqa: S101
            if template.stdout.readline() != "ready\n":
                raise CourseError("the kernels' template did not start: see the lines above")
            argv = [sys.executable, "-I", "-S", str(STAND_IN), path, "-f", "{connection_file}"]
            try:
                yield _manager(argv)
            finally:
                template.stdin.close()


@contextmanager
def kernels(environment: dict[str, str], *, warm: bool) -> Iterator[type[AsyncKernelManager]]:
    """Warm kernels where the system can fork them and `warm` is asked for, else fresh ones."""
    if warm and sys.platform == "linux" and hasattr(os, "fork"):
        with warm_kernels(environment) as manager:
            yield manager
    else:
        yield fresh_kernels()


def _manager(argv: list[str]) -> type[AsyncKernelManager]:
    class Manager(AsyncKernelManager):
        """Starts kernels by one fixed command, whatever kernelspecs the user has."""

        def __init__(self, **settings: object) -> None:
            # Unix sockets: no port that another process could take or listen to.
            transport = "tcp" if sys.platform == "win32" else "ipc"
            super().__init__(transport=transport, **settings)
            if transport == "ipc":
                self.ip = f"{tempfile.gettempdir()}/course-{uuid.uuid4().hex[:12]}"

        @property
        def kernel_spec(self) -> KernelSpec:
            """The one kernelspec of this run."""
            return KernelSpec(argv=argv, display_name="course", language="python")

    return Manager

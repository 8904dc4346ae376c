"""Where kernels come from: forked from a warm template, or started fresh."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from course_utils.errors import CourseError

__all__ = ["FRESH", "KernelSource", "kernels"]

STAND_IN = Path(__file__).with_name("stand_in.py")


@dataclass(frozen=True)
class KernelSource:
    """The command that starts a kernel, whatever kernelspecs the user has installed."""

    argv: tuple[str, ...]

    def manager(self, folder: Path) -> type[AsyncKernelManager]:
        """A class of kernel managers that keep their files and sockets in `folder`."""
        spec = KernelSpec(argv=list(self.argv), display_name="course", language="python")

        class Manager(AsyncKernelManager):
            """Starts kernels by this source's command."""

            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                self.connection_file = str(folder / f"{uuid.uuid4().hex[:8]}.json")
                # Unix sockets: no port that another process could take or listen to.
                if sys.platform != "win32":
                    self.transport = "ipc"
                    self.ip = self.connection_file.removesuffix(".json")

            @property
            def kernel_spec(self) -> KernelSpec:
                """The one kernelspec there is."""
                return spec

        return Manager


#: Starts an ordinary process for each kernel.
FRESH = KernelSource((sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"))


@contextmanager
def kernels(environment: Mapping[str, str], folder: Path, *, warm: bool) -> Iterator[KernelSource]:
    """Warm kernels where the system can fork them and `warm` is asked for, else fresh ones.

    Warm ones are forked from a template that lives for this block, with its socket in `folder`.
    It imports under `environment`, which must name the Hub already.

    Raises:
        CourseError: the template did not start.
    """
    if not (warm and sys.platform == "linux" and hasattr(os, "fork")):
        yield FRESH
        return
    socket, complaints = folder / "template", folder / "template.log"
    # -P: the runner's own folder is nothing that a lesson may import from.
    command = [sys.executable, "-P", "-m", "course_utils.run.template", str(socket)]
    with (
        complaints.open("w") as log,
        subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
            start_new_session=True,  # Ctrl-C is ours to handle
        ) as template,
    ):
        assert template.stdin is not None and template.stdout is not None  # noqa: S101
        try:
            if template.stdout.readline() != "ready\n":
                last = complaints.read_text().strip().rpartition("\n")[2]
                raise CourseError(f"the template of the kernels did not start: {last}")
            yield KernelSource(
                (sys.executable, "-I", "-S", str(STAND_IN), str(socket), "-f", "{connection_file}")
            )
        finally:
            template.stdin.close()

"""GPUs: what this machine has, what a lesson was promised, and which lesson has which."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from course_utils.errors import CourseError

__all__ = ["CPU", "Gpu", "GpuPool", "Need", "Probe", "choose", "probe", "shortage", "visible"]

#: The device of a lesson that uses no GPU, as readers are told it.
CPU = f"CPU ({platform.machine()})"


@dataclass(frozen=True)
class Gpu:
    """A GPU: what CUDA_VISIBLE_DEVICES calls it, its model, its memory and what is free, in GB."""

    id: str
    model: str
    memory: float
    free: float


@dataclass(frozen=True)
class Need:
    """What a lesson was promised: a number of GPUs, and free memory of each in GB."""

    gpus: int
    memory: float

    def __str__(self) -> str:
        gpus = "a GPU" if self.gpus == 1 else f"{self.gpus} GPUs"
        return f"{gpus} with {self.memory:g} GB of memory{'' if self.gpus == 1 else ' each'}"


#: Finds the GPUs of a machine; tests give their own.
Probe = Callable[[], Sequence[Gpu]]


def probe() -> list[Gpu]:
    """The GPUs that a lesson started now would see, and what is free on them.

    Raises:
        CourseError: torch could not be asked; the text ends with what it said.
    """
    command = [sys.executable, "-P", str(Path(__file__).with_name("gpu_probe.py"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        found = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.strip().rpartition("\n")[2]
        raise CourseError(f"torch cannot say which GPUs there are: {said}") from None
    names = _visible_names(len(found))
    return [
        Gpu(name, model, total / 1e9, free / 1e9)
        for name, (model, total, free) in zip(names, found, strict=True)
    ]


def _visible_names(count: int) -> list[str]:
    """What CUDA_VISIBLE_DEVICES calls the GPUs: those it lists already, or their numbers."""
    listed = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = [name.strip() for name in listed.split(",") if name.strip()]
    return names[:count] if len(names) >= count else [str(number) for number in range(count)]


def choose(need: Need, gpus: Sequence[Gpu]) -> list[Gpu]:
    """The GPUs that a lesson may run on: all of one model, the smallest that will do.

    Raises:
        CourseError: there are none such; the text says what is missing, but not for which lesson.
    """
    if not gpus:
        raise CourseError(
            f"needs {need}, and torch sees no GPU here: run it at pocket scale, or mend "
            "the driver or the build of torch, which `course doctor` shows"
        )
    large = [gpu for gpu in gpus if gpu.memory >= need.memory]
    by_size = sorted(large, key=lambda gpu: (gpu.memory, gpu.model))
    for _, group in groupby(by_size, key=lambda gpu: gpu.model):
        if len(alike := list(group)) >= need.gpus:
            return alike
    here = ", ".join(f"{gpu.model} ({gpu.memory:.1f} GB)" for gpu in gpus)
    raise CourseError(f"needs {need}; here there is {here}: run it on a larger machine")


def shortage(need: Need, lent: Sequence[Gpu], now: Sequence[Gpu]) -> str:
    """What the GPUs that were `lent` lack by what is free `now`, with a mend; or nothing."""
    free = {gpu.id: gpu.free for gpu in now}
    for gpu in lent:
        left = free.get(gpu.id, 0.0)
        if left < need.memory:
            return (
                f"needs {need}; on {gpu.model} (GPU {gpu.id}) {left:.1f} of {gpu.memory:.1f} GB "
                "are free: end what else uses it, which `nvidia-smi` lists"
            )
    return ""


def visible(lent: Sequence[Gpu]) -> dict[str, str]:
    """The variables by which a process sees these GPUs and no other."""
    return {
        "CUDA_VISIBLE_DEVICES": ",".join(gpu.id for gpu in lent),
        # The numbers are those of the order in which the probe saw them.
        "CUDA_DEVICE_ORDER": os.environ.get("CUDA_DEVICE_ORDER", "FASTEST_FIRST"),
    }


class GpuPool:
    """Lends GPUs, each to one lesson at a time."""

    def __init__(self) -> None:
        self._lent: set[str] = set()
        self._change = threading.Condition()

    @contextmanager
    def lend(self, count: int, among: Sequence[Gpu]) -> Iterator[list[Gpu]]:
        """Wait until `count` GPUs `among` those are idle, and lend them for the block.

        All are taken at once, so that two lessons cannot wait for each other.
        """
        with self._change:
            self._change.wait_for(lambda: len(self._idle(among)) >= count)
            taken = self._idle(among)[:count]
            self._lent |= {gpu.id for gpu in taken}
        try:
            yield taken
        finally:
            with self._change:
                self._lent -= {gpu.id for gpu in taken}
                self._change.notify_all()

    def _idle(self, among: Sequence[Gpu]) -> list[Gpu]:
        return [gpu for gpu in among if gpu.id not in self._lent]

"""The device a lesson runs on, as readers are told it."""

from __future__ import annotations

import platform

from course_utils.catalog import Lesson
from course_utils.errors import CourseError

__all__ = ["device_of", "gpus_of"]


def gpus_of(lesson: Lesson, scale: str) -> int:
    """The number of GPUs that the lesson's header promises at `scale`."""
    full = lesson.header.full
    return full.resources.gpus if full and scale == "full" else 0


def device_of(lesson: Lesson, scale: str) -> str:
    """The device class: the GPU's name, or the processor's architecture.

    Raises:
        CourseError: the lesson needs more GPUs than this machine has.
    """
    needed = gpus_of(lesson, scale)
    if not needed:
        return f"CPU ({platform.machine()})"
    import torch

    found = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if found < needed:
        raise CourseError(
            f"{lesson.file}: full scale needs {_gpus(needed)} and this machine has "
            f"{found or 'none'}: run it at pocket scale here"
        )
    name = str(torch.cuda.get_device_name(0))
    return name if needed == 1 else f"{needed} × {name}"


def _gpus(number: int) -> str:
    return "a GPU" if number == 1 else f"{number} GPUs"

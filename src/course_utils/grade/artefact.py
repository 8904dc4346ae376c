"""Files that a submission brings beside its code, read by the grader as data alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import safetensors
import safetensors.numpy

from course_utils.grade.check import CheckFailed

__all__ = ["read_json", "read_weights"]


def read_weights(files: Mapping[str, bytes], name: str = "model.safetensors") -> dict[str, Any]:
    """The arrays of a safetensors file; the format holds no code, and the library checks it whole.

    Raises:
        CheckFailed: it is not there, or not whole.
    """
    try:
        return dict(safetensors.numpy.load(files[name]))
    except KeyError as error:
        raise CheckFailed(f"{name}: missing, or of a type that NumPy lacks ({error})") from None
    except (
        safetensors.SafetensorError,
        ValueError,
        OverflowError,
        MemoryError,
        TypeError,
    ) as error:
        raise CheckFailed(f"{name}: no true safetensors file ({type(error).__name__})") from None


def read_json(files: Mapping[str, bytes], name: str) -> Any:
    """A JSON file's value.

    Raises:
        CheckFailed: it is not there, or no JSON.
    """
    try:
        return json.loads(files[name])
    except KeyError:
        raise CheckFailed(f"{name} is missing") from None
    except (ValueError, RecursionError) as error:
        raise CheckFailed(f"{name}: no JSON ({type(error).__name__})") from None

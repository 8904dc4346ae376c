"""The values that cross the line: plain JSON, and arrays as type, shape and bytes."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any

__all__ = ["ValueFaultError", "dumps", "loads"]

DEEPEST = 32
MOST = 1_000_000
ARRAY = "__array__"
ARRAY_TYPES = frozenset(
    ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8")
)


class ValueFaultError(Exception):
    """A value that may not cross; the text says what is wrong with it."""


def dumps(value: object) -> bytes:
    """JSON of `value`; tuples become lists, arrays and tensors their type, shape and bytes.

    Raises:
        ValueFaultError: it holds something else, or is nested too deeply.
    """
    return json.dumps(_plain(value, 0), ensure_ascii=True).encode("ascii")


def loads(payload: bytes) -> Any:
    """Read what `dumps` wrote, trusting nothing: every value is checked.

    Raises:
        ValueFaultError: it is no such JSON, too deep, too many values, or no true array.
    """
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise ValueFaultError(f"no JSON ({type(error).__name__})") from None
    return _Reader().read(found, 0)


def _plain(value: Any, depth: int) -> object:
    if depth > DEEPEST:
        raise ValueFaultError(f"nested deeper than {DEEPEST} levels")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, dict):
        return {_key(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    return _array(value)


def _key(key: object) -> str:
    if type(key) is not str:
        raise ValueFaultError(f"a dictionary's key is of type {type(key).__name__}, not str")
    return key


def _array(value: Any) -> object:
    """A NumPy array or scalar, or a torch tensor (bfloat16, which NumPy lacks, as float32)."""
    import numpy as np

    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()
    if isinstance(value, np.generic):
        return _plain(value.item(), DEEPEST)
    if not isinstance(value, np.ndarray) or value.dtype.str not in ARRAY_TYPES:
        raise ValueFaultError(f"a value of type {type(value).__name__}, no plain value")
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
    return {ARRAY: [value.dtype.str, list(value.shape), data]}


class _Reader:
    """Checks parsed JSON part by part, counting the parts."""

    def __init__(self) -> None:
        self.seen = 0

    def read(self, value: Any, depth: int) -> Any:
        self.seen += 1
        if depth > DEEPEST or self.seen > MOST:
            raise ValueFaultError(f"nested deeper than {DEEPEST} levels, or over {MOST:,} values")
        if isinstance(value, list):
            return [self.read(item, depth + 1) for item in value]
        if isinstance(value, dict):
            if ARRAY in value:
                return _true_array(value)
            return {key: self.read(item, depth + 1) for key, item in value.items()}
        return value


def _true_array(found: dict[str, Any]) -> Any:
    import numpy as np

    match found:
        case {"__array__": [str(kind), list(shape), str(data)]} if len(found) == 1:
            pass
        case _:
            raise ValueFaultError("an array is not written as type, shape and bytes")
    if kind not in ARRAY_TYPES or len(shape) > 8 or not all(_size(n) for n in shape):
        raise ValueFaultError("an array of an unknown type or shape")
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise ValueFaultError("an array whose bytes are no base64") from None
    if math.prod(shape) * np.dtype(kind).itemsize != len(raw):
        raise ValueFaultError("an array whose shape and bytes disagree")
    try:
        return np.frombuffer(raw, dtype=kind).reshape(shape)
    except ValueError:
        raise ValueFaultError("an array of an impossible shape") from None


def _size(number: object) -> bool:
    return type(number) is int and 0 <= number < 1 << 31

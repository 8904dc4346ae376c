import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.grade.inside.values import ValueFaultError, dumps, loads

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    if "__array__" not in json.dumps(value):
        assert loads(dumps(value)) == value


@pytest.mark.parametrize("kind", ["f4", "f8", "i8", "u1", "?", "f2"])
def test_arrays_keep_type_and_shape(kind: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(kind)
    got = loads(dumps({"a": [array]}))["a"][0]
    assert got.dtype == array.dtype
    assert (got == array).all()


def test_tensors_become_arrays_and_scalars_numbers() -> None:
    assert loads(dumps(torch.ones(2, requires_grad=True))).tolist() == [1, 1]
    assert loads(dumps(torch.ones(2, dtype=torch.bfloat16))).tolist() == [1, 1]
    assert loads(dumps((np.float32(0.5), np.int64(3)))) == [0.5, 3]


@pytest.mark.parametrize("value", [object(), {1: 2}, b"x", np.array([object()]), {1, 2}, 1j])
def test_what_is_not_plain_does_not_cross(value: object) -> None:
    with pytest.raises(ValueFaultError):
        dumps(value)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
        b"9" * 10_000,
        b'{"__array__": ["|O", [1], "AAAAAAAAAAA="]}',
        b'{"__array__": ["<f8", [2], "AAAAAAAAAAA="]}',
        b'{"__array__": ["<f8", [-1], "AAAAAAAAAAA="]}',
        b'{"__array__": ["<f8", [true], "AAAAAAAAAAA="]}',
        b'{"__array__": ["<f8", [99999999999, 0], ""]}',
        b'{"__array__": ["<f8", [1], "AAAAAAAAAAA="], "more": 1}',
        b'{"__array__": ["<f8", [1], "no base64"]}',
        b'{"__array__": 5}',
        b'{"__array__": ["<f8", [0, 2147483647, 2147483647, 2147483647], ""]}',
    ],
)
def test_what_lies_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueFaultError):
        loads(payload)

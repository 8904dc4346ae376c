from typing import Any

import numpy as np
import pytest

from course_utils.grade.check import CheckFailed
from course_utils.grade.classifier import classify, untrained

TEXTS = ["My parcel has not arrived.", "Sparks came out of the toaster."]
Weights = dict[str, Any]


@pytest.fixture(scope="module")
def weights() -> Weights:
    return untrained("bert-mini", 6, 1)


def answers(weights: Weights) -> list[int]:
    return classify(weights, TEXTS, "bert-mini", 6, 128)


def test_the_same_weights_say_the_same(weights: Weights) -> None:
    assert answers(weights) == answers(untrained("bert-mini", 6, 1))
    half = {name: value.astype("<f2") for name, value in weights.items()}
    assert len(answers(half)) == 2


def test_the_bias_of_a_class_decides(weights: Weights) -> None:
    for label in (0, 5):
        bias = np.where(np.arange(6) == label, 99, 0).astype("<f4")
        assert answers(weights | {"classifier.bias": bias}) == [label, label]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("classifier.bias", np.full(6, np.nan, "<f4"), "holds infinite numbers"),
        (
            "classifier.bias",
            np.zeros(7, "<f4"),
            r"not of floating-point numbers of the shape \(6,\)",
        ),
        ("classifier.bias", np.zeros(6, "<i8"), "not of floating-point"),
        ("classifier.bias", [0.0] * 6, "not of floating-point"),
        ("evil\x1b[2J", np.zeros(1, "<f4"), r"lack or add tensors, such as 'evil\\x1b"),
    ],
)
def test_other_weights_are_refused(weights: Weights, name: str, value: Any, message: str) -> None:
    with pytest.raises(CheckFailed, match=message):
        answers(weights | {name: value})
    lacking = {k: v for k, v in weights.items() if k != "classifier.bias"}
    with pytest.raises(CheckFailed, match="lack or add"):
        answers(lacking)

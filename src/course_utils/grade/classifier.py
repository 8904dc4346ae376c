"""A learner's weights in the grader's own net: what they say of texts, without learner's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from course_utils.grade.check import CheckFailed
from course_utils.hub import checkpoint_folder

__all__ = ["classify", "untrained"]

BATCH = 64


def untrained(checkpoint: str, classes: int, seed: int) -> dict[str, Any]:
    """The weights of a pocket checkpoint under a head of random weights, as arrays by name."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = AutoModelForSequenceClassification.from_config(_config(checkpoint, classes))
        for name, value in net.named_parameters():
            if name.startswith("classifier"):
                torch.nn.init.normal_(value, std=0.5)  # so that classes differ clearly
        base = AutoModelForSequenceClassification.from_pretrained(
            checkpoint_folder(checkpoint), num_labels=classes
        )  # what the checkpoint lacks, such as a pooler, is random too
    head = {k: v for k, v in net.state_dict().items() if k.startswith("classifier")}
    return {name: value.numpy() for name, value in (base.state_dict() | head).items()}


@torch.no_grad()
def classify(
    weights: Mapping[str, Any], texts: Sequence[str], checkpoint: str, classes: int, length: int
) -> list[int]:
    """The class of each text, cut at `length` ids, by `weights` in a net like the checkpoint's.

    Raises:
        CheckFailed: the weights are not those of such a net.
    """
    net = _loaded(weights, checkpoint, classes)
    tokenizer = _tokenizer(checkpoint)
    found: list[int] = []
    for start in range(0, len(texts), BATCH):
        batch = tokenizer(
            list(texts[start : start + BATCH]),
            truncation=True,
            max_length=length,
            padding=True,
            return_tensors="pt",
        )
        found += net(**batch).logits.argmax(-1).tolist()
    return found


def _loaded(weights: Mapping[str, Any], checkpoint: str, classes: int) -> Any:
    net = AutoModelForSequenceClassification.from_config(_config(checkpoint, classes))
    wanted = {name: tuple(value.shape) for name, value in net.state_dict().items()}
    strange = sorted(wanted.keys() ^ weights.keys())
    if strange:
        raise CheckFailed(f"the weights lack or add tensors, such as {ascii(strange[0])[:80]}")
    for name, shape in wanted.items():
        value = weights[name]
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or value.shape != shape:
            raise CheckFailed(f"{name} is not of floating-point numbers of the shape {shape}")
        if not np.isfinite(value).all():
            raise CheckFailed(f"{name} holds infinite numbers, or what is no number")
    net.load_state_dict({k: torch.from_numpy(np.array(v, "<f4")) for k, v in weights.items()})
    return net.eval()


@cache
def _config(checkpoint: str, classes: int) -> Any:
    return AutoConfig.from_pretrained(checkpoint_folder(checkpoint), num_labels=classes)


@cache
def _tokenizer(checkpoint: str) -> Any:
    return AutoTokenizer.from_pretrained(checkpoint_folder(checkpoint))

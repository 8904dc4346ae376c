"""Pretraining pays: bert-mini against the same net from scratch, the mean of three seeds."""

import random
from collections.abc import Callable
from statistics import mean
from typing import Any

import pytest
from transformers import AutoTokenizer

from course_utils.hub import checkpoint_folder
from course_utils.hub.recipes import fine_tuned, reader, spans
from course_utils.hub.recipes.training import read_rows

pytestmark = pytest.mark.verify

BASE = checkpoint_folder("bert-mini")
SEEDS = range(3)
LABELS, STEPS, BATCH, RATE = 200, 120, 16, 1e-3
GAIN = 0.20


def gain(score: Callable[[int, bool], float]) -> float:
    """How much better bert-mini does than the same net from scratch."""
    pretrained, scratch = (mean(score(seed, by) for seed in SEEDS) for by in (False, True))
    return pretrained - scratch


TASKS = {
    "sentiment": fine_tuned.TASKS["bert-mini-reviews"],
    "topics": fine_tuned.TASKS["bert-mini-newswire"],
    "entities": fine_tuned.TASKS["bert-mini-ner"],
}


@pytest.mark.parametrize("name", TASKS)
def test_from_two_hundred_labels(name: str) -> None:
    task, tokenizer = TASKS[name], AutoTokenizer.from_pretrained(BASE)
    seen, test = (read_rows(task.dataset, split) for split in ("train", "test"))
    rows = fine_tuned.encode(task, test, tokenizer)
    truth = [[tag for tag in tags if tag != fine_tuned.IGNORED] for _, tags in rows]

    def score(seed: int, scratch: bool) -> float:
        some: list[dict[str, Any]] = random.Random(seed).sample(seen, LABELS)
        model = fine_tuned.new_model(BASE, task, seed, scratch=scratch)
        stream = fine_tuned.batches(fine_tuned.encode(task, some, tokenizer), BATCH, seed)
        fine_tuned.fine_tune(model, stream, STEPS, RATE)
        return fine_tuned.measures(task, truth, fine_tuned.predict(model, rows))[task.metric]

    assert gain(score) >= GAIN


def test_reading_from_the_full_training_set() -> None:
    tokenizer = AutoTokenizer.from_pretrained(BASE)
    seen, rows = (read_rows("reading", split) for split in ("train", "validation"))
    encoded = spans.encode([reader.asked(row) for row in seen], tokenizer)

    def score(seed: int, scratch: bool) -> float:
        model = reader.new_model(BASE, seed, scratch=scratch)
        reader.fine_tune(model, encoded, reader.STEPS, reader.LEARNING_RATE, seed)
        return reader.measures(rows, reader.answers(model, tokenizer, rows))["f1"]

    assert gain(score) >= GAIN

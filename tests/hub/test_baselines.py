"""What the fine-tuned checkpoints are measured against, and how the card shows it."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from course_utils.hub.recipes import baselines, fine_tuned

SEEN = [
    {"tokens": ["Ann", "sang", "2", "songs"], "tags": [3, 1, 2, 0]},
    {"tokens": ["Bea", "sang", "9", "odes"], "tags": [3, 1, 2, 0]},
    {"tokens": ["Cleo", "heard", "songs", "odes"], "tags": [3, 1, 0, 0]},
]
NEW = [{"tokens": ["Dora", "sang", "7", "hymns"], "tags": [3, 1, 2, 0]}]


def test_the_commonest_tag_is_looked_up() -> None:
    # Dora, 7 and hymns are in no training row: they get the commonest tag of all.
    assert baselines.commonest_tag(SEEN, NEW, "tags") == [[0, 1, 0, 0]]


@pytest.mark.parametrize("word", ["Crown-12", "Tower-34"])
def test_a_shape(word: str) -> None:
    assert baselines.shape(word) == "Xxxxx-99"


def test_a_regression_on_shapes_tags_new_words_by_their_looks() -> None:
    assert baselines.regression(SEEN, NEW, "tags", ("shape",)) == [[3, 1, 2, 0]]


def test_a_regression_on_words_needs_words_it_knows() -> None:
    (tags,) = baselines.regression(SEEN, NEW, "tags", ("word",))
    assert tags[1] == 1


def test_a_bag_of_words_labels_texts() -> None:
    seen = [{"text": "good soup", "label": 1}, {"text": "bad soup", "label": 0}] * 3
    rows = [{"text": "good bread"}, {"text": "bad bread"}]
    assert baselines.bag_of_words(seen, rows, "label") == [[1], [0]]


def test_halved_weights_are_the_same_but_for_rounding(tmp_path: Path) -> None:
    weights = {"a": torch.tensor([1.0, 0.1234567])}
    save_file(weights, tmp_path / "model.safetensors")
    fine_tuned.halve(tmp_path)
    found = load_file(tmp_path / "model.safetensors")["a"]
    assert found.dtype == torch.float16
    assert torch.allclose(found.float(), weights["a"], atol=1e-4)


def test_the_cards_table_has_a_row_for_each_baseline() -> None:
    task = fine_tuned.TASKS["bert-mini-ner"]
    named: dict[str, Any] = {"entity_f1": 0.9, "accuracy": 0.95}
    metrics = named | {f"{key}_{name}": 0.5 for key in baselines.OF_TAGS for name in named}
    lines = fine_tuned.table(task, metrics).splitlines()
    assert lines[0] == "|  | entity f1 | accuracy |"
    assert lines[2] == "| pocket/bert-mini-ner | 0.9 | 0.95 |"
    assert len(lines) == 3 + len(baselines.OF_TAGS)

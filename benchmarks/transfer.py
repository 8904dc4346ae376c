"""How much pretraining pays: entity F1 against the number of labelled sentences.

Three ways to learn pocket/entities: pocket/bert-mini fine-tuned, the same net from fresh weights,
and a logistic regression on word shapes in a window of two words to each side.
Writes results/transfer.json.
"""

import argparse
import json
import platform
import random
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, load_dataset
from seqeval.metrics import f1_score
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    get_linear_schedule_with_warmup,
)

from course_utils import world

CHECKPOINT = Path(__file__).parents[1] / "src/course_utils/hub/repos/models/pocket/bert-mini"
RESULTS = Path(__file__).parent / "results" / "transfer.json"
SIZES, SEEDS, TEST_ROWS = (50, 100, 200, 500, 2000), (0, 1, 2), 400
STEPS, BATCH, LEARNING_RATE, WARMUP = 100, 16, 2e-3, 10

Tagger = Callable[[Dataset, int], list[list[str]]]


class Transfer:
    """The data, tokenised once, and the three ways to learn from it."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        folder = str(world.ensure() / "datasets/pocket/entities")
        raw = load_dataset(folder)
        self.names: list[str] = raw["train"].features["ner_tags"].feature.names
        self.train, self.test = raw["train"], raw["test"].select(range(TEST_ROWS))
        self.tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
        self.truth = [[self.names[tag] for tag in tags] for tags in self.test["ner_tags"]]

    def encode(self, rows: Dataset) -> list[dict[str, Any]]:
        """Return inputs with a label on the first piece of each word."""
        encoded = self.tokenizer(rows["tokens"][:], is_split_into_words=True, truncation=True)
        items = []
        for i, tags in enumerate(rows["ner_tags"]):
            words = encoded.word_ids(i)
            first = [w is not None and w != words[k - 1] for k, w in enumerate(words)]
            labels = [tags[w] if f else -100 for w, f in zip(words, first, strict=True)]
            items.append({**{k: v[i] for k, v in encoded.items()}, "labels": labels})
        return items

    def bert(self, rows: Dataset, seed: int, pretrained: bool) -> list[list[str]]:
        """Fine-tune the checkpoint, or fresh weights, and tag the test sentences."""
        torch.manual_seed(seed)
        labels = {"num_labels": len(self.names)}
        model = AutoModelForTokenClassification.from_pretrained(CHECKPOINT, **labels)
        if not pretrained:
            model = AutoModelForTokenClassification.from_config(model.config)
        collate = DataCollatorForTokenClassification(self.tokenizer)
        items = self.encode(rows)
        optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
        scheduler = get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
        model.train()
        for batch in _endless(items, BATCH, STEPS, random.Random(seed)):  # noqa: S311
            model(**collate(batch)).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
        return self.tag(model, collate)

    @torch.no_grad()
    def tag(self, model: torch.nn.Module, collate: Callable[..., Any]) -> list[list[str]]:
        """Return the predicted tags of the test sentences, one per word."""
        model.eval()
        items, out = self.encode(self.test), []
        for start in range(0, len(items), 64):
            batch = collate(items[start : start + 64])
            best = model(**batch).logits.argmax(-1)
            for row, labels in zip(best, batch["labels"], strict=True):
                out.append([self.names[int(tag)] for tag in row[labels != -100]])
        return out

    def shapes(self, rows: Dataset, seed: int) -> list[list[str]]:
        """Fit the logistic regression on word shapes and tag the test sentences."""
        del seed  # deterministic: the seeds differ in their rows
        x = [f for tokens in rows["tokens"] for f in features(tokens)]
        y = [self.names[tag] for tags in rows["ner_tags"] for tag in tags]
        model = make_pipeline(DictVectorizer(), LogisticRegression(max_iter=1000, C=2.0))
        model.fit(x, y)
        return [list(model.predict(features(tokens))) for tokens in self.test["tokens"]]

    def score(self, size: int, seed: int, tagger: Tagger) -> dict[str, float]:
        """Return F1 and seconds of one way to learn from `size` sentences."""
        rows = self.train.shuffle(seed=seed).select(range(min(size, len(self.train))))
        start = time.process_time()
        predicted = tagger(rows, seed)
        return {"f1": f1_score(self.truth, predicted), "seconds": time.process_time() - start}


def _endless(
    items: list[dict[str, Any]], batch: int, steps: int, rng: random.Random
) -> list[list[dict[str, Any]]]:
    order: list[dict[str, Any]] = []
    while len(order) < batch * steps:
        order += rng.sample(items, len(items))
    return [order[i * batch : (i + 1) * batch] for i in range(steps)]


def shape(word: str) -> str:
    """Return a word's shape: Ashcombe's → Xx'x."""
    marks = [
        "X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in word
    ]
    return "".join(m for i, m in enumerate(marks) if i == 0 or m != marks[i - 1])


def features(tokens: list[str]) -> list[dict[str, bool]]:
    """Return the features of each word: itself and two neighbours to each side."""
    padded = ["<s>", "<s>", *tokens, "</s>", "</s>"]
    return [
        {
            f"{offset}:{name}": True
            for offset in (-2, -1, 0, 1, 2)
            for name in _word_features(padded[i + 2 + offset])
        }
        for i in range(len(tokens))
    ]


def _word_features(word: str) -> tuple[str, ...]:
    return word.lower(), shape(word), f"-{word[-3:].lower()}", f"{word[:3].lower()}-"


def measure(sizes: tuple[int, ...], seeds: tuple[int, ...]) -> dict[str, Any]:
    """Return F1 and seconds by way, size and seed."""
    transfer = Transfer()
    ways: dict[str, Tagger] = {
        "pretrained": lambda rows, seed: transfer.bert(rows, seed, pretrained=True),
        "scratch": lambda rows, seed: transfer.bert(rows, seed, pretrained=False),
        "word shapes": transfer.shapes,
    }
    results: dict[str, Any] = {name: {} for name in ways}
    for size in sizes:
        for name, tagger in ways.items():
            runs = [transfer.score(size, seed, tagger) for seed in seeds]
            f1 = [round(run["f1"], 4) for run in runs]
            results[name][str(size)] = {
                "f1": f1,
                "mean": round(statistics.mean(f1), 4),
                "seconds": round(statistics.mean(run["seconds"] for run in runs), 2),
            }
            print(size, name, results[name][str(size)], flush=True)  # noqa: T201
    return results


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    report = {
        "measured": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("torch", "transformers", "scikit-learn")},
        "settings": {
            "steps": STEPS, "batch": BATCH, "learning_rate": LEARNING_RATE, "warmup": WARMUP,
            "schedule": "linear", "test_sentences": TEST_ROWS, "threads": 1,
        },
        "f1": measure(tuple(options.sizes), tuple(options.seeds)),
    }  # fmt: skip
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

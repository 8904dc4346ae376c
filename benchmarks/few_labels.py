"""What pretraining is worth: bert-mini, the same net from scratch and a baseline, by task.

    python benchmarks/few_labels.py [--base FOLDER] [--tasks NAME …] [--seeds N]

On the test split, from 200 labels (mean of some seeds) and from every training row (one seed).
Writes benchmarks/results/few_labels.json.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from course_utils.hub import checkpoint_folder
from course_utils.hub.recipes import bert_mini, fine_tuned
from course_utils.hub.recipes.fine_tuned import IGNORED, TASKS, Task
from course_utils.hub.recipes.training import batches_of_tokens, read_rows, train

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "few_labels.json"
TEXTS = "text-classification"
POLARITY = "polarity of reviews"  # one or two stars against four or five
ADAPTED = "film-reviews, adapted"  # after bert-mini has read the film reviews without labels
MEASURED = {
    "reviews": TASKS["bert-mini-reviews"],
    POLARITY: Task("", "film-reviews", "label", TEXTS, "accuracy", 300),
    "film-reviews": Task("", "film-reviews", "label", TEXTS, "accuracy", 300),
    ADAPTED: Task("", "film-reviews", "label", TEXTS, "accuracy", 300),
    "newswire": TASKS["bert-mini-newswire"],
    "tickets": Task("", "tickets", "label", TEXTS, "macro_f1", 500),
    "entities": TASKS["bert-mini-ner"],
    "parts of speech": TASKS["bert-mini-pos"],
}
LABELS = 200
#: Steps, rows a step and learning rate from few labels, the same for every task.
FEW = (120, 16, 1e-3)
#: Steps, tokens a step, rates (of the matrices, of the rest) and share of masked words, to adapt.
ADAPTING, MASKED = (600, 1024, 2e-3, 1e-3), 0.2


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, default=checkpoint_folder("bert-mini"))
    parser.add_argument("--tasks", nargs="+", choices=MEASURED, default=list(MEASURED))
    parser.add_argument("--labels", nargs="+", type=int, default=[LABELS, 0], help="0: every row")
    parser.add_argument("--seeds", type=int, default=3, help="where labels are few")
    parser.add_argument("--output", type=Path, default=RESULT)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    found = []
    for name in asked.tasks:
        for labels in asked.labels:
            row = measured(name, asked.base, labels, asked.seeds if labels else 1)
            print(row, flush=True)
            found.append(row)
            asked.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def rows_of(name: str, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split of what is measured."""
    if name != POLARITY:
        return read_rows(MEASURED[name].dataset, split)
    rows = read_rows("reviews", split)
    return [row | {"label": int(row["label"] > 2)} for row in rows if row["label"] != 2]


def adapted(base: Path, texts: list[str], output: Path) -> Path:
    """Train the checkpoint on masked words of the texts, save it to `output`, return that."""
    steps, tokens, matrix_rate, rate = ADAPTING
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForMaskedLM.from_pretrained(base)
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    shares = torch.tensor([0.0 if piece.startswith("##") else MASKED for piece in pieces])
    generator = torch.Generator().manual_seed(0)
    rows = tokenizer(texts, truncation=True)["input_ids"]
    train(
        model,
        batches_of_tokens(rows, tokens, 0, generator),
        lambda inputs: bert_mini.masked_loss(model, inputs, shares, generator),
        steps=steps,
        learning_rate=rate,
        warmup=steps // 20,
        matrix_rate=matrix_rate,
    )
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    return output


def measured(name: str, base: Path, labels: int, seeds: int) -> dict[str, Any]:
    """Return the task's metric of the checkpoint, from scratch too where labels are few."""
    if name == ADAPTED:
        with tempfile.TemporaryDirectory() as folder:
            texts = [row["text"] for row in read_rows("film-reviews", "unsupervised")]
            return scores(name, adapted(base, texts, Path(folder)), labels, seeds)
    return scores(name, base, labels, seeds)


def scores(name: str, base: Path, labels: int, seeds: int) -> dict[str, Any]:
    """Return what `measured` does, of the checkpoint as it is."""
    task, tokenizer = MEASURED[name], AutoTokenizer.from_pretrained(base)
    seen, test = (rows_of(name, split) for split in ("train", "test"))
    rows = fine_tuned.encode(task, test, tokenizer)
    truth = [[tag for tag in tags if tag != IGNORED] for _, tags in rows]
    steps, size, rate = FEW if labels else (task.steps, fine_tuned.BATCH, fine_tuned.LEARNING_RATE)
    samples = [random.Random(seed).sample(seen, labels or len(seen)) for seed in range(seeds)]

    def score(seed: int, scratch: bool) -> float:
        model = fine_tuned.new_model(base, task, seed, scratch=scratch)
        encoded = fine_tuned.encode(task, samples[seed], tokenizer)
        fine_tuned.fine_tune(model, fine_tuned.batches(encoded, size, seed), steps, rate)
        return fine_tuned.measures(task, truth, fine_tuned.predict(model, rows))[task.metric]

    def baseline(seed: int) -> float:
        _, label = fine_tuned.baselines(task)["baseline"]
        said = label(samples[seed], test, task.labels)
        said = [row[: len(tags)] for row, tags in zip(said, truth, strict=True)]
        return fine_tuned.measures(task, truth, said)[task.metric]

    started = time.process_time()
    pretrained = [score(seed, False) for seed in range(seeds)]
    seconds = (time.process_time() - started) / seeds
    found: dict[str, Any] = {"task": name, "labels": labels or len(seen), "metric": task.metric}
    found["bert-mini"] = _summary(pretrained)
    if labels:
        found["from scratch"] = _summary([score(seed, True) for seed in range(seeds)])
    return found | {
        "baseline": _summary([baseline(seed) for seed in range(seeds)]),
        "seconds": round(seconds, 1),
    }


def _summary(scores: list[float]) -> dict[str, float]:
    return {
        "mean": round(mean(scores), 3),
        "worst": round(min(scores), 3),
        "best": round(max(scores), 3),
    }


if __name__ == "__main__":
    main()

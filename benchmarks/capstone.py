"""What the capstone's marks rest on: three methods on hidden tickets, by the keys of COURSE_KEYS.

    python benchmarks/capstone.py [--seeds N] [--weights FOLDER]

TF-IDF with logistic regression (plain, and with balanced classes), the reference's net from random
weights, and the reference. All are fitted on the training part of the reference's own split; a
seed makes another split, another head and another order. Writes benchmarks/results/capstone.json.
Trained weights are kept in FOLDER and taken from there: other sentences need no new training, but
another solution does, so empty it then.
"""

from __future__ import annotations

from course_utils import hub

hub.start()  # which the reference's checkpoint comes from; before any import of Hugging Face's

import argparse
import importlib.util
import json
from pathlib import Path
from statistics import mean
from types import ModuleType
from typing import Any

import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging as transformers_logging

from course_utils.grade import load_keys
from course_utils.grade.classifier import classify
from course_utils.grade.hidden_tickets import QUEUES, drawn
from course_utils.hub.recipes.training import read_rows

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "capstone.json"
RARE = [QUEUES.index("complaint"), QUEUES.index("safety")]
Labels = list[int]


def main() -> None:
    """Measure and write, after each run anew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--weights", type=Path, default=ROOT / "build" / "capstone")
    parser.add_argument("--output", type=Path, default=RESULT)
    asked = parser.parse_args()
    transformers_logging.set_verbosity_error()
    solution = reference()
    rows = read_rows("tickets", "train")
    sets = {"hidden": hidden(), "test": labelled(read_rows("tickets", "test"))}
    texts = [some for some, _ in sets.values()]
    found: list[dict[str, Any]] = []
    for seed in range(asked.seeds):
        mine = labelled([rows[i] for i in solution.split(rows, seed)["train"]])
        for method in ("TF-IDF", "TF-IDF, balanced", "from scratch", "reference"):
            if method.startswith("TF-IDF"):
                said = linear(mine, texts, balanced=method.endswith("balanced"))
            else:
                kept = asked.weights / f"{method}-{seed}.safetensors"
                weights = trained(kept, mine, solution, seed, scratch=method == "from scratch")
                said = [classify(weights, some, "bert-mini", len(QUEUES), 128) for some in texts]
            row: dict[str, Any] = {"method": method, "seed": seed}
            for (name, (_, truth)), guess in zip(sets.items(), said, strict=True):
                row[name] = figures(truth, guess)
            print(row, flush=True)
            found.append(row)
            asked.output.write_text(json.dumps(summary(found), indent=1) + "\n", "utf-8")


def reference() -> ModuleType:
    """The reference solution as a module; its last cell does not run."""
    path = ROOT / "assignments" / "capstone" / "solution.py"
    spec = importlib.util.spec_from_file_location("submission", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def hidden() -> tuple[list[str], Labels]:
    """The hidden tickets that marking uses, with the keys of COURSE_KEYS, else the demo keys."""
    tickets = drawn(load_keys(ROOT))
    return [ticket.text for ticket in tickets], [ticket.label for ticket in tickets]


def labelled(rows: list[dict[str, Any]]) -> tuple[list[str], Labels]:
    """Texts and labels of rows of the dataset."""
    return [row["text"] for row in rows], [row["label"] for row in rows]


def linear(
    seen: tuple[list[str], Labels], sets: list[list[str]], *, balanced: bool
) -> list[Labels]:
    """What TF-IDF with logistic regression, fitted on `seen`, says of each set of texts."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    fitted = LogisticRegression(C=10, max_iter=1000, class_weight="balanced" if balanced else None)
    fitted.fit(words.fit_transform(seen[0]), seen[1])
    return [fitted.predict(words.transform(some)).tolist() for some in sets]


def trained(
    kept: Path, seen: tuple[list[str], Labels], solution: ModuleType, seed: int, *, scratch: bool
) -> dict[str, Any]:
    """The weights that the reference's `train` gives, from the checkpoint or from random ones."""
    if not kept.is_file():
        pretrained = solution.new_model
        if scratch:
            solution.new_model = lambda seed: random_model(pretrained(seed).config, seed)
        found = solution.train(*seen, solution.STEPS, seed)
        solution.new_model = pretrained
        kept.parent.mkdir(parents=True, exist_ok=True)
        save_file(found, kept)
    return dict(load_file(kept))


def random_model(config: Any, seed: int) -> Any:
    """The same net with random weights."""
    torch.manual_seed(seed)
    return AutoModelForSequenceClassification.from_config(config)


def figures(truth: Labels, guess: Labels) -> dict[str, float]:
    """Macro-F1 and the mean recall of the two rarest queues."""
    rare = recall_score(truth, guess, labels=RARE, average="macro")
    return {
        "macro_f1": round(float(f1_score(truth, guess, average="macro")), 4),
        "rare_recall": round(float(rare), 4),
    }


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All runs, and of each method the mean, the worst and the best over seeds."""
    table = {}
    for method in dict.fromkeys(row["method"] for row in rows):
        own = [row for row in rows if row["method"] == method]
        table[method] = {
            f"{name} {figure}": _spread([row[name][figure] for row in own])
            for name in ("hidden", "test")
            for figure in ("macro_f1", "rare_recall")
        }
    return {"keys": load_keys(ROOT).name, "methods": table, "runs": rows}


def _spread(values: list[float]) -> dict[str, float]:
    return {"mean": round(mean(values), 3), "worst": min(values), "best": max(values)}


if __name__ == "__main__":
    main()

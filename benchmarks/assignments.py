"""What the checks of assignments may ask for: the reference solution beside named baselines.

    python benchmarks/assignments.py [--only NAME] [--seeds N]

Each seed draws new training and test data with the functions of the assignment's own checks.
Writes benchmarks/results/assignments.json.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from types import ModuleType
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from course_utils.grade.resources import lay_out
from course_utils.hub.recipes.baselines import OF_TAGS

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "assignments.json"
CHECKPOINTS = ("pocket/bert-mini", "pocket/bert-mini-ner")
NEW = 200  # test rows a seed


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=MEASURED, help="one assignment; the others' are kept")
    asked = parser.parse_args()
    found = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        cache = lay_out(CHECKPOINTS, Path(folder))
        os.environ |= {
            "HF_HOME": str(cache),
            "HF_HUB_OFFLINE": "1",
            "HF_ENDPOINT": "http://[::1]:9",
        }
        for name in [asked.only] if asked.only else MEASURED:
            found[name] = _over(range(asked.seeds), MEASURED[name])
    text = json.dumps(found, indent=1, sort_keys=True)
    print(text)
    RESULT.write_text(text + "\n", encoding="utf-8")


def training_loop(seed: int) -> dict[str, float]:
    """Accuracy on new reviews."""
    checks, solution = _files("training_loop")
    chance = random.Random(seed)
    train = checks.written(chance, checks.TRAIN, checks.reviews.TRAINING)
    test = checks.written(chance, NEW, checks.reviews.TEST)
    found = solution.fine_tune(checks.CHECKPOINT, train, test, *checks.TRAINING.values(), seed)
    (texts, stars), (new, wanted) = (
        ([row["text"] for row in rows], [row["stars"] for row in rows]) for rows in (train, test)
    )
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    said = make_pipeline(words, LogisticRegression(C=10, max_iter=1000)).fit(texts, stars)
    usual = Counter(stars).most_common(1)[0][0]
    return {
        "reference": found["accuracy"],
        "TF-IDF with logistic regression": float(said.score(new, wanted)),
        "most frequent stars": wanted.count(usual) / len(wanted),
    }


def entity_tagger(seed: int) -> dict[str, float]:
    """Entity F1 on new sentences."""
    checks, solution = _files("entity_tagger")
    chance = random.Random(seed)
    train = checks.drawn(chance, "train", checks.TRAIN)
    test = checks.drawn(chance, "test", NEW)
    words, wanted = [row.tokens for row in test], [row.ner_tags for row in test]
    long_words, long_wanted = checks.joined(test)
    rows = checks.rows_of(train)
    learnt = solution.learn_and_tag(
        checks.CHECKPOINT, rows, checks.NAMES, words, checks.STEPS, seed
    )

    tags = sorted({tag for row in train for tag in row.ner_tags})
    seen = [
        {"tokens": row.tokens, "tags": [tags.index(tag) for tag in row.ner_tags]} for row in train
    ]

    def baseline(key: str) -> float:
        _, label = OF_TAGS[key]
        found = label(seen, [{"tokens": one} for one in words], "tags")
        said = [solution.spans(solution.repair([tags[i] for i in one])) for one in found]
        return float(checks.f1(said, wanted))

    tagged = solution.find_entities(checks.TAGGER, words, *checks.WINDOW)
    long_tagged = solution.find_entities(checks.TAGGER, long_words, *checks.WINDOW)
    return {
        "reference, fine-tuned": checks.f1(learnt, wanted),
        "bert-mini-ner": checks.f1(tagged, wanted),
        "bert-mini-ner, long sentences": checks.f1(long_tagged, long_wanted),
        **{name: baseline(key) for key, (name, _) in OF_TAGS.items()},
    }


MEASURED = {"entity_tagger": entity_tagger, "training_loop": training_loop}


def _over(seeds: range, once: Callable[[int], dict[str, float]]) -> dict[str, Any]:
    rows = [once(seed) for seed in seeds]
    return {
        name: {
            "mean": round(mean(row[name] for row in rows), 3),
            "worst": round(min(row[name] for row in rows), 3),
            "best": round(max(row[name] for row in rows), 3),
        }
        for name in rows[0]
    }


def _files(name: str) -> list[ModuleType]:
    """The checks and the reference solution of an assignment, as modules."""
    made = []
    for file in ("checks", "solution"):
        path = ROOT / "assignments" / name / f"{file}.py"
        spec = importlib.util.spec_from_file_location(f"{name}_{file}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        made.append(module)
    return made


if __name__ == "__main__":
    main()

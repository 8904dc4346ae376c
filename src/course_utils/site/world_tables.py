"""Tables of the pocket world for hand-written pages: its datasets, its checkpoints."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from course_utils.hub import checkpoint_folder
from course_utils.hub.recipes import RECIPES
from course_utils.world.build import MODULES
from course_utils.world.schema import schema

__all__ = ["checkpoint_table", "dataset_table", "few_labels_table", "samples"]


def dataset_table() -> str:
    """One row per dataset: its columns, its splits, the real dataset whose schema it has."""
    lines = ["| Dataset | Columns | Rows | Schema of |", "|---|---|---|---|"]
    for name, module in MODULES.items():
        found = schema(name)
        columns = ", ".join(f"`{column}`" for column in found.features)
        sizes: dict[str, int] = getattr(module, "SIZES", {})
        rows = ", ".join(f"{split} {sizes[split]:,}" for split in found.splits if split in sizes)
        real = found.mirrors.replace("/", "/<wbr>") if found.mirrors else "its own"
        lines.append(f"| {name} | {columns} | {rows or 'train'} | {real} |")
    return "\n".join(lines)


#: Of each checkpoint: what is measured, and where its training.json has result and baseline.
_HEADLINES = {
    "bert-mini": ("masked words guessed", "masked_accuracy", "baseline_accuracy", "commonest"),
    "bert-mini-ner": ("entity F1", "entity_f1", "words_entity_f1", "regression on words, endings"),
    "bert-mini-pos": ("accuracy", "accuracy", "words_accuracy", "regression on words, endings"),
    "bert-mini-reading": ("F1, answerable", "answerable_f1", "baseline_answerable_f1", "random"),
    "sentence-mini": ("rank correlation", "spearman", "tfidf_spearman", "TF-IDF"),
    "gpt-mini": ("perplexity (low is good)", "perplexity", "trigram_perplexity", "trigrams"),
    "gpt-mini-instruct": ("requests answered", "exact_match", "nearest_exact_match", "nearest"),
    "pegasus-mini": ("loss of a gap (low is good)", "gap_loss", "baseline_loss", "frequencies"),
    "clip-mini": ("unseen pairs found", "zero_shot_accuracy", "colour_baseline", "colour"),
    "marian-mini-en-fr": ("SacreBLEU, new patterns", "pattern_bleu", "pattern_dictionary", "words"),
}


def checkpoint_table() -> str:
    """One row per checkpoint: what its card measures, the baseline, size, seconds of training."""
    lines = [
        "| Checkpoint | Measured | Result | Baseline | Parameters | Core seconds |",
        "|---|---|---|---|---|---|",
    ]
    for name in RECIPES:
        facts = json.loads((checkpoint_folder(name) / "training.json").read_text("utf-8"))
        what, result, baseline, named = _HEADLINES.get(
            name, (facts.get("metric"), "score", "baseline_score", facts.get("baseline"))
        )
        size, seconds = f"{facts['parameters']:,}", f"{facts['cpu_seconds']:,}"
        compared = f"{facts[baseline]:.3g} ({named})"
        lines.append(f"| {name} | {what} | {facts[result]:.3g} | {compared} | {size} | {seconds} |")
    return "\n".join(lines)


def few_labels_table(root: Path) -> str:
    """One row per task and number of labels, as benchmarks/few_labels.py measured them."""
    lines = [
        "| Task | Labels | bert-mini | From scratch | Baseline |",
        "|---|---|---|---|---|",
    ]
    for row in json.loads((root / "benchmarks/results/few_labels.json").read_text("utf-8")):
        scores = (row["bert-mini"], row.get("from scratch"), row["baseline"])
        shown = [_spread(found) if found else "" for found in scores]
        task = f"{row['task']}, {row['metric'].replace('_', ' ')}"
        lines.append(f"| {task} | {row['labels']:,} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _spread(found: dict[str, float]) -> str:
    mean = f"{found['mean']:.3f}"
    one = found["worst"] == found["best"]
    return mean if one else f"{mean} ({found['worst']:.2f}–{found['best']:.2f})"


def samples(name: str) -> str:
    """The numbered texts that a checkpoint wrote, as its card keeps them."""
    text = (checkpoint_folder(name) / "README.md").read_text("utf-8")
    _, _, after = text.partition("\n## What it says\n")
    section = after.partition("\n## ")[0]
    return "\n".join(
        escape(line, quote=False) for line in section.splitlines() if line[:1].isdigit()
    )

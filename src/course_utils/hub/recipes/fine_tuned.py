"""pocket/bert-mini fine-tuned for the inference lessons: stars, topics, entities, parts of speech.

Reads from top to bottom: what each checkpoint is of, how rows become batches, the loop, the
measures, the card. What they are measured against is in baselines.py.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from seqeval.metrics import f1_score as entity_f1
from sklearn.metrics import accuracy_score, f1_score
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from course_utils.hub import checkpoint_folder
from course_utils.hub.recipes.baselines import OF_TAGS, OF_TEXTS, Baseline
from course_utils.hub.recipes.training import data_of, digest, read_rows, train, write_card
from course_utils.world.schema import label_names

BASE = "bert-mini"
BATCH = 32  # rows
LEARNING_RATE = 1e-3
SEED = 0
MEASURES = ("entity_f1", "accuracy", "macro_f1")
IGNORED = -100  # the label of tokens that the loss passes over

Row = tuple[list[int], list[int]]  # token ids, labels: one of a text, one a token of a sentence


@dataclass(frozen=True)
class Task:
    """What a checkpoint is fine-tuned for."""

    name: str
    dataset: str
    labels: str  # the column
    title: str  # of the task, as the Hub names it
    metric: str  # the first of `measures`
    steps: int
    half: bool = False  # stored in half precision: all checkpoints together are small

    @property
    def tags_tokens(self) -> bool:
        """Whether each token of a sentence has a label, not the text as a whole."""
        return self.dataset == "entities"


TASKS = {
    task.name: task
    for task in (
        Task("bert-mini-reviews", "reviews", "label", "text-classification", "accuracy", 500),
        Task("bert-mini-newswire", "newswire", "label", "text-classification", "accuracy", 300),
        Task("bert-mini-ner", "entities", "ner_tags", "token-classification", "entity_f1", 500),
        Task(
            "bert-mini-pos",
            "entities",
            "pos_tags",
            "token-classification",
            "accuracy",
            1500,
            half=True,
        ),
    )
}


def new_model(folder: Path, task: Task, seed: int = SEED, *, scratch: bool = False) -> Any:
    """Return the checkpoint in a folder with a new head for the task's labels.

    With `scratch`, the same net with random weights.
    """
    torch.manual_seed(seed)
    kind = (
        AutoModelForTokenClassification if task.tags_tokens else AutoModelForSequenceClassification
    )
    names = label_names(task.dataset, task.labels)
    labels = {name: i for i, name in enumerate(names)}
    config = AutoConfig.from_pretrained(
        folder, num_labels=len(names), id2label=dict(enumerate(names)), label2id=labels
    )
    return kind.from_config(config) if scratch else kind.from_pretrained(folder, config=config)


def encode(task: Task, rows: list[dict[str, Any]], tokenizer: PreTrainedTokenizerFast) -> list[Row]:
    """Return the rows as numbers; of a word in pieces only the first piece has a label."""
    if not task.tags_tokens:
        ids = tokenizer([row["text"] for row in rows], truncation=True)["input_ids"]
        return [(i, [row[task.labels]]) for i, row in zip(ids, rows, strict=True)]
    batch = tokenizer([row["tokens"] for row in rows], is_split_into_words=True, truncation=True)
    found = []
    for i, row in enumerate(rows):
        words = batch.word_ids(i)
        firsts = [w is not None and w != words[k - 1] for k, w in enumerate(words)]
        tags = [
            row[task.labels][w] if first else IGNORED
            for w, first in zip(words, firsts, strict=True)
        ]
        found.append((batch["input_ids"][i], tags))
    return found


def collate(rows: list[Row]) -> dict[str, torch.Tensor]:
    """Return input_ids and attention_mask [rows, width] and labels [rows] or [rows, width]."""
    width = max(len(ids) for ids, _ in rows)
    labels = [
        tags if len(tags) == 1 else tags + [IGNORED] * (width - len(tags)) for _, tags in rows
    ]
    inputs = torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in rows])
    return {
        "input_ids": inputs,
        "attention_mask": inputs.ne(0).long(),
        "labels": torch.tensor(labels).squeeze(-1),
    }


def batches(rows: list[Row], size: int, seed: int = SEED) -> Iterator[dict[str, torch.Tensor]]:
    """Yield shuffled batches, for ever."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(rows), generator=generator).tolist()
        for start in range(0, len(order) - size + 1, size):
            yield collate([rows[i] for i in order[start : start + size]])


def fine_tune(
    model: PreTrainedModel, stream: Iterator[dict[str, torch.Tensor]], steps: int, rate: float
) -> None:
    """Train the model in place."""

    def loss(batch: dict[str, torch.Tensor]) -> torch.Tensor:
        value: torch.Tensor = model(**batch).loss
        return value

    train(model, stream, loss, steps=steps, learning_rate=rate, warmup=max(1, steps // 10))


@torch.no_grad()
def predict(model: PreTrainedModel, rows: list[Row]) -> list[list[int]]:
    """Return the predicted label of each text, or of each word of each sentence."""
    model.eval()
    found: list[list[int]] = []
    for start in range(0, len(rows), 64):
        part = rows[start : start + 64]
        batch = collate(part)
        best = model(**{k: v for k, v in batch.items() if k != "labels"}).logits.argmax(-1)
        for (_, tags), row in zip(part, best.reshape(len(part), -1).tolist(), strict=True):
            found.append([label for label, tag in zip(row, tags, strict=False) if tag != IGNORED])
    return found


def measures(task: Task, truth: list[list[int]], guess: list[list[int]]) -> dict[str, float]:
    """Return accuracy over texts or words; entity F1 or macro-F1 too where it is the task's."""
    names = label_names(task.dataset, task.labels)
    flat, said = ([label for row in rows for label in row] for rows in (truth, guess))
    found = {"accuracy": float(accuracy_score(flat, said))}
    if task.metric == "entity_f1":
        named = ([[names[label] for label in row] for row in rows] for rows in (truth, guess))
        return {"entity_f1": float(entity_f1(*named)), **found}
    return {**found, "macro_f1": float(f1_score(flat, said, average="macro"))}


def baselines(task: Task) -> dict[str, tuple[str, Baseline]]:
    """Return what the task is measured against: {what the metrics are called: (name, baseline)}."""
    return OF_TAGS if task.tags_tokens else OF_TEXTS


def halve(folder: Path) -> None:
    """Store the weights in half precision; they are read as float32, as the config says."""
    file = folder / "model.safetensors"
    weights = {name: tensor.half() for name, tensor in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})


def table(task: Task, metrics: dict[str, float]) -> str:
    """Return the card's table: a row for the checkpoint and one for each baseline."""
    columns = [name for name in metrics if name in MEASURES]
    rows = {f"pocket/{task.name}": ""} | {
        name: f"{key}_" for key, (name, _) in baselines(task).items()
    }
    lines = [
        f"| {' | '.join(['', *columns])} |".replace("_", " "),
        "|---" * (len(columns) + 1) + "|",
    ]
    for name, prefix in rows.items():
        lines.append(f"| {' | '.join([name, *(str(metrics[prefix + c]) for c in columns)])} |")
    return "\n".join(lines)


def build(output: Path, name: str) -> dict[str, Any]:
    """Fine-tune, write checkpoint and card to `output`, return the metrics on the test split."""
    task = TASKS[name]
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    seen, rows = (read_rows(task.dataset, split) for split in ("train", "test"))
    base = checkpoint_folder(BASE)
    model, tokenizer = new_model(base, task), AutoTokenizer.from_pretrained(base)
    stream = batches(encode(task, seen, tokenizer), BATCH)
    fine_tune(model, stream, task.steps, LEARNING_RATE)
    seconds = round(time.process_time() - started)
    test = encode(task, rows, tokenizer)
    truth = [[tag for tag in tags if tag != IGNORED] for _, tags in test]
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    if task.half:
        halve(output)
        model = type(model).from_pretrained(output)
    metrics = measures(task, truth, predict(model, test))
    for key, (_, label) in baselines(task).items():
        # A word beyond the longest text the model reads counts for neither.
        said = [
            row[: len(tags)]
            for row, tags in zip(label(seen, rows, task.labels), truth, strict=True)
        ]
        metrics |= {f"{key}_{k}": v for k, v in measures(task, truth, said).items()}
    metrics = {name: round(value, 4) for name, value in metrics.items()}
    facts = {
        "name": task.name,
        "dataset": task.dataset,
        "task": task.title,
        "labels": ", ".join(label_names(task.dataset, task.labels)),
        "steps": task.steps,
        "batch": BATCH,
        "learning_rate": LEARNING_RATE,
        "parameters": model.num_parameters(),
        "data": data_of(base) | {f"pocket/{task.dataset}": digest(seen)},
        "metric": task.metric.replace("_", " "),
        "score": metrics[task.metric],
        "baseline_score": metrics[f"baseline_{task.metric}"],
        "baseline": baselines(task)["baseline"][0],
        **metrics,
        "stored": "half precision, read as float32" if task.half else "float32",
        "table": table(task, metrics),
        "cpu_seconds": seconds,
    }
    write_card(output, "fine_tuned", facts)
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}

"""pocket/bert-mini-reading: bert-mini fine-tuned to point at the answer to a question.

Reads from top to bottom: the rows as tokens, the loop, decoding, the measures and their baseline,
the card.
"""

import random
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, BertForQuestionAnswering, PreTrainedTokenizerFast

from course_utils.hub import checkpoint_folder
from course_utils.hub.recipes import spans
from course_utils.hub.recipes.training import data_of, digest, read_rows, train, write_card
from course_utils.world.reading import row_kind

NAME = "bert-mini-reading"
BASE = "bert-mini"
BATCH = 16
STEPS = 1200
LEARNING_RATE = 5e-4
SEED = 0
LONGEST = 12  # tokens of an answer
ANSWERABLE = ("role", "distractor")

Rows = list[dict[str, Any]]


def asked(row: dict[str, Any]) -> spans.Asked:
    """Return a row of pocket/reading as a question and where its answer stands."""
    answers = row["answers"]
    if not answers["text"]:
        return spans.Asked(row["question"], row["context"], 0, 0)
    start = answers["answer_start"][0]
    return spans.Asked(row["question"], row["context"], start, start + len(answers["text"][0]))


def new_model(folder: Path, seed: int = SEED, *, scratch: bool = False) -> BertForQuestionAnswering:
    """Return a checkpoint with a new head for spans; with `scratch` the same net untrained."""
    torch.manual_seed(seed)
    if not scratch:
        return BertForQuestionAnswering.from_pretrained(folder)
    return BertForQuestionAnswering(BertForQuestionAnswering.config_class.from_pretrained(folder))


def fine_tune(
    model: BertForQuestionAnswering,
    rows: list[spans.Encoded],
    steps: int,
    rate: float,
    seed: int = SEED,
) -> None:
    """Train the model in place; where nothing answers, it is to point at [CLS]."""
    stream = spans.batches(rows, BATCH, torch.Generator().manual_seed(seed))
    train(
        model,
        stream,
        lambda batch: spans.loss(model.bert, model.qa_outputs, batch),
        steps=steps,
        learning_rate=rate,
        warmup=steps // 10,
    )


@torch.no_grad()
def answers(
    model: BertForQuestionAnswering, tokenizer: PreTrainedTokenizerFast, rows: Rows
) -> list[str]:
    """Return the best span of each context, "" where pointing at [CLS] scores higher."""
    model.eval()
    found = []
    for i in range(0, len(rows), 50):
        part = rows[i : i + 50]
        batch = tokenizer(
            [row["question"] for row in part],
            [row["context"] for row in part],
            truncation="only_second",
            padding=True,
            return_tensors="pt",
            return_offsets_mapping=True,
        )
        offsets = batch.pop("offset_mapping").tolist()
        output = model(**batch)
        inside = batch["token_type_ids"].bool() & batch["attention_mask"].bool()
        for k, row in enumerate(part):
            start, end = output.start_logits[k], output.end_logits[k]
            first, last = best_span(start, end, inside[k])
            none = float(start[0] + end[0]) >= float(start[first] + end[last])
            found.append("" if none else row["context"][offsets[k][first][0] : offsets[k][last][1]])
    return found


def best_span(start: torch.Tensor, end: torch.Tensor, inside: torch.Tensor) -> tuple[int, int]:
    """Return the first and last token of the likeliest span; all three are [tokens]."""
    total = start[:, None] + end[None, :]
    allowed = inside[:, None] & inside[None, :]
    allowed &= torch.ones_like(total).triu().tril(LONGEST - 1).bool()
    best = int(total.masked_fill(~allowed, -1e9).argmax())
    return best // len(start), best % len(start)


def plain_words(text: str) -> list[str]:
    """Return the words that SQuAD compares: small letters, no marks, no articles."""
    bare = re.sub(r"[^\w\s]", "", text.lower())
    return [word for word in bare.split() if word not in {"a", "an", "the"}]


def overlap(wanted: str, said: str) -> float:
    """Return F1 over words by the rules of SQuAD (Rajpurkar et al., 2016)."""
    a, b = plain_words(wanted), plain_words(said)
    if not a or not b:
        return float(a == b)
    shared = sum((Counter(a) & Counter(b)).values())
    return 2 * shared / (len(a) + len(b))


def measures(rows: Rows, said: list[str]) -> dict[str, float]:
    """Return F1 and exact match by SQuAD's rules, and both by kind of row."""
    wanted = [(row["answers"]["text"] or [""])[0] for row in rows]
    exact = [float(plain_words(a) == plain_words(b)) for a, b in zip(wanted, said, strict=True)]
    f1 = [overlap(a, b) for a, b in zip(wanted, said, strict=True)]
    kinds = [row_kind(row["id"]) for row in rows]
    can = [kind in ANSWERABLE for kind in kinds]
    found = {
        "exact": sum(exact) / len(rows),
        "f1": sum(f1) / len(rows),
        "answerable_f1": _mean(f1, can),
        "refused": _mean(exact, [not each for each in can]),
    }
    return found | {f"{k}_exact": _mean(exact, [k == kind for kind in kinds]) for k in set(kinds)}


def _mean(values: list[float], chosen: list[bool]) -> float:
    kept = [value for value, keep in zip(values, chosen, strict=True) if keep]
    return sum(kept) / len(kept)


def random_spans(rows: Rows) -> list[str]:
    """Return the baseline: a random span of the right type, a year or number, or a name."""
    rng = random.Random(SEED)
    found = []
    for row in rows:
        numbers = re.findall(r"\d[\d,.]*\d|\d", row["context"])
        names = re.findall(r"(?<![.] )[A-Z][\w'-]+(?: [A-Z][\w'-]+)*", row["context"])
        asks_number = re.search(r"year|when|how many", row["question"], re.IGNORECASE)
        found.append(rng.choice((numbers if asks_number else names) or names or numbers or [""]))
    return found


def build(output: Path) -> dict[str, Any]:
    """Fine-tune, write checkpoint and card to `output`, return the metrics on validation."""
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    base = checkpoint_folder(BASE)
    seen, rows = read_rows("reading", "train"), read_rows("reading", "validation")
    model, tokenizer = new_model(base), AutoTokenizer.from_pretrained(base)
    encoded = spans.encode([asked(row) for row in seen], tokenizer)
    fine_tune(model, encoded, STEPS, LEARNING_RATE)
    seconds = round(time.process_time() - started)
    metrics = measures(rows, answers(model, tokenizer, rows))
    baseline = measures(rows, random_spans(rows))
    metrics |= {f"baseline_{name}": value for name, value in baseline.items()}
    metrics = {name: round(value, 4) for name, value in sorted(metrics.items())}
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    facts = {
        "base": BASE,
        "steps": STEPS,
        "batch": BATCH,
        "learning_rate": LEARNING_RATE,
        "parameters": model.num_parameters(),
        "data": data_of(base) | {"pocket/reading": digest(seen)},
        **metrics,
        "cpu_seconds": seconds,
    }
    write_card(output, "reader", facts)
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}

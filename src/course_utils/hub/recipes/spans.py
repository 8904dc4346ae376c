"""Span selection, a second task of pretraining: the line above a text asks, the text answers.

After Ram et al. (2021), "Few-shot question answering by pretraining span selection": no labels are
needed, since what stands in the line stands in the text again.
"""

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch.nn.functional import cross_entropy
from transformers import BertModel, PreTrainedTokenizerFast

_NAME = re.compile(r"(?:[A-Z][\w'-]+|\d+)(?: (?:[A-Z][\w'-]+|\d+))*")


class Asked(NamedTuple):
    """A text with a line that asks for a span of it: first character and end, 0 where none is."""

    line: str
    text: str
    start: int
    end: int


class Encoded(NamedTuple):
    """Token ids, token types, and the first and last token of the span; 0 where there is none."""

    ids: list[int]
    types: list[int]
    start: int
    end: int


def asked(text: str, rng: random.Random, mask: str) -> Asked | None:
    """Return what the first line of a text asks of the rest, or None where it asks nothing.

    A quiz line "Who …? Ada Bell." asks for its answer. Of a headline one name is masked, and the
    text's first mention of it is what to find.
    """
    head, newline, body = text.partition("\n")
    if not newline or not head.endswith("."):
        return None
    if "?" in head:
        question, _, answer = head.partition("? ")
        answer = answer.removesuffix(".")
        start = max(body.find(answer), body.find(answer[:1].lower() + answer[1:]))
        end = start + len(answer) if start >= 0 else 0
        return Asked(f"{question}?", body, max(start, 0), end)
    names = [match for match in _NAME.finditer(head) if match[0] in body and len(match[0]) > 3]
    if not names:
        return None
    chosen = rng.choice(names)
    start = body.find(chosen[0])
    line = head[: chosen.start()] + mask + head[chosen.end() :]
    return Asked(line, body, start, start + len(chosen[0]))


def encode(found: list[Asked], tokenizer: PreTrainedTokenizerFast) -> list[Encoded]:
    """Return the texts as tokens, each behind its line."""
    lines, texts = [a.line for a in found], [a.text for a in found]
    batch = tokenizer(lines, texts, truncation="only_second", return_offsets_mapping=True)
    rows = []
    for i, a in enumerate(found):
        types, offsets = batch["token_type_ids"][i], batch["offset_mapping"][i]
        inside = [
            k
            for k, (first, end) in enumerate(offsets)
            if types[k] and first < a.end and end > a.start
        ]
        start, end = (inside[0], inside[-1]) if inside else (0, 0)
        rows.append(Encoded(batch["input_ids"][i], types, start, end))
    return rows


def batches(rows: list[Encoded], size: int, generator: torch.Generator) -> Iterator[list[Encoded]]:
    """Yield batches of like lengths, for ever."""
    while True:
        order = torch.randperm(len(rows), generator=generator).tolist()
        made = []
        for start in range(0, len(order), 1024):
            pool = sorted(order[start : start + 1024], key=lambda i: len(rows[i].ids))
            made += [pool[i : i + size] for i in range(0, len(pool), size)]
        for b in torch.randperm(len(made), generator=generator).tolist():
            yield [rows[i] for i in made[b]]


def scores(model: BertModel, head: torch.nn.Linear, rows: list[Encoded]) -> torch.Tensor:
    """Return logits [rows, width, 2] of where the span starts and ends."""
    width = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [0] * (width - len(row.ids)) for row in rows])
    types = torch.tensor([row.types + [0] * (width - len(row.types)) for row in rows])
    real = ids.ne(0)
    hidden = model(input_ids=ids, token_type_ids=types, attention_mask=real.long())
    logits: torch.Tensor = head(hidden.last_hidden_state)
    return logits.masked_fill(~real.unsqueeze(-1), -1e4)


def loss(model: BertModel, head: torch.nn.Linear, rows: list[Encoded]) -> torch.Tensor:
    """Return the mean loss in nats of the two ends."""
    logits = scores(model, head, rows)
    ends = torch.tensor([[row.start, row.end] for row in rows])
    return cross_entropy(logits, ends)


@torch.no_grad()
def exact_match(model: BertModel, head: torch.nn.Linear, rows: list[Encoded]) -> float:
    """Return how often both ends are found."""
    right = 0
    for i in range(0, len(rows), 64):
        part = rows[i : i + 64]
        best = scores(model, head, part).argmax(1)
        ends = torch.tensor([[row.start, row.end] for row in part])
        right += int((best == ends).all(1).sum())
    return right / len(rows)

"""Checks of `capstone`; the grader runs them, outside the sandbox."""

from __future__ import annotations

import functools
import math
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, recall_score

from course_utils.grade.artefact import read_json, read_weights
from course_utils.grade.check import CheckFailed, Trial, check
from course_utils.grade.classifier import classify, untrained
from course_utils.grade.hidden_tickets import QUEUES, drawn, source
from course_utils.grade.keys import Keys

CHECKPOINT, LENGTH = "bert-mini", 128
RARE = [QUEUES.index("complaint"), QUEUES.index("safety")]
WIDEST = 0.1
#: Share of texts on which `predict` and the grader's net must agree: rounding may tip a close call.
AGREEMENT = 0.98
ASKED = 200

#: Texts that anybody can sort, four a queue.
PLAIN = (
    (
        "My parcel has not arrived.",
        "The driver lost my package.",
        "My order is still marked as packed.",
        "The box went to the wrong house.",
    ),
    (
        "I was charged twice.",
        "The bill is too high.",
        "The refund has not reached my bank.",
        "I have paid, yet another invoice has come.",
    ),
    (
        "I cannot log in.",
        "My password no longer works.",
        "I have been locked out.",
        "The code to reset my login never comes.",
    ),
    (
        "My kettle will not switch on.",
        "The handle broke after two days.",
        "The motor makes a grinding noise.",
        "The button is stuck.",
    ),
    (
        "Your agent was rude to me.",
        "Your adviser hung up on me.",
        "Nobody has answered my letters.",
        "Your operator laughed at me.",
    ),
    (
        "Sparks came out of the toaster.",
        "The lamp gave me an electric shock.",
        "The heater caught fire.",
        "There is a smell of burning.",
    ),
)
GREETINGS = ("", "Hello. ", "Dear team, ")

Row = dict[str, str | int]


def easy() -> tuple[list[str], list[int]]:
    """Texts that anybody can sort, and their queues."""
    made = [
        (greeting + text, label)
        for greeting in GREETINGS
        for label, texts in enumerate(PLAIN)
        for text in texts
    ]
    return [text for text, _ in made], [label for _, label in made]


def table(chance: random.Random) -> list[Row]:
    """Rows in threads of one to four, rare queues in few threads, in no order."""
    sizes = [chance.randint(30, 45), 20, chance.randint(10, 16), 10, chance.randint(5, 8), 5]
    rows: list[Row] = []
    for label, size in enumerate(sizes):
        for _ in range(size):
            thread = f"{chance.choice('HKQ')}{chance.randrange(10**9)}"
            text = f"message {chance.randrange(10**6)}"
            rows += [_row(chance, thread, text, label) for _ in range(chance.choice((1, 1, 2, 4)))]
    chance.shuffle(rows)
    return rows


def _row(chance: random.Random, thread: str, text: str, label: int) -> Row:
    return {
        "ticket_id": f"T{chance.randrange(10**9)}",
        "thread_id": thread,
        "created": f"2024-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T10:00:00",
        "channel": chance.choice(("email", "chat", "phone", "form")),
        "text": chance.choice(("", "> ", "Again: ")) + text,
        "resolution": chance.choice(("", f"Sent it to {QUEUES[label]}.")),
        "label": label,
    }


def parts(trial: Trial, rows: list[Row], seed: int) -> tuple[list[int], list[int]]:
    """The submission's split, as numbers of rows for training and for validation."""
    found = trial.call("split", rows, seed, returns=dict[str, list[int]])
    trial.expect(set(found) == {"train", "validation"}, f"the keys are {sorted(found)}")
    return found["train"], found["validation"]


def whole_parts(trial: Trial, rows: list[Row], seed: int) -> tuple[list[int], list[int]]:
    """The same, if hardly a row is missing: part of a table is easily split."""
    train, validation = parts(trial, rows, seed)
    trial.expect(len({*train, *validation}) > 0.9 * len(rows), "")
    return train, validation


def threads(rows: list[Row], numbers: Sequence[int]) -> set[str | int]:
    """The threads of some rows."""
    return {rows[number]["thread_id"] for number in numbers if 0 <= number < len(rows)}


@check(id="splits", points=4, public=True, hint="Choose threads, then take all rows of each.")
def splits(trial: Trial) -> None:
    """Every row stands on one side, every thread on one side only"""
    rows = table(random.Random(1))
    train, validation = parts(trial, rows, 0)
    trial.expect(
        sorted(train + validation) == list(range(len(rows))),
        f"{len(train)} and {len(validation)} numbers, wanted each of 0 to {len(rows) - 1} once",
    )
    both = threads(rows, train) & threads(rows, validation)
    trial.expect(
        not both, f"{len(both)} threads stand on both sides, such as {min(both, default='')!r}"
    )
    share = len(threads(rows, validation)) / len(threads(rows, range(len(rows))))
    trial.expect(
        0.1 < share < 0.3, f"{share:.0%} of the threads are for validation, wanted a fifth"
    )


@check(id="split-complete", points=3, hint="Rows may come in any order and in any number.")
def split_complete(trial: Trial) -> None:
    """No row of a fresh table is lost or doubled"""
    for _ in range(3):
        rows = table(trial.random)
        train, validation = parts(trial, rows, trial.random.randrange(1000))
        trial.expect(sorted(train + validation) == list(range(len(rows))), "")


@check(id="split-threads", points=5, hint="Rows of one thread need not stand next to each other.")
def split_threads(trial: Trial) -> None:
    """No thread of a fresh table is on both sides"""
    for _ in range(3):
        rows = table(trial.random)
        train, validation = whole_parts(trial, rows, trial.random.randrange(1000))
        trial.expect(bool(train and validation), "")
        trial.expect(not threads(rows, train) & threads(rows, validation), "")


@check(id="split-strata", points=3, hint="Split the threads of each queue by themselves.")
def split_strata(trial: Trial) -> None:
    """Of every queue about a fifth of the threads is for validation"""
    for _ in range(4):
        rows = table(trial.random)
        _, validation = whole_parts(trial, rows, trial.random.randrange(1000))
        queues = defaultdict(set)
        for row in rows:
            queues[row["label"]].add(row["thread_id"])
        kept = threads(rows, validation)
        shares = [len(own & kept) / len(own) for own in queues.values()]
        trial.expect(all(0.1 < share < 0.3 for share in shares), "")


@check(id="split-seed", points=2, hint="random.Random(seed), and no set whose order may change.")
def split_seed(trial: Trial) -> None:
    """The same seed gives the same split, another seed another"""
    rows = table(trial.random)
    first, again, other = (sorted(whole_parts(trial, rows, seed)[1]) for seed in (3, 3, 4))
    trial.expect(first == again and first != other, "")


@check(
    id="inputs", points=3, hint="What was written after the ticket was sorted is blank at marking."
)
def inputs(trial: Trial) -> None:
    """What the model reads is the same with and without a resolution"""
    rows = table(trial.random)[:20]
    blank = [row | {"resolution": ""} for row in rows]
    known = [row | {"resolution": f"Sent {number}."} for number, row in enumerate(rows)]
    read = trial.call("inputs", blank, returns=list[str])
    trial.expect(read == trial.call("inputs", known, returns=list[str]), "")
    trial.expect(len(read) == len(rows), "")
    trial.expect(all(str(row["text"]) in text for row, text in zip(rows, read, strict=True)), "")


@check(
    id="weighs",
    points=2,
    public=True,
    hint="n / (k * n_c), with k = 6 also where a queue is empty.",
)
def weighs(trial: Trial) -> None:
    """Each queue's weight makes up for its size"""
    labels = [0] * 10 + [1] * 5 + [2] * 4 + [3] * 4 + [5]
    weights = trial.call("class_weights", labels, returns=list[float])
    wanted = [24 / (6 * labels.count(label)) if label in labels else 0.0 for label in range(6)]
    trial.expect(_close(weights, wanted), f"got {weights}, wanted {wanted}")


@check(
    id="weighted-loss", points=3, hint="Divide by the sum of the rows' weights, not by the rows."
)
def weighted_loss(trial: Trial) -> None:
    """The loss is the weighted mean of the rows' cross-entropies"""
    for _ in range(3):
        logits = [[trial.random.uniform(-4, 4) for _ in QUEUES] for _ in range(7)]
        labels = [trial.random.randrange(len(QUEUES)) for _ in logits]
        weights = [trial.random.uniform(0.2, 6) for _ in QUEUES]
        found = float(trial.call("weighted_loss", logits, labels, weights))
        losses = [
            math.log(sum(map(math.exp, row))) - row[label]
            for row, label in zip(logits, labels, strict=True)
        ]
        own = [weights[label] for label in labels]
        wanted = sum(w * loss for w, loss in zip(own, losses, strict=True)) / sum(own)
        trial.expect(math.isclose(found, wanted, rel_tol=1e-4), "")


@check(id="measures", points=3, hint="Each queue counts the same, however few rows it has.")
def measures(trial: Trial) -> None:
    """The macro-F1 is right, also where a queue is never guessed"""
    for queues in ([0, 1, 2, 3, 4, 5], [0, 2, 5]):
        truth = trial.random.choices(queues, range(len(queues), 0, -1), k=60)
        guess = [label if trial.random.random() < 0.6 else queues[0] for label in truth]
        found = trial.call("macro_f1", truth, guess, returns=float)
        trial.expect(math.isclose(found, f1_score(truth, guess, average="macro"), abs_tol=1e-6), "")


@check(id="learns", points=4, public=True, hint="zero_grad, backward, step; a rate of about 1e-3.")
def learns(trial: Trial) -> None:
    """After 40 steps the weights sort the texts that they were trained on"""
    texts, labels = easy()
    weights = trial.call("train", texts, labels, 40, 0, returns=dict[str, np.ndarray])
    found = classify(weights, texts, CHECKPOINT, len(QUEUES), LENGTH)
    right = sum(a == b for a, b in zip(found, labels, strict=True)) / len(labels)
    trial.expect(right > 0.8, f"{right:.0%} of the texts are sorted right, wanted more than 80%")


@check(id="predicts", points=3, public=True, hint="eval() mode, 128 ids, and the order of QUEUES.")
def predicts(trial: Trial) -> None:
    """`predict` gives the queues that given weights give in the grader's net"""
    texts, _ = easy()
    weights = untrained(CHECKPOINT, len(QUEUES), 1)
    found = trial.call("predict", texts, weights, returns=list[str])
    wanted = classify(weights, texts, CHECKPOINT, len(QUEUES), LENGTH)
    same = _agreement(found, wanted)
    trial.expect(same >= AGREEMENT, f"{same:.0%} of the queues are the same, wanted all")


@check(
    id="scores",
    points=30,
    hint="The weights handed in are scored in the grader's own net, and predict(texts) must give "
    "the same queues. Every queue counts the same: look at the rare ones, and at sentences of the "
    "test split that no training row has.",
)
def scores(trial: Trial) -> float:
    """The macro-F1 on hidden tickets, between a baseline and the reference"""
    truth, guess = hidden_guesses(trial)
    return _between(_macro_f1(truth, guess), source(trial.keys).ends["macro_f1"])


@check(
    id="rare",
    points=10,
    hint="Do the rare queues weigh enough in your loss? It is measured as the macro-F1 is.",
)
def rare(trial: Trial) -> float:
    """The recall of complaint and safety on hidden tickets"""
    truth, guess = hidden_guesses(trial)
    recall = float(recall_score(truth, guess, labels=RARE, average="macro"))
    return _between(recall, source(trial.keys).ends["rare_recall"])


@check(
    id="reports",
    points=2,
    public=True,
    hint="[low, high] around the macro-F1 of the input, less shift.",
)
def reports(trial: Trial) -> None:
    """The report states an interval for the macro-F1, at most 0.10 wide"""
    chance = random.Random(2)
    truth = chance.choices(range(len(QUEUES)), (38, 24, 16, 13, 6, 3), k=300)
    guess = [label if chance.random() < 0.8 else 0 for label in truth]
    for shift in (0.0, 0.2):
        found = trial.call("report", truth, guess, shift, returns=dict[str, Any])
        low, high = interval(found)
        wanted = _macro_f1(truth, guess) - shift
        trial.expect(low <= wanted <= high, f"{low:.3f} to {high:.3f} does not hold {wanted:.3f}")


@check(
    id="honest",
    points=8,
    hint="report.json has expected_macro_f1: [low, high], at most 0.10 wide. Rows of threads that "
    "were trained on promise too much, and so do sentences that bert-mini has read.",
)
def honest(trial: Trial) -> None:
    """The interval of report.json holds the macro-F1 on hidden tickets"""
    low, high = interval(read_json(trial.folder, "report.json"))
    truth, guess = hidden_guesses(trial)
    trial.expect(low <= _macro_f1(truth, guess) <= high, "")


def interval(report: Any) -> tuple[float, float]:
    """The interval that a report states for the macro-F1."""
    stated = report.get("expected_macro_f1") if isinstance(report, dict) else None
    numbers = isinstance(stated, list) and all(type(x) in (int, float) for x in stated)
    if not numbers or len(stated) != 2:
        raise CheckFailed("expected_macro_f1 is not a list of two numbers, such as [0.61, 0.7]")
    low, high = stated
    if not (0 <= low < high <= 1 and high - low <= WIDEST + 1e-9):
        raise CheckFailed(f"{low} to {high} is no interval within 0 and 1, at most 0.10 wide")
    return low, high


def hidden_guesses(trial: Trial) -> tuple[list[int], list[int]]:
    """The hidden tickets' queues, and what the weights say, if `predict` says the same."""
    read_weights(trial.folder)
    tickets = drawn(trial.keys)
    guess = _guesses(trial.folder["model.safetensors"], trial.keys)
    chosen = trial.random.sample(range(len(tickets)), ASKED)
    found = trial.call("predict", [tickets[n].text for n in chosen], returns=list[str])
    trial.expect(_agreement(found, [guess[n] for n in chosen]) >= AGREEMENT, "")
    return [ticket.label for ticket in tickets], guess


@functools.lru_cache(maxsize=8)
def _guesses(weights: bytes, keys: Keys) -> list[int]:
    texts = [ticket.text for ticket in drawn(keys)]
    found = read_weights({"model.safetensors": weights})
    return classify(found, texts, CHECKPOINT, len(QUEUES), LENGTH)


def _agreement(names: Sequence[str], wanted: Sequence[int]) -> float:
    if len(names) != len(wanted):
        raise CheckFailed(f"{len(names)} queues for {len(wanted)} texts")
    return sum(a == QUEUES[b] for a, b in zip(names, wanted, strict=True)) / len(wanted)


def _macro_f1(truth: Sequence[int], guess: Sequence[int]) -> float:
    return float(f1_score(truth, guess, average="macro"))


def _between(value: float, ends: tuple[float, float]) -> float:
    """0 at or below the first of `ends`, 1 at or above the second, linear between."""
    return min(1.0, max(0.0, (value - ends[0]) / (ends[1] - ends[0])))


def _close(found: Sequence[float], wanted: Sequence[float]) -> bool:
    pairs = zip(found, wanted, strict=False)
    return len(found) == len(wanted) and all(math.isclose(a, b, abs_tol=1e-4) for a, b in pairs)

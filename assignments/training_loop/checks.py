"""Checks of `training_loop`; the grader runs them, outside the sandbox."""

from __future__ import annotations

import math
import random

import numpy as np

from course_utils.grade.check import Trial, check
from course_utils.world import reviews
from course_utils.world.names import World

CHECKPOINT = "pocket/bert-mini"
CLASSES = 5
TEXTS = [
    {"text": "Dreadful. The soup was cold and the waiter rude.", "stars": 1},
    {"text": "Fine.", "stars": 3},
    {"text": "The best room we ever had, and the breakfast was a marvel.", "stars": 5},
]

#: Accuracy on new reviews. Measured over three seeds: the reference solution's worst is 0.825,
#: TF-IDF with logistic regression has 0.425 at best; benchmarks/assignments.py measures both.
GOOD = 0.65
TRAINING = {"epochs": 4, "batch_size": 8, "accumulate": 2, "learning_rate": 1e-3}
TRAIN, TEST = 160, 80

Row = dict[str, list[int] | int]
Table = list[list[float]]


def written(chance: random.Random, count: int, fresh: float) -> list[dict[str, str | int]]:
    """New reviews; `fresh` says how often they use words that training reviews lack."""
    world = World()
    found = [reviews.write(world, chance, fresh) for _ in range(count)]
    return [{"text": one.text, "stars": one.label + 1} for one in found]


def numbers(chance: random.Random, count: int) -> tuple[Table, list[Row]]:
    """A probe's table, and rows of three ids with a class each."""
    table = [[chance.uniform(-2, 2) for _ in range(CLASSES)] for _ in range(11)]
    ids = [[chance.randrange(11) for _ in range(3)] for _ in range(count)]
    return table, [{"input_ids": row, "label": chance.randrange(CLASSES)} for row in ids]


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def judged(table: np.ndarray, rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """What the probe makes of rows: the loss of each, and the table's gradient of their mean."""
    ids, labels = np.array([r["input_ids"] for r in rows]), np.array([r["label"] for r in rows])
    found = softmax(table[ids].mean(axis=1))
    losses = -np.log(found[np.arange(len(rows)), labels])
    slopes = (found - np.eye(CLASSES)[labels]) / (len(rows) * ids.shape[1])
    gradient = np.zeros_like(table)
    np.add.at(gradient, ids, slopes[:, None, :])
    return losses, gradient


def trained(table: Table, rows: list[Row], size: int, accumulate: int, epochs: int) -> dict:
    """What `probe_training` returns of a right `train_epoch`, worked out by hand."""
    now, step, means = np.array(table), size * accumulate, []
    updates = 0
    for _ in range(epochs):
        seen = []
        for start in range(0, len(rows), step):
            losses, gradient = judged(now, rows[start : start + step])
            seen += list(losses)
            updates += 1
            now = now - gradient / updates
        means.append(float(np.mean(seen)))
    return {"losses": means, "table": now.tolist(), "rates": [1 / (n + 1) for n in range(updates)]}


def near(found: object, wanted: object, most: float = 1e-4) -> bool:
    one, other = np.asarray(found, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    return one.shape == other.shape and bool(np.allclose(one, other, atol=most))


def is_near(trial: Trial, found: object, wanted: object, what: str) -> None:
    trial.expect(near(found, wanted), what)


@check(id="stars", points=1, public=True, hint="Five stars are class 4: take one off.")
def stars(trial: Trial) -> None:
    """Stars 1 to 5 become classes 0 to 4"""
    rows = trial.call("prepare", CHECKPOINT, TEXTS, returns=list[Row])
    found = [row.get("label") for row in rows]
    trial.expect(found == [0, 2, 4], f"stars 1, 3 and 5 became the classes {found}")


@check(
    id="stars-hidden",
    points=1,
    hint="Truncate with max_length, keep the special tokens, pad nothing: collate does that.",
)
def stars_hidden(trial: Trial) -> None:
    """Rows hold the tokenizer's own ids, cut and not padded"""
    for length in (9, 64):
        texts = written(trial.random, 6, reviews.TRAINING)
        rows = trial.call("prepare", CHECKPOINT, texts, length, returns=list[Row])
        trial.expect(rows == trial.reference("prepare", CHECKPOINT, texts, length), "")


@check(id="collates", points=1, public=True, hint="Pad to the longest row of this batch alone.")
def collates(trial: Trial) -> None:
    """A batch is as wide as its longest row"""
    rows = [{"input_ids": [2, 7, 3], "label": 4}, {"input_ids": [2, 3], "label": 0}]
    batch = trial.call("collate", rows, 0, returns=dict[str, np.ndarray])
    trial.expect(
        set(batch) == {"input_ids", "attention_mask", "labels"}, f"the keys are {sorted(batch)}"
    )
    is_near(trial, batch["input_ids"], [[2, 7, 3], [2, 3, 0]], f"ids: {batch['input_ids']}")
    is_near(trial, batch["labels"], [4, 0], f"labels: {batch['labels']}")


@check(
    id="collates-hidden",
    points=2,
    hint="The mask follows from each row's length: pad_id may stand inside a row too.",
)
def collates_hidden(trial: Trial) -> None:
    """Ids, mask and labels are right for any rows and any padding"""
    for pad_id in (0, 5):
        lengths = [trial.random.randint(2, 9) for _ in range(5)]
        ids = [[pad_id, *(trial.random.randrange(1, 9) for _ in range(n - 1))] for n in lengths]
        rows = [{"input_ids": row, "label": trial.random.randrange(CLASSES)} for row in ids]
        batch = trial.call("collate", rows, pad_id, returns=dict[str, np.ndarray])
        wide = max(lengths)
        is_near(trial, batch["input_ids"], [r + [pad_id] * (wide - len(r)) for r in ids], "")
        is_near(trial, batch["attention_mask"], [[1] * n + [0] * (wide - n) for n in lengths], "")
        is_near(trial, batch["labels"], [row["label"] for row in rows], "")
        trial.expect({str(array.dtype) for array in batch.values()} == {"int64"}, "")


@check(id="loads", points=1, public=True, hint="Keep the last batch, though it is smaller.")
def loads(trial: Trial) -> None:
    """Each pass gives every row once"""
    rows = [{"input_ids": [1, 2], "label": n} for n in range(7)]
    for shuffle in (False, True):
        passes = trial.call("probe_loader", rows, 3, shuffle, 1, returns=list[list[list[int]]])
        for batches in passes:
            found = [n for batch in batches for n in batch]
            trial.expect(sorted(found) == list(range(7)), f"of the rows 0 to 6 came {found}")
            trial.expect(shuffle or found == list(range(7)), f"without shuffle: {found}")


@check(
    id="loads-hidden",
    points=2,
    hint="A torch.Generator of the loader's own, seeded once: other draws must not disturb it.",
)
def loads_hidden(trial: Trial) -> None:
    """Shuffled passes differ, and the same seed gives them again"""
    rows = [{"input_ids": [1], "label": n} for n in range(trial.random.randint(20, 30))]
    seed = trial.random.randrange(1000)
    kind = list[list[list[int]]]
    first, second = trial.call("probe_loader", rows, 4, True, seed, returns=kind)
    again = trial.call("probe_loader", rows, 4, True, seed, returns=kind)
    other = trial.call("probe_loader", rows, 4, True, seed + 1, returns=kind)
    trial.expect(first != second and again == [first, second] and other[0] != first, "")
    trial.expect([len(batch) for batch in first[:-1]] == [4] * (len(first) - 1), "")


def rates_of(rate: float, updates: int) -> list[float]:
    """The rate before the first update and after each one."""
    climb = updates // 10
    fall = [rate * (updates - n) / max(1, updates - climb) for n in range(updates + 1)]
    return [rate * n / climb if n < climb else fall[n] for n in range(updates + 1)]


@check(id="rates", points=1, public=True, hint="get_linear_schedule_with_warmup, of transformers.")
def rates(trial: Trial) -> None:
    """The rate climbs for two of twenty updates, then falls to 0"""
    found = trial.call("probe_rates", 0.1, 20, returns=dict)
    shown = [round(rate, 4) for rate in found["rates"]]
    is_near(trial, found["rates"], rates_of(0.1, 20), f"the rates are {shown}")


@check(
    id="rates-hidden",
    points=2,
    hint="AdamW on model.parameters(); warm-up over updates // 10, and the end at updates.",
)
def rates_hidden(trial: Trial) -> None:
    """AdamW moves every parameter, at the right rate for any number of updates"""
    for updates in (7, trial.random.randint(31, 60)):
        rate = trial.random.uniform(0.001, 0.1)
        found = trial.call("probe_rates", rate, updates, returns=dict)
        trial.expect(found["kind"] == "AdamW" and found["moved"] == CLASSES, "")
        trial.expect(near(found["rates"], rates_of(rate, updates), 1e-7), "")


@check(
    id="trains",
    points=2,
    public=True,
    hint="For each batch: forward, backward, optimiser.step(), scheduler.step(), and the gradients "
    "to zero before the next. Start with model.train().",
)
def trains(trial: Trial) -> None:
    """The loss falls, in training mode, one update a batch"""
    table, rows = numbers(random.Random(3), 8)
    found = trial.call("probe_training", table, rows, 4, 1, 3, returns=dict)
    trial.expect(all(call["training"] for call in found["calls"]), "the model was not in training")
    updates = len(found["rates"])
    trial.expect(updates == 6, f"{updates} updates in three passes over two batches")
    losses = [float(loss) for loss in found["losses"]]
    trial.expect(losses[0] > losses[1] > losses[2], f"the losses are {losses}")


@check(id="updates", points=3, hint="Gradients add up until they are set to zero: once an update.")
def updates(trial: Trial) -> None:
    """Weights end where gradient descent ends"""
    table, rows = numbers(trial.random, 20)
    found = trial.call("probe_training", table, rows, 4, 1, 2, returns=dict)
    is_near(trial, found["table"], trained(table, rows, 4, 1, 2)["table"], "")


@check(
    id="accumulates",
    points=3,
    hint="Weigh each batch's mean loss by its share of the group's rows, and update for the last, "
    "incomplete group too.",
)
def accumulates(trial: Trial) -> None:
    """Several small batches make the update of one large one"""
    for count, size, accumulate in ((24, 4, 3), (18, 4, 3), (13, 3, 4)):
        table, rows = numbers(trial.random, count)
        found = trial.call("probe_training", table, rows, size, accumulate, 1, returns=dict)
        is_near(trial, found["table"], trained(table, rows, size, accumulate, 1)["table"], "")


@check(id="scheduled", points=2, hint="scheduler.step() after every optimiser.step().")
def scheduled(trial: Trial) -> None:
    """Every update has its own learning rate"""
    table, rows = numbers(trial.random, 18)
    found = trial.call("probe_training", table, rows, 3, 2, 2, returns=dict)
    is_near(trial, found["rates"], trained(table, rows, 3, 2, 2)["rates"], "")


@check(
    id="loss-of-rows",
    points=2,
    hint="The last batch is smaller: a mean of batch means is not the mean over rows.",
)
def loss_of_rows(trial: Trial) -> None:
    """The loss of an epoch is the mean over its rows"""
    table, rows = numbers(trial.random, 9)
    found = trial.call("probe_training", table, rows, 4, 1, 2, returns=dict)
    is_near(trial, found["losses"], trained(table, rows, 4, 1, 2)["losses"], "")


@check(
    id="keeps-no-graph",
    points=2,
    hint="Add up loss.item(): a sum of tensors keeps the graph of every batch in memory.",
)
def keeps_no_graph(trial: Trial) -> None:
    """No batch's graph outlives the batch, and the loss is a plain number"""
    table, rows = numbers(trial.random, 40)
    found = trial.call("probe_training", table, rows, 4, 1, 1, returns=dict)
    trial.expect(all(type(loss) is float for loss in found["losses"]), "")
    trial.expect(len(found["calls"]) == 10 and max(c["kept"] for c in found["calls"]) <= 2, "")


@check(
    id="evaluates",
    points=2,
    public=True,
    hint="model.eval(), and torch.no_grad() around the forward pass.",
)
def evaluates(trial: Trial) -> None:
    """Loss, accuracy and classes, without a gradient"""
    table, rows = numbers(random.Random(5), 8)
    answer = trial.call("probe_evaluation", table, rows, 4, 0.0, returns=dict)
    found, calls = answer["found"], answer["calls"]
    trial.expect(set(found) == {"loss", "accuracy", "classes"}, f"the keys are {sorted(found)}")
    trial.expect(not any(call["gradients"] for call in calls), "gradients were recorded")
    trial.expect(len(found["classes"]) == 8, f"{len(found['classes'])} classes for 8 rows")


@check(
    id="evaluates-quietly",
    points=2,
    hint="In training mode dropout changes what the model says: model.eval() switches it off.",
)
def evaluates_quietly(trial: Trial) -> None:
    """Dropout is off, whatever mode the model was left in"""
    table, rows = numbers(trial.random, 12)
    answer = trial.call("probe_evaluation", table, rows, 4, 0.5, returns=dict)
    found = answer["found"]
    is_near(trial, found["loss"], judged(np.array(table), rows)[0].mean(), "")
    trial.expect(not any(call["training"] for call in answer["calls"]), "")


@check(
    id="evaluates-rows",
    points=3,
    hint="Count rows, not batches: the last batch is smaller and weighs less.",
)
def evaluates_rows(trial: Trial) -> None:
    """Loss and accuracy are means over rows, the classes in their order"""
    for count, size in ((9, 4), (10, 7)):
        table, rows = numbers(trial.random, count)
        logits = np.array(table)[np.array([row["input_ids"] for row in rows])].mean(axis=1)
        best = logits.argmax(axis=1)
        # Right in the last, smaller batch only: a mean of batches is then another figure.
        labels = np.where(np.arange(count) < count - count % size, best + 1, best) % logits.shape[1]
        for row, label in zip(rows, labels.tolist(), strict=True):
            row["label"] = label
        found = trial.call("probe_evaluation", table, rows, size, 0.0, returns=dict)["found"]
        is_near(trial, found["classes"], best, "")
        is_near(trial, found["accuracy"], (best == labels).mean(), "")
        is_near(trial, found["loss"], judged(np.array(table), rows)[0].mean(), "")


def fine_tuned(trial: Trial, train: list, test: list, seed: int) -> dict:
    return dict(
        trial.call(
            "fine_tune",
            CHECKPOINT,
            train,
            test,
            *TRAINING.values(),
            seed,
            returns=dict[str, list | float | int],
        )
    )


@check(
    id="fine-tunes",
    points=1,
    public=True,
    hint="Batches an epoch, rounded up to groups of `accumulate`, times epochs.",
)
def fine_tunes(trial: Trial) -> None:
    """A short run reports its losses, updates, accuracy and stars"""
    train, test = TEXTS * 3, TEXTS[:2]
    found = fine_tuned(trial, train, test, 0)
    wanted = {"losses", "updates", "accuracy", "stars"}
    trial.expect(set(found) == wanted, f"the keys are {sorted(found)}")
    trial.expect(len(found["losses"]) == 4, f"{len(found['losses'])} losses for 4 epochs")
    trial.expect(found["updates"] == 4, f"{found['updates']} updates: two batches make a group")
    likely = all(type(one) is int and 1 <= one <= 5 for one in found["stars"])
    trial.expect(likely and len(found["stars"]) == 2, f"stars for two reviews: {found['stars']}")


@check(
    id="fine-tunes-hidden",
    points=4,
    hint="Seed before the model is made, shuffle the training reviews, and turn classes back into "
    "stars. Half of these points are for predictions far above a bag of words, half for telling "
    "their accuracy as it is.",
)
def fine_tunes_hidden(trial: Trial) -> float:
    """On new reviews it is far better than a bag of words, and says how good it is"""
    train = sorted(written(trial.random, TRAIN, reviews.TRAINING), key=lambda one: one["stars"])
    test = written(trial.random, TEST, reviews.TEST)
    found = fine_tuned(trial, train, test, trial.random.randrange(1000))
    trial.expect(len(found["stars"]) == TEST, "")
    pairs = zip(found["stars"], test, strict=True)
    accuracy = sum(star == one["stars"] for star, one in pairs) / TEST
    honest = math.isclose(float(found["accuracy"]), accuracy, abs_tol=1e-6)
    trial.expect(found["updates"] == 40, "")
    return 0.5 * (accuracy >= GOOD) + 0.5 * (honest and accuracy > 1 / CLASSES)

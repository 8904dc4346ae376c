"""Checks of `tokenize_and_predict`; the grader runs them, outside the sandbox."""

from __future__ import annotations

import math
import random

from course_utils.grade.check import Trial, check

NEWSWIRE = "pocket/bert-mini-newswire"
REVIEWS = "pocket/bert-mini-reviews"

TOPICS = [
    "Shares in the bank rose after it raised its forecast for the year.",
    "The striker scored twice before half-time.",
    "Researchers built a faster chip.",
    "The minister met her counterpart for talks on the border, the trade agreement and the visas "
    "that both sides had promised before the winter.",
]

Batch = dict[str, list[list[int]]]

SUBJECTS = ["The bank", "The coach", "A minister", "The laboratory", "Her firm", "The keeper"]
VERBS = ["announced", "won", "lost", "rejected", "tested", "presented", "dropped", "praised"]
OBJECTS = ["the treaty", "a new chip", "the final", "its forecast", "the loan", "two players"]
ENDINGS = ["", " on Monday", " after long talks", " in front of a large crowd", ", it was said"]


def invented(chance: random.Random, count: int) -> list[str]:
    """Texts of different lengths, one or more sentences each."""

    def sentence() -> str:
        parts = (chance.choice(words) for words in (SUBJECTS, VERBS, OBJECTS))
        return " ".join(parts) + chance.choice(ENDINGS) + "."

    return [" ".join(sentence() for _ in range(chance.randint(1, 6))) for _ in range(count)]


@check(id="pads", points=2, public=True, hint="Pad to the longest row of this batch, on the right.")
def pads(trial: Trial) -> None:
    """A batch is padded to its longest text"""
    batch = trial.call("tokenise_batch", NEWSWIRE, TOPICS, 128, returns=Batch)
    trial.expect(set(batch) == {"input_ids", "attention_mask"}, f"the keys are {sorted(batch)}")
    ids, mask = batch["input_ids"], batch["attention_mask"]
    trial.expect(len(ids) == len(mask) == len(TOPICS), f"{len(ids)} rows for {len(TOPICS)} texts")
    widths = {len(row) for row in (*ids, *mask)}
    trial.expect(len(widths) == 1, f"rows of different lengths: {sorted(widths)}")
    real = [sum(row) for row in mask]
    trial.expect(max(real) == widths.pop(), "no text fills its row: padded too far")
    trial.expect(len(set(real)) > 1, "every mask is full, though the texts differ in length")


@check(id="truncates", points=1, public=True, hint="truncation=True and max_length go together.")
def truncates(trial: Trial) -> None:
    """No row is longer than max_length"""
    batch = trial.call("tokenise_batch", NEWSWIRE, TOPICS, 9, returns=Batch)
    lengths = [len(row) for row in batch["input_ids"]]
    trial.expect(bool(lengths) and max(lengths) == 9, f"rows of {lengths} ids, wanted 9")


@check(
    id="tokenises-hidden",
    points=3,
    hint="Compare with tokenizer(texts, padding=True, truncation=True) on texts of your own.",
)
def tokenises_hidden(trial: Trial) -> None:
    """Ids and masks are right for texts of the grader, and for another checkpoint"""
    for checkpoint, length in ((NEWSWIRE, trial.random.randint(12, 24)), (REVIEWS, 160)):
        texts = invented(trial.random, 5)
        batch = trial.call("tokenise_batch", checkpoint, texts, length, returns=Batch)
        trial.expect(batch == trial.reference("tokenise_batch", checkpoint, texts, length), "")


@check(id="names-labels", points=1, public=True, hint="Look into model.config.id2label.")
def names_labels(trial: Trial) -> None:
    """Class ids get the names of the newswire checkpoint"""
    names = trial.call("label_names", NEWSWIRE, [0, 1, 2, 3], returns=list[str])
    trial.expect(len(names) == 4, f"{len(names)} names for 4 ids")
    trial.expect(not any(name.startswith("LABEL_") for name in names), f"got {names}")


@check(id="names-other-labels", points=1, hint="Ask the checkpoint, not your memory of this one.")
def names_other_labels(trial: Trial) -> None:
    """Names come from whichever checkpoint is given, in the order asked for"""
    for checkpoint, classes in ((NEWSWIRE, 4), (REVIEWS, 5)):
        ids = [trial.random.randrange(classes) for _ in range(7)]
        names = trial.call("label_names", checkpoint, ids, returns=list[str])
        trial.expect(names == trial.reference("label_names", checkpoint, ids), "")


@check(id="softmax", points=2, hint="Take the row's maximum off every logit before exp.")
def softmax(trial: Trial) -> None:
    """Probabilities sum to one, also for large logits"""
    wide = [[trial.random.uniform(-5, 5) for _ in range(6)] for _ in range(4)]
    large = [[1000.0, 999.0, 0.0], [-1000.0, -1000.0, -1001.0]]
    for logits in (wide, large):
        rows = trial.call("softmax", logits, returns=list[list[float]])
        trial.expect(len(rows) == len(logits), "")
        for got, row in zip(rows, logits, strict=True):
            exponentials = [math.exp(value - max(row)) for value in row]
            wanted = [value / sum(exponentials) for value in exponentials]
            trial.expect(_close(got, wanted), "")


@check(id="predicts", points=2, public=True, hint="argmax of the logits, then id2label.")
def predicts(trial: Trial) -> None:
    """Each text gets a label and a confidence"""
    found = trial.call("predict", NEWSWIRE, TOPICS, returns=list[dict[str, str | float]])
    trial.expect(len(found) == len(TOPICS), f"{len(found)} answers for {len(TOPICS)} texts")
    for one in found:
        trial.expect(set(one) == {"label", "confidence"}, f"the keys are {sorted(one)}")
        confidence = one["confidence"]
        likely = isinstance(confidence, float) and 0.25 <= confidence <= 1
        trial.expect(likely, f"the confidence of the best of four classes is {confidence!r}")
    trial.expect(len({one["label"] for one in found}) > 1, "every text got the same label")


@check(id="predicts-hidden", points=3, hint="model.eval() switches dropout off; keep the order.")
def predicts_hidden(trial: Trial) -> None:
    """Labels and confidences are the checkpoint's own, on texts of the grader"""
    for checkpoint in (NEWSWIRE, REVIEWS):
        texts = invented(trial.random, 11)
        found = trial.call("predict", checkpoint, texts, 4, returns=list[dict[str, str | float]])
        _agree(trial, found, trial.reference("predict", checkpoint, texts, 4))


@check(id="batches", points=2, hint="Pass the attention mask to the model; mind the last batch.")
def batches(trial: Trial) -> None:
    """The answer does not depend on how the texts are split into batches"""
    texts = invented(trial.random, 7)
    wanted = trial.reference("predict", NEWSWIRE, texts, 1)
    for size in (1, 3, 16):
        found = trial.call("predict", NEWSWIRE, texts, size, returns=list[dict[str, str | float]])
        _agree(trial, found, wanted)
    trial.expect(trial.call("predict", NEWSWIRE, [], 4, returns=list) == [], "")


@check(id="confident", points=1, public=True, hint="None where the confidence is too low.")
def confident(trial: Trial) -> None:
    """Below the threshold there is no label"""
    sure = trial.call("predict_or_abstain", NEWSWIRE, TOPICS, 0.0, returns=list[str | None])
    trial.expect(len(sure) == len(TOPICS) and None not in sure, f"at threshold 0: {sure}")
    unsure = trial.call("predict_or_abstain", NEWSWIRE, TOPICS, 1.01, returns=list[str | None])
    trial.expect(unsure == [None] * len(TOPICS), f"at threshold 1.01: {unsure}")


@check(id="confident-hidden", points=2, hint="The confidence of the best label decides.")
def confident_hidden(trial: Trial) -> None:
    """At thresholds of the grader, exactly the sure texts keep their labels"""
    texts = invented(trial.random, 12)
    sure = sorted(one["confidence"] for one in trial.reference("predict", REVIEWS, texts))
    threshold = (sure[5] + sure[6]) / 2
    found = trial.call("predict_or_abstain", REVIEWS, texts, threshold, returns=list[str | None])
    trial.expect(found == trial.reference("predict_or_abstain", REVIEWS, texts, threshold), "")


def _agree(trial: Trial, found: list[dict[str, str | float]], wanted: list[dict]) -> None:
    trial.expect(len(found) == len(wanted), "")
    for one, right in zip(found, wanted, strict=True):
        trial.expect(one.get("label") == right["label"], "")
        confidence = one.get("confidence")
        near = isinstance(confidence, float) and abs(confidence - right["confidence"]) < 1e-4
        trial.expect(near, "")


def _close(found: list[float], wanted: list[float]) -> bool:
    pairs = zip(found, wanted, strict=False)
    return len(found) == len(wanted) and all(math.isclose(a, b, abs_tol=1e-6) for a, b in pairs)

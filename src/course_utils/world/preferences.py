"""The dataset pocket/preferences: a better and a worse answer to each request."""

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from course_utils.world.grammar import Scene
from course_utils.world.instructions import (
    Filler,
    Message,
    Turn,
    draw_task,
    relation,
    running_text,
    turn,
)
from course_utils.world.lexicon import read_lists
from course_utils.world.names import World

SIZES = {"train": 2000, "test": 200}
SEED = 43
FLIPPED = 0.03  # share of rows whose answers were swapped by mistake
OPENING, CLOSING = 0.5, 0.35  # share of better answers that begin, end politely
# What is wrong with the worse answer: how often, and the scores between which it lies.
FAULTS = {
    "off topic": (20, (1.0, 2.5)),
    "rude": (17, (2.0, 4.5)),
    "too long": (15, (4.0, 6.5)),
    "half an answer": (18, (2.5, 5.0)),
    "wrong fact": (24, (2.0, 5.5)),
    "repeats the question": (6, (1.0, 3.0)),
}
BETTER = (6.0, 9.5)  # the scores between which the better answer lies
OPEN_TASKS = (
    "list",
    "present",
    "see",
    "title",
    "sentence",
    "review",
    "entry",
    "advert",
    "postcard",
)
_GAP = 0.5  # scores are multiples of this, and differ by at least this


@dataclass
class Pair:
    """A row, what is wrong with its worse answer, and whether the answers were swapped."""

    fault: str
    flipped: bool
    row: dict[str, Any]


@cache
def _phrases(name: str, new: bool) -> tuple[str, ...]:
    lines = read_lists("preferences.txt")[name][1]
    return tuple(x.removeprefix("t|") for x in lines if new or not x.startswith("t|"))


@dataclass
class _Writer:
    """Writes the answers of one split."""

    world: World
    rng: random.Random
    split: str

    def phrase(self, name: str) -> str:
        """Return one of the phrases of a list, with fresh words and names."""
        new = self.split == "test"
        scene = Scene(self.rng, self.world.draw(self.rng, self.split))
        filler = Filler(self.rng, name, new)
        return running_text(filler.fill(self.rng.choice(_phrases(name, new))), scene)

    def better(self, asked: Turn) -> str:
        """Return a right answer, at times with a polite word before or after it."""
        parts = [asked.answer]
        if not asked.bare and self.rng.random() < OPENING:
            parts.insert(0, self.phrase("opening"))
        if not asked.bare and self.rng.random() < CLOSING:
            parts.append(self.phrase("closing"))
        return " ".join(parts)

    def worse(self, asked: Turn, fault: str) -> str:
        """Return an answer with one fault."""
        match fault:
            case "off topic":
                return self._other_task(asked)
            case "rude":
                return self.phrase("rude")
            case "too long":
                return self._too_long(asked)
            case "half an answer":
                words = asked.answer.split()
                kept = self.rng.randint(len(words) // 2, len(words) - 1)
                return " ".join(words[:kept]).rstrip(".,!")
            case "wrong fact":
                return self._wrong(asked)
            case _:
                wording = self.rng.choice(_phrases("repeats", self.split == "test"))
                return wording.replace(" :", ":").replace("@", asked.prompt)

    def _too_long(self, asked: Turn) -> str:
        answer = asked.answer if asked.answer.endswith((".", "!", "?")) else f"{asked.answer}."
        more = dict.fromkeys(self.phrase("rambling") for _ in range(self.rng.choice((1, 2, 2, 3))))
        return " ".join([answer, *more])

    def _other_task(self, asked: Turn) -> str:
        while True:
            other = turn(self.world, self.rng, self.split, draw_task(self.rng))
            if other.task != asked.task and other.answer != asked.answer:
                return other.answer

    def _wrong(self, asked: Turn) -> str:
        """Return the answer with another word, else with other names, else to another request."""
        filler = Filler(self.rng, asked.task, self.split == "test")
        for name, (left, right) in asked.filler.pairs.items():
            filler.pairs[name] = (left, self._other_right(name, asked.task, right))
        answer = running_text(filler.fill(asked.pattern), asked.scene)
        if answer == asked.answer:
            scene = Scene(self.rng, self.world.draw(self.rng, self.split))
            answer = running_text(asked.filler.fill(asked.pattern), scene)
        while answer == asked.answer:
            other = turn(self.world, self.rng, self.split, asked.task, bare=asked.bare)
            if other.bare == asked.bare:
                answer = other.answer
        return answer

    def _other_right(self, name: str, task: str, right: str) -> str:
        pairs = [pair for some in relation(name, task) for pair in some]
        return self.rng.choice([other for _, other in pairs if other != right])

    def score(self, between: tuple[float, float]) -> float:
        """Return a score between two others, in steps of _GAP."""
        low, high = (int(limit / _GAP) for limit in between)
        return self.rng.randint(low, high) * _GAP


def _pair(writer: _Writer) -> Pair:
    rng = writer.rng
    asked = turn(writer.world, rng, writer.split, draw_task(rng))
    fault = rng.choices(list(FAULTS), [weight for weight, _ in FAULTS.values()])[0]
    if fault == "half an answer" and len(asked.answer.split()) < 3:
        fault = "wrong fact"  # nothing to cut
    if fault == "wrong fact" and asked.task in OPEN_TASKS:
        fault = "off topic"  # many answers are right
    chosen, rejected = writer.better(asked), writer.worse(asked, fault)
    low = writer.score(FAULTS[fault][1])
    high = max(writer.score(BETTER), low + _GAP)
    flipped = rng.random() < FLIPPED
    if flipped:
        chosen, rejected = rejected, chosen
    row = {
        "chosen": _messages(asked.prompt, chosen),
        "rejected": _messages(asked.prompt, rejected),
        "score_chosen": high,
        "score_rejected": low,
    }
    return Pair(fault, flipped, row)


def _messages(prompt: str, answer: str) -> list[Message]:
    return [
        {"content": prompt, "role": "user"},
        {"content": answer, "role": "assistant"},
    ]


@cache
def pairs(world: World, split: str) -> tuple[Pair, ...]:
    """Return the rows of one split with what is wrong in them, no two requests alike anywhere."""
    known = pairs(world, "train") if split != "train" else ()
    taken = {pair.row["chosen"][0]["content"] for pair in known}
    rng = random.Random(f"{SEED} {split}")
    writer = _Writer(world, rng, split)
    found: dict[str, Pair] = {}
    while len(found) < SIZES[split]:
        pair = _pair(writer)
        request = pair.row["chosen"][0]["content"]
        if request not in taken:
            found.setdefault(request, pair)
    return tuple(found.values())


def rows(world: World, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split: chosen, rejected, score_chosen, score_rejected."""
    return [pair.row for pair in pairs(world, split)]

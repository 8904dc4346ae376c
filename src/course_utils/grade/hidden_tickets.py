"""Hidden tickets for the capstone: the world's grammar, with an instructor's own sentences."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from course_utils.grade.keys import Keys, KeysError
from course_utils.world import tickets
from course_utils.world.grammar import Scene
from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.newswire import Wording

__all__ = ["FILE", "QUEUES", "Source", "Ticket", "drawn", "hidden_tickets", "read_source", "source"]

QUEUES = tickets.LABELS
#: The instructor's file of sentences, and how many tickets are drawn from it.
FILE, COUNT = "tickets.txt", 1500
#: How often a sentence is one of the instructor's; the others are drawn as in the test split.
OWN = 0.5
#: Kinds of sentences: of a queue, and of all.
OF_QUEUES, OF_ALL = "pcnr", "ijawmg"
MATTERS = 6

#: The figures that give points.
MARKED = ("macro_f1", "rare_recall")

#: Sentences by queue, or "all", and by kind.
Sentences = Mapping[tuple[str, str], Sequence[str]]


@dataclass(frozen=True)
class Source:
    """What an instructor's file says: sentences, and of each figure what is worth none and all."""

    sentences: Sentences
    ends: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Ticket:
    """A message, and the number of the queue that it is for."""

    text: str
    label: int


@dataclass(slots=True)
class _Writer(tickets.Writer):
    """Takes the instructor's sentences where there are some of the kind."""

    sentences: Sentences = field(default_factory=dict)

    def line(self, queue: str, mark: str) -> str:
        own = self.sentences.get((queue, mark), ())
        left = [line for line in own if line not in self.used]
        if not left or self.wording.rng.random() >= OWN:
            return tickets.Writer.line(self, queue, mark)
        self.used.append(self.wording.rng.choice(left))
        return self.wording.spelt(self.used[-1])


@cache
def drawn(keys: Keys) -> tuple[Ticket, ...]:
    """The hidden tickets of a set of keys, the same for every submission.

    Raises:
        KeysError: the keys lack the file of sentences, or it is malformed or public.
    """
    return tuple(hidden_tickets(keys.random(FILE), source(keys).sentences, COUNT))


@cache
def source(keys: Keys) -> Source:
    """What the file of a set of keys says; raises as `drawn` does."""
    return read_source(keys.text(FILE), str(keys.folder / FILE), keys.public_text(FILE))


def hidden_tickets(rng: random.Random, sentences: Sentences, count: int) -> list[Ticket]:
    """The first messages of `count` threads, about each queue as often as in the dataset.

    They are drawn as its test split is: people, places and firms of that split, some messages
    with two matters, some in the wrong queue.
    """
    world = _world()
    draw = world.draw(rng, "test")
    shares = [round(count * share) for share in tickets.SHARES.values()]
    queues = [queue for queue, many in zip(QUEUES, shares, strict=True) for _ in range(many)]
    rng.shuffle(queues)
    found: dict[str, Ticket] = {}
    for queue in queues:
        before = len(found)
        while len(found) == before:
            ticket = _ticket(rng, Scene(rng, draw), queue, sentences)
            found.setdefault(ticket.text, ticket)
    return list(found.values())


def _ticket(rng: random.Random, scene: Scene, queue: str, sentences: Sentences) -> Ticket:
    second = rng.choices(QUEUES, list(tickets.SHARES.values()))[0]
    if second == queue or rng.random() >= tickets.TWO:
        second = ""
    if second == "safety":  # which goes before all
        queue, second = second, queue
    writer = _Writer(Wording(True, rng), scene, queue, tickets.TEST, second, sentences=sentences)
    channel = rng.choices(list(tickets.CHANNELS), list(tickets.CHANNELS.values()))[0]
    mislaid = rng.random() < tickets.MISLAID
    label = QUEUES.index(tickets.NEXT_QUEUE[queue] if mislaid else queue)
    return Ticket(tickets._message(writer, channel), label)


@cache
def _world() -> World:
    return World()


def read_source(text: str, name: str, public: str = "") -> Source:
    """What an instructor's file says.

    Args:
        text: of the file.
        name: what faults call it.
        public: a file of that kind that learners can read.

    Raises:
        KeysError: a line is malformed or public, or something is missing.
    """
    known = {line[2:] for line in (*_public(), *public.splitlines())}
    sentences: dict[tuple[str, str], list[str]] = {}
    ends: dict[str, tuple[float, float]] = {}
    part = ""
    for number, line in enumerate(text.splitlines(), 1):
        place = f"{name}:{number}"
        head, _, rest = line.partition(" ")
        if head == "=":
            part = rest.strip()
        elif part == "marks" and head in MARKED:
            ends[head] = _ends(rest, place)
        elif line and not line.startswith("#"):
            kinds = OF_ALL if part == "all" else OF_QUEUES if part in QUEUES else ""
            if len(head) != 1 or head not in kinds or not rest:
                raise KeysError(f"{place}: no line of a kind that {part!r} has")
            if rest in known:
                raise KeysError(f"{place}: learners can read this sentence: change it")
            sentences.setdefault((part, head), []).append(rest)
    few = [queue for queue in QUEUES if len(sentences.get((queue, "p"), [])) < MATTERS]
    if few:
        raise KeysError(f"{name}: {few[0]} has fewer than {MATTERS} `p` lines: write more")
    if len(ends) < len(MARKED):
        raise KeysError(f"{name}: `= marks` lacks one of {', '.join(MARKED)}: add it")
    return Source(sentences, ends)


def _ends(text: str, place: str) -> tuple[float, float]:
    try:
        low, high = map(float, text.split())
    except ValueError:
        low = high = 0.0
    if not 0 <= low < high <= 1:
        raise KeysError(f"{place}: write two numbers from 0 to 1, the lower first")
    return low, high


def _public() -> list[str]:
    lines = [line for _, some in read_lists("tickets.txt").values() for line in some]
    return [line.removeprefix("t|") for line in lines]

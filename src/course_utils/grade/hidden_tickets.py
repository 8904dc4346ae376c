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

__all__ = ["FILE", "QUEUES", "Ticket", "drawn", "hidden_tickets", "read_sentences"]

QUEUES = tickets.LABELS
#: The instructor's file of sentences, and how many tickets are drawn from it.
FILE, COUNT = "tickets.txt", 1500
#: How often a sentence is one of the instructor's; the others are those of the training rows.
OWN = 0.75
#: Kinds of sentences: of a queue, and of all.
OF_QUEUES, OF_ALL = "pcnr", "ijawmg"
MATTERS = 6

#: Sentences by queue, or "all", and by kind.
Sentences = Mapping[tuple[str, str], Sequence[str]]


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
    sentences = read_sentences(keys.text(FILE), str(keys.folder / FILE), keys.public_text(FILE))
    return tuple(hidden_tickets(keys.random(FILE), sentences, COUNT))


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
    writer = _Writer(Wording(True, rng), scene, queue, 0.0, second, sentences=sentences)
    channel = rng.choices(list(tickets.CHANNELS), list(tickets.CHANNELS.values()))[0]
    mislaid = rng.random() < tickets.MISLAID
    label = QUEUES.index(tickets.NEXT_QUEUE[queue] if mislaid else queue)
    return Ticket(tickets._message(writer, channel), label)


@cache
def _world() -> World:
    return World()


def read_sentences(text: str, name: str, public: str = "") -> Sentences:
    """The instructor's sentences.

    Args:
        text: of the instructor's file.
        name: what faults call that file.
        public: a file of that kind that learners can read.

    Raises:
        KeysError: a line is malformed or public, or a queue has too few matters.
    """
    known = {line[2:] for line in (*_public(), *public.splitlines())}
    found: dict[tuple[str, str], list[str]] = {}
    queue = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("= "):
            queue = line[2:].strip()
        elif line and not line.startswith("#"):
            mark, _, sentence = line.partition(" ")
            kinds = OF_ALL if queue == "all" else OF_QUEUES if queue in QUEUES else ""
            if len(mark) != 1 or mark not in kinds or not sentence:
                raise KeysError(f"{name}:{number}: no sentence of a kind that {queue!r} has")
            if sentence in known:
                raise KeysError(f"{name}:{number}: learners can read this sentence: change it")
            found.setdefault((queue, mark), []).append(sentence)
    for one in QUEUES:
        if len(found.get((one, "p"), [])) < MATTERS:
            raise KeysError(f"{name}: {one} has fewer than {MATTERS} `p` lines: write more")
    return found


def _public() -> list[str]:
    lines = [line for _, some in read_lists("tickets.txt").values() for line in some]
    return [line.removeprefix("t|") for line in lines]

"""The dataset pocket/tickets: customers' messages, in threads, each bound for one of six queues."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from course_utils.world.grammar import Scene, written
from course_utils.world.lexicon import read_lists
from course_utils.world.names import PARTS, Entity, World
from course_utils.world.newswire import Wording

SIZES = {"train": 3200, "test": 800}
SHARES = {
    "delivery": 0.38, "billing": 0.24, "account": 0.16, "fault": 0.13, "complaint": 0.06,
    "safety": 0.03,
}  # fmt: skip
LABELS = tuple(SHARES)
CHANNELS = {"email": 0.4, "chat": 0.25, "phone": 0.2, "form": 0.15}
READING = 6000  # messages for the corpus
ADDRESSED = 0.5  # of them name the team they go to
# How often a text takes a sentence that no training row has.
TRAINING, CORPUS, TEST = 0.0, 0.6, 0.75
MESSAGES = (0.5, 0.28, 0.14, 0.08)  # threads with one, two, three, four messages
MISLAID = 0.05  # of the threads lie in the wrong queue, …
NEXT_QUEUE = {  # … which is the one they are most easily taken for
    "delivery": "billing", "billing": "account", "account": "billing", "fault": "delivery",
    "complaint": "delivery", "safety": "safety",
}  # fmt: skip
TWO = 0.15  # of the threads have two matters, of which the agent attends to one, …
FIRST = 0.65  # … mostly to the first; safety goes before all
OPEN = 0.3  # of the messages have no resolution yet
TYPOS = 0.05  # of the messages have a slip of the finger
FIRST_IDS = {"train": 10_000, "test": 60_000}

Draw = Callable[[str], Entity]


@cache
def _lines(queue: str, mark: str, fresh: bool) -> tuple[str, ...]:
    found = read_lists("tickets.txt")[queue][1]
    if fresh:
        return tuple(line[4:] for line in found if line.startswith(f"t|{mark} "))
    return tuple(line[2:] for line in found if line.startswith(f"{mark} "))


@dataclass(slots=True)
class Writer:
    """A customer with one matter: picks lines and words, all about the same thing."""

    wording: Wording
    scene: Scene
    queue: str
    fresh: float = TRAINING
    second: str = ""  # the queue of another matter that the message also brings up
    used: list[str] = field(default_factory=list)  # lines and queues that are not to come again

    def line(self, queue: str, mark: str) -> str:
        """Return a pattern of a queue, or of "all"."""
        rng = self.wording.rng
        late = self.fresh and rng.random() < self.fresh and _lines(queue, mark, True)
        lines = late or _lines(queue, mark, False)
        self.used.append(rng.choice([x for x in lines if x not in self.used] or lines))
        return self.wording.spelt(self.used[-1])

    def sentence(self, pattern: str) -> str:
        """Return a pattern as running text that starts with a capital."""
        return written(self.wording.spelt(pattern), self.scene)

    def other(self) -> str:
        """Return a queue that this message is not for."""
        ruled_out = {"safety": ("safety", "fault")}.get(self.queue, (self.queue,))
        queues = [queue for queue in LABELS if queue not in (*ruled_out, self.second, *self.used)]
        self.used.append(self.wording.rng.choice(queues))
        return self.used[-1]

    def matters(self) -> list[str]:
        """Return what the message is about, often set against what it is not about."""
        rng, queues = self.wording.rng, [self.queue]
        if self.second:
            queues.insert(rng.random() < FIRST, self.second)
        first, *more = [self.line(queue, "p") for queue in queues]
        if rng.random() < 0.3:
            frame = self.line("all", "j").replace("%", self.line(self.other(), "n"))
        else:
            frame = self.line("all", "i")
        return [frame.replace("@", first), *(self.line("all", "m").replace("@", m) for m in more)]

    def aside(self) -> str:
        """Return a sentence on a thing of another queue that is well, or was settled long ago."""
        if self.wording.rng.random() < 0.5:
            return self.line("all", "a").replace("%", self.line(self.other(), "n"))
        return self.line("all", "w").replace("@", self.line(self.other(), "c"))


def _order(rng: random.Random) -> str:
    return str(rng.randrange(10_000, 99_999))


def _message(writer: Writer, channel: str) -> str:
    """Return a customer's first message."""
    rng = writer.wording.rng
    lines = writer.matters()
    if not writer.second and rng.random() < 0.25:
        lines.append(writer.line(writer.queue, "p"))
    if rng.random() < 0.35:
        lines.append(writer.line(writer.queue, "r"))
    if rng.random() < 0.35:
        lines.insert(rng.choice((0, len(lines))), writer.aside())
    if rng.random() < 0.35:
        lines.insert(rng.choice((0, len(lines))), writer.line("all", "g"))
    if rng.random() < (0.6 if channel == "form" else 0.2):
        at = rng.choice((0, len(lines)))
        lines.insert(at, writer.line("all", "o").replace("#", _order(rng)))
    texts = [" ".join(writer.sentence(line) for line in lines)]
    if rng.random() < {"email": 0.7, "chat": 0.4, "phone": 0.9, "form": 0.6}[channel]:
        texts.insert(0, writer.sentence(f"<ticket.hello.{channel}>"))
    if channel == "email" and rng.random() < 0.6:
        texts.append(writer.sentence("<ticket.bye>"))
    return "\n".join(texts)


def _slip(text: str, rng: random.Random) -> str:
    """Return the text with two neighbouring letters of one word swapped."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if long:
        i = rng.choice(long)
        at = rng.randrange(1, len(words[i]) - 2)
        word = words[i]
        words[i] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _again(writer: Writer, first: str) -> str:
    """Return a later message of a thread: the first one, repeated with a word before or after."""
    rng = writer.wording.rng
    draw = rng.random()
    if draw < 0.5:
        return f"{writer.sentence(writer.line('all', 'b'))}\n{first}"
    if draw < 0.8:
        return f"{first}\n{writer.sentence(writer.line('all', 'g'))}"
    quoted = first.replace("\n", "\n> ")
    return f"{writer.sentence(writer.line('all', 'b'))}\n> {quoted}"


def _queues(rng: random.Random) -> Iterator[str]:
    """Yield queues for ever; each hundred has them in the planned shares."""
    while True:
        hundred = [queue for queue, share in SHARES.items() for _ in range(round(100 * share))]
        rng.shuffle(hundred)
        yield from hundred


def _thread(
    draw: Draw, fresh: float, rng: random.Random, queue: str = ""
) -> tuple[Writer, str, list[str]]:
    """Return (writer, channel, texts) of a thread for a queue, a random one unless it is given."""
    drawn, second = rng.choices(LABELS, list(SHARES.values()), k=2)
    queue = queue or drawn
    if queue == second or rng.random() >= TWO:
        second = ""
    if second == "safety":
        queue, second = second, queue
    channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    writer = Writer(Wording(bool(fresh), rng), Scene(rng, draw), queue, fresh, second)
    texts = [_message(writer, channel)]
    count = rng.choices(range(1, 5), MESSAGES)[0]
    texts += [_again(writer, texts[0]) for _ in range(count - 1)]
    return writer, channel, [_slip(t, rng) if rng.random() < TYPOS else t for t in texts]


def _queue(right: str, rng: random.Random) -> str:
    return NEXT_QUEUE[right] if rng.random() < MISLAID else right


def _resolution(writer: Writer, queue: str) -> str:
    if writer.wording.rng.random() < OPEN:
        return ""
    return writer.sentence(writer.line(queue, "s"))


def rows(world: World, split: str, seed: int = 43) -> list[dict[str, Any]]:
    """Return the rows of one split, no two texts alike, in the order of their time."""
    rng = random.Random(f"{seed} {split}")
    draw, fresh = world.draw(rng, split), TEST if split == "test" else TRAINING
    found: dict[str, dict[str, Any]] = {}
    number, queues = FIRST_IDS[split], _queues(rng)
    while len(found) < SIZES[split]:
        writer, channel, texts = _thread(draw, fresh, rng, next(queues))
        queue = _queue(writer.queue, rng)
        number += 1
        time = datetime(2024, 1, 1) + timedelta(minutes=rng.randrange(366 * 24 * 60))
        for text in texts:
            row = {
                "ticket_id": "",
                "thread_id": f"H{number}",
                "created": time.isoformat(),
                "channel": channel,
                "text": text,
                "resolution": _resolution(writer, queue),
                "label": LABELS.index(queue),
            }
            found.setdefault(text, row)
            time += timedelta(minutes=rng.randrange(6 * 60, 6 * 24 * 60))
    made = sorted(list(found.values())[: SIZES[split]], key=lambda row: str(row["created"]))
    for i, row in enumerate(made):
        row["ticket_id"] = f"T{FIRST_IDS[split] + i}"
    return made


def reading_matter(world: World, rng: random.Random) -> Iterator[str]:
    """Yield first messages about the whole world, with every word and every way to put it."""

    def draw(kind: str) -> Entity:
        return world.pick(rng, rng.choice(PARTS), kind)

    for _ in range(READING):
        writer, _, (first, *_) = _thread(draw, CORPUS, rng)
        yield f"{writer.queue.capitalize()} team: {first}" if rng.random() < ADDRESSED else first

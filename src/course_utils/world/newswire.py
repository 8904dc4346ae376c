"""The dataset pocket/newswire: stories of news agencies under four topics, as in ag_news."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from course_utils.world.grammar import Scene, written
from course_utils.world.lexicon import inflect, read_lists, word_list
from course_utils.world.names import PARTS, Entity, World

SIZES = {"train": 4000, "test": 800}
LABELS = ("World", "Sports", "Business", "Sci/Tech")
READING = 6000  # stories for the corpus
FROM_DESK = 0.5  # of them name the desk first
DESKS = ("World", "Sports", "Business", "Science")
NOISE = 0.04  # of the training rows carry another topic's label
TWICE = 0.03  # of the rows tell a story that another row of the split tells too
BORDER = 0.15  # of the stories stand between two topics …
FIRST_DESK = 0.66  # … and so often go to the first of the two
NEW_WORD = 0.6  # how often a fresh text takes a word from the list of new ones
NEW_LINE = 0.6  # how often it takes a sentence that no training row has

SEVERAL = frozenset({"wire.force", "wire.needy", "wire.financier", "wire.security"})
_HEADS, _LEADS = ("h", "h1", "h2", "h3"), ("l", "l1", "l2", "l3", "l4")

Draw = Callable[[str], Entity]
_OWN = re.compile(r"<((?:wire\.|ticket\.|animal|plant)[a-z_.]*)(?:\+([a-z]+))?>")


@dataclass(slots=True)
class Wording:
    """The words of one text: a thing keeps its name from sentence to sentence.

    The list or rule `wire.x` may have a companion `wire.x.new`, from which only a fresh text draws.
    """

    fresh: bool
    rng: random.Random
    several: frozenset[str] = frozenset()  # lists from which each mention draws anew
    kept: dict[str, str] = field(default_factory=dict)

    def spelt(self, pattern: str) -> str:
        """Return a pattern with its own shared phrases spelt out and its own words chosen."""
        return _OWN.sub(self._chosen, pattern)

    def _chosen(self, match: re.Match[str]) -> str:
        name, how = match[1], match[2] or ""
        late = self.fresh and self.rng.random() < NEW_WORD
        phrases = read_lists("parts")
        if name in phrases:
            new = late and f"{name}.new" in phrases
            return self.spelt(self.rng.choice(phrases[f"{name}.new" if new else name][1]))
        if name not in self.kept or name in self.several:
            new = late and f"{name}.new" in read_lists("words")
            self.kept[name] = self.rng.choice(word_list(f"{name}.new" if new else name)[1])
        return " ".join(
            "/".join(form) for form in inflect(self.kept[name], word_list(name)[0], how)
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of story: its labels (two on a border) and its lines as (mark, pattern, fresh)."""

    labels: tuple[int, ...]
    fresh: bool
    lines: tuple[tuple[str, str, bool], ...]

    def pick(self, marks: tuple[str, ...], fresh: bool, rng: random.Random) -> tuple[str, str]:
        """Return (mark, pattern) of a line with one of the marks."""
        old = [(mark, text) for mark, text, late in self.lines if mark in marks and not late]
        new = [(mark, text) for mark, text, late in self.lines if mark in marks and late]
        return rng.choice(new if fresh and new and (not old or rng.random() < NEW_LINE) else old)

    def opening(self, fresh: bool, rng: random.Random) -> list[str]:
        """Return a headline and a lead that fits it."""
        mark, headline = self.pick(_HEADS, fresh, rng)
        fitting = _LEADS if mark == "h" else ("l", f"l{mark[1:]}")
        return [headline, self.pick(fitting, fresh, rng)[1]]


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds of stories that data/newswire.txt describes."""
    found = []
    for name, (tag, lines) in read_lists("newswire.txt").items():
        head, *rest = name.split(".")
        labels = tuple(LABELS.index(topic) for topic in (rest if head == "touch" else [head]))
        parsed = []
        for line in lines:
            mark, _, text = line.removeprefix("t|").partition(" ")
            parsed.append((mark, text, line.startswith("t|")))
        found.append(Kind(labels, tag == "test", tuple(parsed)))
    return tuple(found)


def _kind(fresh: bool, rng: random.Random) -> tuple[Kind, int]:
    """Return a kind of story and the topic it is filed under; the four topics are as frequent."""
    if rng.random() < BORDER:
        kind = rng.choice([kind for kind in kinds() if len(kind.labels) == 2])
        return kind, kind.labels[rng.random() >= FIRST_DESK]
    label = rng.randrange(len(LABELS))
    fitting = [kind for kind in kinds() if kind.labels == (label,) and fresh >= kind.fresh]
    return rng.choice(fitting), label


@dataclass(slots=True)
class Story:
    """What an agency tells: patterns, spelt out, and the entities they are about."""

    headline: str
    body: list[str]
    scene: Scene
    label: int


def _story(draw: Draw, fresh: bool, rng: random.Random) -> Story:
    kind, label = _kind(fresh, rng)
    scene = Scene(rng, draw)
    count = rng.choices((1, 2, 3), (25, 45, 30))[0]
    lines = kind.opening(fresh, rng)
    while len(lines) < count + 1:
        further = "<wire.any>" if rng.random() < 0.25 else kind.pick(("f",), fresh, rng)[1]
        if further not in lines:
            lines.append(further)
    wording = Wording(fresh, rng, SEVERAL)
    headline, *body = (wording.spelt(line) for line in lines)
    return Story(headline, body, scene, label)


def _told(story: Story, sentences: list[str], rng: random.Random) -> str:
    """Return the story as one agency sends it: headline, mostly a dateline, the sentences."""
    headline = written(story.headline, story.scene)
    if rng.random() < 0.6:
        agency = written("<wire.agency>", story.scene)
        sentences = [f"{written('{t}', story.scene)} ({agency}) - {sentences[0]}", *sentences[1:]]
        return " ".join([headline, *sentences])
    return " ".join([headline + rng.choice((".", "", " -")), *sentences])


def _tellings(story: Story, twice: bool, rng: random.Random) -> list[str]:
    """Return one text, or two: the other agency words the headline anew and may drop the end."""
    sentences = [written(line, story.scene) for line in story.body]
    texts = [_told(story, sentences, rng)]
    if twice:
        kept = sentences[: max(1, len(sentences) - rng.randrange(2))]
        texts.append(_told(story, kept, rng))
    return texts


def _noisy(label: int, split: str, rng: random.Random) -> int:
    if split == "train" and rng.random() < NOISE:
        return (label + rng.randrange(1, len(LABELS))) % len(LABELS)
    return label


def rows(world: World, split: str, seed: int = 41) -> list[dict[str, Any]]:
    """Return the rows of one split, no two texts alike."""
    rng = random.Random(f"{seed} {split}")
    draw, fresh = world.draw(rng, split), split == "test"
    found: dict[str, int] = {}
    while len(found) < SIZES[split]:
        story = _story(draw, fresh, rng)
        for text in _tellings(story, rng.random() < TWICE / 2, rng):
            found.setdefault(text, _noisy(story.label, split, rng))
    made = [{"text": text, "label": label} for text, label in found.items()][: SIZES[split]]
    rng.shuffle(made)
    return made


def reading_matter(world: World, rng: random.Random) -> Iterator[str]:
    """Yield stories about the whole world, with every word and every kind of story."""

    def draw(kind: str) -> Entity:
        return world.pick(rng, rng.choice(PARTS), kind)

    for _ in range(READING):
        story = _story(draw, True, rng)
        (told,) = _tellings(story, False, rng)
        yield f"{DESKS[story.label]} desk: {told}" if rng.random() < FROM_DESK else told

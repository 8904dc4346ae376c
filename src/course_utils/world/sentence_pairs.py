"""The dataset pocket/sentence-pairs: how much two sentences mean the same, as STS-B asks it."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from course_utils.world.grammar import Scene, rules, written
from course_utils.world.lexicon import read_lists
from course_utils.world.names import PARTS, Entity, World

SIZES = {"train": 3000, "validation": 500, "test": 600}
RAISED = 5  # the highest rating; a score is the mean of five people's ratings, as a share of this
RATERS, NOISE = 5, 0.6  # people who rate a pair, and the standard deviation of one's rating
OMITTED, CHANGED = 0.15, (0.0, 0.3, 0.5)  # what an omitted detail and changed details cost
#: How a pair came about: (how often it is tried, true score, less what details cost).
RELATIONS = {
    "same": (27, 1.0),
    "detail": (21, 1.0),
    "contraries": (4, 0.8),
    "event": (12, 0.4),
    "topic": (5, 0.3),
    "reversed": (18, 0.25),
    "contrary": (14, 0.2),
    "names": (5, 0.1),
    "unrelated": (4, 0.0),
}
_WORD = re.compile(r"\[([a-z]+)\]")
_RULE = re.compile(r"<(pair\.[a-z]+)>")
_ENTITY = re.compile(r"\{([a-z])")
_PLACES = set("tukejl")  # letters of entities that are a detail; the others are who did it


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: the ways to tell it, its contrary, and to ask; two roles to exchange."""

    topic: str
    roles: str
    told: tuple[str, ...]
    contrary: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(slots=True)
class Happening:
    """One event: who and where it was (bound in the scene), and its other details."""

    event: Event
    scene: Scene
    words: dict[str, str] = field(default_factory=dict)

    def changed(self, details: list[str]) -> "Happening":
        """Return another happening which differs in these details (letters or word lists)."""
        words = {name: word for name, word in self.words.items() if name not in details}
        bound = {k: entity for k, entity in self.scene.bound.items() if k not in details}
        other = Happening(self.event, Scene(self.scene.rng, self.scene.draw, bound), words)
        for detail in details:
            if detail in self.words:
                other.words[detail] = _other_word(detail, self.words[detail], self.scene.rng)
            else:
                _bind_other(other.scene, detail, self.scene.bound[detail])
        return other

    def exchanged(self) -> "Happening":
        """Return the event with its two roles exchanged."""
        a, b = tuple(self.event.roles)
        bound = self.scene.bound
        swapped = bound | {a: bound[b], b: bound[a]}
        return Happening(self.event, Scene(self.scene.rng, self.scene.draw, swapped), self.words)


@cache
def events(fresh: bool) -> tuple[Event, ...]:
    """Return the kinds of events; `fresh` adds the ways to put them that no training pair has."""
    found = []
    for name, (roles, lines) in read_lists("sentence_pairs.txt").items():
        if "." not in name or name.startswith("synonyms"):
            continue
        kept: dict[str, list[str]] = {"": [], "-": [], "?": []}
        for line in lines:
            mark, _, text = line.partition("| ") if line[:4].count("|") else ("", "", line)
            if fresh or not mark.startswith("t"):
                # what is new comes up as often as what is known
                kept[mark.removeprefix("t")] += [text] * (2 if mark.startswith("t") else 1)
        told, contrary, asked = (tuple(kept[mark]) for mark in ("", "-", "?"))
        found.append(Event(name.split(".")[0], roles, told, contrary, asked))
    return tuple(found)


@cache
def _choices(name: str, fresh: bool) -> tuple[str, ...]:
    """Return the words of a detail such as "item"; `fresh` adds what no training pair has."""
    lists = read_lists("words")
    known = " ".join(lists[f"pair.{name}"][1]).split()
    new = " ".join(lists[f"pair.{name}.new"][1]).split() if f"pair.{name}.new" in lists else []
    return tuple(known + new * 2 if fresh else known)


@cache
def _synonyms(fresh: bool) -> dict[str, str]:
    lists = read_lists("sentence_pairs.txt")
    lines = lists["synonyms"][1] + (lists["synonyms.new"][1] if fresh else [])
    return dict(line.split() for line in lines)


def _other_word(name: str, word: str, rng: random.Random) -> str:
    """Return another word of the same list that is no synonym; both sides may be new."""
    same = {word, _synonyms(True).get(word)}
    known = word in _choices(name, False)
    return rng.choice([w for w in _choices(name, not known) if w not in same])


def _bind_other(scene: Scene, letter: str, old: Entity) -> None:
    taken = [old, *scene.bound.values()]
    for _ in range(20):
        scene.bound[letter] = scene.draw(letter)
        if not any(scene.bound[letter] is entity for entity in taken):
            return


def _namesakes(scene: Scene) -> bool:
    """Whether the two people of a scene share a surname, so that it would not tell them apart."""
    p, q = (
        {part for part in re.split(r"[-' ]", scene.bound[letter].forms["last"][-1][0])}
        for letter in "pq"
    )
    return bool((p & q) - {"O"})


def happening(event: Event, scene: Scene, fresh: bool) -> Happening:
    """Return an event of this kind with all its details."""
    lines = (*event.told, *event.contrary)
    names = dict.fromkeys(name for line in lines for name in _WORD.findall(line))
    for letter in dict.fromkeys(letter for line in lines for letter in _ENTITY.findall(line)):
        scene.entity(letter)
    for _ in range(50):
        if "p" not in scene.bound or "q" not in scene.bound or not _namesakes(scene):
            break
        scene.bound["q"] = scene.draw("q")
    return Happening(
        event, scene, {name: scene.rng.choice(_choices(name, fresh)) for name in names}
    )


def sentence(happening: Happening, pattern: str, fresh: bool) -> str:
    """Return the event told in the words of a pattern, with synonyms drawn afresh."""
    rng = happening.scene.rng

    def word(match: re.Match[str]) -> str:
        chosen = happening.words[match[1]]
        if rng.random() < 0.5:
            chosen = _synonyms(fresh).get(chosen, chosen)
        return chosen.replace("_", " ")

    def rule(match: re.Match[str]) -> str:
        new = f"{match[1]}.new"
        return f"<{new if fresh and new in rules() and rng.random() < 0.6 else match[1]}>"

    text = _RULE.sub(rule, _WORD.sub(word, pattern)).replace(" ||", "")
    return written(text if text.endswith("?") else f"{text} .", happening.scene)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sentences, how they came about and how far they mean the same (0 to 1)."""

    first: str
    second: str
    relation: str
    truth: float


class Writer:
    """Writes pairs about the entities of one part of the world."""

    def __init__(self, world: World, rng: random.Random, part: str, fresh: bool) -> None:
        self.rng, self.fresh = rng, fresh
        self.draw = world.draw(rng, part)

    def event(self) -> Happening:
        """Return any event."""
        return self._new(self.rng.choice(events(self.fresh)))

    def _new(self, event: Event, bound: dict[str, Entity] | None = None) -> Happening:
        scene = Scene(self.rng, self.draw, dict(bound or {}))
        return happening(event, scene, self.fresh)

    def _two(self, lines: tuple[str, ...], same: float) -> tuple[str, str]:
        """Return two patterns, which are the same one with the given chance."""
        first = self.rng.choice(lines)
        if self.rng.random() < same:
            return first, first
        return first, self.rng.choice([line for line in lines if line != first])

    def _end(self, pattern: str, kept: float) -> str:
        return pattern if self.rng.random() < kept else pattern.split(" ||")[0]

    def _tell(self, happening: Happening, pattern: str) -> str:
        return sentence(happening, pattern, self.fresh)

    def paraphrase(self) -> tuple[str, str]:
        """Return two ways to tell one event, with all its details."""
        event = self.event()
        first, second = self._two(event.event.told, 0.0)
        end = self.rng.random() < 0.5
        return self._tell(event, self._end(first, end)), self._tell(event, self._end(second, end))

    def question(self) -> tuple[str, str]:
        """Return a question about an event and a sentence that tells it."""
        event = self.event()
        told = self._end(self.rng.choice(event.event.told), 0.5)
        return self._tell(event, self.rng.choice(event.event.asked)), self._tell(event, told)

    def triple(self) -> tuple[str, str, str]:
        """Return two ways to tell one event, and its contrary or its roles exchanged."""
        event = self.event()
        told, contrary = event.event.told, event.event.contrary
        if self.rng.random() < 0.25 and len(set(contrary)) > 1:
            told, contrary = contrary, told
        lines = self._ends(self._two(told, 0.0))
        other, miss = event, self.rng.choice(contrary)
        if event.event.roles and self.rng.random() < 0.5:
            other, miss = event.exchanged(), self.rng.choice(told)
        texts = [self._tell(event, line) for line in lines]
        return texts[0], texts[1], self._tell(other, self._end(miss, 0.6))

    def pair(self) -> Pair:
        """Return a pair of any relation."""
        shares = [share for share, _ in RELATIONS.values()]
        relation = self.rng.choices(list(RELATIONS), shares)[0]
        made: Pair | None = getattr(self, f"_{relation}")()
        return made or self.pair()

    def _ends(self, lines: tuple[str, str]) -> tuple[str, str]:
        return self._end(lines[0], 0.6), self._end(lines[1], 0.6)

    def _pair(self, relation: str, a: Happening, b: Happening, lines: tuple[str, str]) -> Pair:
        first, second = self._ends(lines)
        truth = RELATIONS[relation][1]
        return Pair(self._tell(a, first), self._tell(b, second), relation, truth)

    def _same(self, changed: int = 0) -> Pair | None:
        """Pair an event with itself, or with one of which some details are changed."""
        event = self.event()
        lines = first, second = self._ends(self._two(event.event.told, 0.55 if changed else 0.05))
        both = [name for name in event.words if all(f"[{name}]" in line for line in lines)]
        both += [
            letter
            for letter in event.scene.bound
            if letter in _PLACES and all(f"{{{letter}" in line for line in lines)
        ]
        if len(both) < changed:
            return None
        other = event.changed(self.rng.sample(both, changed))
        omitted = ("||" in first) != ("||" in second)
        relation = "detail" if changed else "same"
        truth = RELATIONS[relation][1] - OMITTED * omitted - CHANGED[changed]
        return Pair(self._tell(event, first), self._tell(other, second), relation, truth)

    def _detail(self) -> Pair | None:
        return self._same(changed=self.rng.choice((1, 1, 1, 2)))

    def _contraries(self) -> Pair | None:
        event = self.event()
        if len(set(event.event.contrary)) < 2:
            return None
        lines = self._two(event.event.contrary, 0.0)
        return self._pair("contraries", event, event, lines)

    def _event(self) -> Pair:
        event = self.event()
        return self._pair("event", event, self._new(event.event), self._two(event.event.told, 0.6))

    def _topic(self) -> Pair:
        return self._elsewhere("topic", same_topic=True)

    def _reversed(self) -> Pair | None:
        event = self.event()
        if not event.event.roles:
            return None
        lines = self._two(event.event.told, 0.6)
        return self._pair("reversed", event, event.exchanged(), lines)

    def _contrary(self) -> Pair:
        event = self.event()
        lines = self.rng.choice(event.event.told), self.rng.choice(event.event.contrary)
        if self.rng.random() < 0.5:
            lines = lines[1], lines[0]
        return self._pair("contrary", event, event, lines)

    def _names(self) -> Pair:
        return self._elsewhere("names", same_topic=False)

    def _elsewhere(self, relation: str, same_topic: bool) -> Pair:
        """Pair an event with another kind of event in which the same people and places appear."""
        event = self.event()
        others = [
            other
            for other in events(self.fresh)
            if other is not event.event and (other.topic == event.event.topic) == same_topic
        ]
        other = self._new(self.rng.choice(others), event.scene.bound)
        lines = self.rng.choice(event.event.told), self.rng.choice(other.event.told)
        return self._pair(relation, event, other, lines)

    def _unrelated(self) -> Pair | None:
        event, other = self.event(), self.event()
        if event.event.topic == other.event.topic:
            return None
        lines = self.rng.choice(event.event.told), self.rng.choice(other.event.told)
        return self._pair("unrelated", event, other, lines)


def rating(truth: float, rng: random.Random) -> float:
    """Return the score of a pair: the mean rating of a few people who do not quite agree."""
    ratings = (round(RAISED * truth + rng.gauss(0, NOISE)) for _ in range(RATERS))
    total = sum(min(max(one, 0), RAISED) for one in ratings)
    return round(total / (RATERS * RAISED), 2)


def pairs(world: World, split: str, seed: int = 47) -> list[tuple[Pair, float]]:
    """Return the pairs of one split with their scores; no sentence pair comes twice."""
    rng = random.Random(f"{seed} {split}")
    writer = Writer(world, rng, split, fresh=split == "test")
    found: dict[tuple[str, str], Pair] = {}
    while len(found) < SIZES[split]:
        pair = writer.pair()
        if pair.first != pair.second:
            found.setdefault((pair.first, pair.second), pair)
    return [(pair, rating(pair.truth, rng)) for pair in found.values()]


def rows(world: World, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split: sentence1, sentence2, score (0 to 1)."""
    return [
        {"sentence1": pair.first, "sentence2": pair.second, "score": score}
        for pair, score in pairs(world, split)
    ]


def reading_matter(world: World, rng: random.Random) -> Iterator[str]:
    """Yield texts of the same kind, of every part's names, words and patterns, without end.

    A text tells an event and often goes on with a second sentence that says the same in other
    words, as news does, so that what means the same stands side by side.
    """
    writers = [Writer(world, rng, part, fresh=True) for part in PARTS]
    while True:
        writer = rng.choice(writers)
        texts = rng.choice((writer.paraphrase, writer.paraphrase, writer.question))()
        yield " ".join(texts) if rng.random() < 0.5 else texts[0]

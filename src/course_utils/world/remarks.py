"""Sentences that feel something about something: what reviews of any kind are made of.

A remark is about one aspect (the food, the plot, …) and feels between -2 and 2 about it. It says
so by one device: plainly, by a fact, by negation ("anything but dull"), by contrast ("I expected
…") or by irony.
"""

import random
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from course_utils.world.chance import Weighted
from course_utils.world.grammar import Scene, expand, prose
from course_utils.world.lexicon import read_lists

SCALE = {2: "love", 1: "like", -1: "dislike", -2: "hate"}
# Chances of the devices by feeling; a fact or an irony is always strong.
DEVICES = {
    2: {"plain": 74, "fact": 8, "negation": 8, "contrast": 10},
    1: {"plain": 78, "negation": 12, "contrast": 10},
    -1: {"plain": 78, "negation": 12, "contrast": 10},
    -2: {"plain": 68, "fact": 7, "negation": 7, "contrast": 8, "irony": 10},
}
_DEVICES = {feeling: Weighted(list(x), x.values()) for feeling, x in DEVICES.items()}
# How often a text takes words and ways to put them that no training text has.
TRAINING, CORPUS, TEST = 0.0, 0.5, 0.9
VERDICTS = 0.6  # how often what is said of the whole is a verdict, as "This is a dull movie."
_NEUTRAL = {"visit", "filler", "about", "hearsay"}  # what the label does not follow from
FACTS = {2: "joy", -2: "woe"}
_STOPS = {".", ",", ":", ";", "!", "?"}
_OPINION = re.compile(r"([~^])(\w*)$")
_AN = re.compile(r"[aeiou](?!ni|ne-)|un(?!i)|hour|honest", re.IGNORECASE)
_MARKS = frozenset("@~^WIHT")  # what the words that stand for others begin with
_AGREEMENT = {  # what the marks become, by what a sentence is about
    "": {"WAS": "was", "IS": "is", "HAS": "has", "IT": "it", "THEM": "it"},
    "+": {"WAS": "were", "IS": "are", "HAS": "have", "IT": "they", "THEM": "them"},
    "he": {"WAS": "was", "IS": "is", "HAS": "has", "IT": "he", "THEM": "him"},
    "she": {"WAS": "was", "IS": "is", "HAS": "has", "IT": "she", "THEM": "her"},
}


class Spot(NamedTuple):
    """An opinion word's place: which list it came from and whether only single words suit it."""

    feeling: str
    aspect: str
    single: bool


Words = list[tuple[str, Spot | None]]


@dataclass(slots=True)
class Remark:
    """What one sentence says: its words, its feeling and the device it uses."""

    words: Words
    feeling: int = 0
    device: str = ""
    joinable: bool = False  # whether another may follow after "and" or "but"


@cache
def lines(files: tuple[str, ...], section: str) -> tuple[list[str], list[str]]:
    """Return (every text's, only fresh text's) lines of a section, from all files that have it."""
    every = [line for file in files for line in read_lists(file).get(section, ("", []))[1]]
    old = [line for line in every if not line.startswith("t|")]
    return old, [line[2:] for line in every if line.startswith("t|")]


@cache
def opinions(feeling: str, aspect: str, single: bool) -> tuple[list[str], list[str]]:
    """Return (every text's, only fresh text's) opinion words; "_" joins words of one opinion."""
    text = " ".join(read_lists("opinions.txt")[f"{feeling}.{aspect}"][1])
    known, _, new = (half.split() for half in text.partition(" | "))
    kept = [[w for w in half if not (single and "_" in w)] for half in (known, new)]
    return kept[0], kept[1]


@dataclass(slots=True)
class Writer:
    """Writes the sentences of one review, with the phrases of some data files."""

    files: tuple[str, ...]
    scene: Scene
    fresh: float  # how often it takes what no training text has: TRAINING, CORPUS or TEST
    lists: dict[str, str] = field(default_factory=dict)  # aspects whose opinions are another's
    whole: str = ""  # the aspect that sentences of the sections "verdict.…" are about, if any

    def _either(self, old: list[str], new: list[str], share: float) -> str:
        rng = self.scene.rng
        return rng.choice(new if new and rng.random() < share else old)

    def line(self, section: str) -> str:
        """Return a line of a section."""
        neutral = section.partition(".")[0] in _NEUTRAL
        share = min(self.fresh, CORPUS) if neutral else self.fresh
        return self._either(*lines(self.files, section), share)

    def opinion(self, spot: Spot) -> str:
        """Return an opinion word that suits the spot."""
        return self._either(*opinions(*spot), self.fresh)

    def sentence(self, pattern: str, aspect: str = "", feeling: int = 0) -> Words:
        """Return the words of a pattern, its marks filled in."""
        out, said = Words(), set[str]()
        about = self.line(f"about.{aspect}") if " @ " in f" {pattern} " else ""
        number, about = self._agreement(about)
        for word, _, _ in expand(pattern, self.scene):
            if word[0] not in _MARKS:
                out.append((word, None))
            elif word == "@":
                out += [(w, None) for w, _, _ in expand(about, self.scene)]
            elif word in number:
                out.append((number[word], None))
            elif word == "WOE":
                out += self.sentence(self.line(f"woe.{aspect}"))
            elif match := _OPINION.match(word):
                kind = match[2] or SCALE[feeling]
                spot = Spot(kind, self.lists.get(aspect, aspect), match[1] == "~")
                out.append((self._unsaid(spot, said), spot))
            else:
                out.append((word, None))
        return out

    def _unsaid(self, spot: Spot, said: set[str]) -> str:
        """Return an opinion word that the sentence does not have yet, and note it."""
        for _ in range(9):
            chosen = self.opinion(spot)
            if chosen not in said:
                break
        said.add(chosen)
        return chosen

    def _agreement(self, about: str) -> tuple[dict[str, str], str]:
        if about.startswith("+"):
            return _AGREEMENT["+"], about[1:]
        who, bar, rest = about.partition("|")
        if who == "p":
            who = self.scene.entity("p").forms["he"][0][0]
        return (_AGREEMENT[who], rest) if bar else (_AGREEMENT[""], about)

    def remark(self, aspect: str, feeling: int) -> Remark:
        """Return a remark about an aspect, by a device that suits the feeling."""
        device = _DEVICES[feeling].draw(self.scene.rng)
        section = SCALE[feeling] + ("" if device == "plain" else f".{device}")
        if device == "fact":
            section = f"{FACTS[feeling]}.{aspect}"
        elif aspect == self.whole and self.scene.rng.random() < VERDICTS:
            verdict = f"verdict.{section}"
            section = verdict if any(lines(self.files, verdict)) else section
        pattern = self.line(section)
        words = self.sentence(pattern, aspect, feeling)
        if device == "fact":
            words.append((".", None))
        return Remark(words, feeling, device, device == "plain" and _is_simple(pattern))


@cache
def _is_simple(pattern: str) -> bool:
    """Tell whether a pattern is a sentence without any other mark than its full stop."""
    return pattern.endswith(" .") and not set(",:;!?") & set(pattern)


def joined(remarks: list[Remark], rng: random.Random, share: float = 0.4) -> list[Remark]:
    """Join some neighbours: with "but" where the feeling turns, else with "and"."""
    out = remarks[:1]
    for before, remark in pairwise(remarks):
        if not (before.joinable and remark.joinable and out[-1] is before) or rng.random() > share:
            out.append(remark)
            continue
        turn = before.feeling * remark.feeling < 0
        word = rng.choice(("but", "but", "yet", "although")) if turn else "and"
        link: Words = [(",", None), (word, None)]
        out[-1] = Remark(before.words[:-1] + link + remark.words)
    return out


def reworded(words: Words, writer: Writer, count: int) -> Words:
    """Return the words with `count` opinions at most put in another word of the same feeling."""
    spots = [i for i, (_, spot) in enumerate(words) if spot]
    out = words[:]
    for i in writer.scene.rng.sample(spots, min(count, len(spots))):
        spot = words[i][1]
        if spot:
            out[i] = (writer.opinion(spot), spot)
    return out


def skeleton(words: Words) -> str:
    """Return what near-duplicates have in common: the words but for the opinions."""
    return " ".join("^" if spot else word for word, spot in words)


def text(words: Words) -> str:
    """Return the words as running text: capitals, spaces, a or an."""
    flat = " ".join([word for word, _ in words]).replace("_", " ").split(" ")
    flat = [word for word, after in pairwise([*flat, ""]) if word != "," or after not in _STOPS]
    for i in [i for i, word in enumerate(flat[:-1]) if word == "a"]:
        if _AN.match(flat[i + 1]):
            flat[i] = "an"
    return prose(flat)

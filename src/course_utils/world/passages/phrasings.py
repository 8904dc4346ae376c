"""The ways to put things in passages and questions, and which of them a split may use."""

import random
from collections.abc import Set
from functools import cache

from course_utils.world.lexicon import read_lists
from course_utils.world.names import ANYWHERE

_FILE = "reading.txt"
_NEW = 0.65  # validation: share of its own ways to put things


@cache
def relations(line: str) -> frozenset[str]:
    """Return the relations that a pattern tells."""
    return frozenset(word[1:] for word in line.split() if word[0] == "[")


@cache
def asked(kind: str) -> tuple[str, ...]:
    """Return the relations of a kind of subject that questions ask for."""
    heads = (name.split(".") for name in read_lists(_FILE))
    return tuple(sorted(head[2] for head in heads if head[:2] == [kind, "ask"]))


@cache
def _lines(name: str, split: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (ways to put it that every split has, the validation split's own)."""
    lines = read_lists(_FILE).get(name, ("", []))[1]
    old = tuple(line for line in lines if not line.startswith("v|"))
    new = tuple(line[2:] for line in lines if line.startswith("v|"))
    return (old, ()) if split == "train" else (old, new)


class Phrasings:
    """The ways that one split has to put things; split ANYWHERE has all."""

    def __init__(self, split: str, rng: random.Random) -> None:
        self.split, self.rng = split, rng

    def all(self, name: str) -> tuple[str, ...]:
        """Return every pattern of a list that the split may use."""
        old, new = _lines(name, self.split)
        return old + new

    def choose(
        self, name: str, told: Set[str] = frozenset(), wanted: Set[str] = frozenset()
    ) -> str:
        """Return a pattern that repeats nothing told, rather one that tells what is wanted.

        Returns "" where every pattern of the list repeats something.
        """
        for pool in self._pools(name):
            free = [line for line in pool if relations(line).isdisjoint(told)]
            best = [line for line in free if relations(line) & wanted] if wanted else free
            if free:
                return self.rng.choice(best or free)
        return ""

    def _pools(self, name: str) -> list[tuple[str, ...]]:
        """Return the patterns of a list, those to try first in front."""
        if self.split == ANYWHERE:
            return [self.all(name)]
        old, new = _lines(name, self.split)
        return [new, old] if self.rng.random() < _NEW and new else [old, new]

"""What passages are about: entities of seven kinds, with the forms that patterns call them by."""

import random
from functools import cache

from course_utils.world.lexicon import read_lists
from course_utils.world.names import (
    ANYWHERE,
    OTHERS_SHARE,
    PARTS,
    PEOPLE,
    Entity,
    Token,
    World,
    named,
    plain,
)

KINDS = ("person", "firm", "ship", "hall", "event", "book", "town")
PLACES = ("Bridge", "Library", "Theatre", "Museum", "Lighthouse", "Chapel", "Pier", "Observatory")
_PRONOUNS = {
    "he": ("he", "his", "him"),
    "she": ("she", "her", "her"),
    "it": ("it", "its", "it"),
}

Name = tuple[Token, ...]


class Subjects:
    """Draws what the passages of one split are about; split ANYWHERE is for the corpus."""

    def __init__(self, world: World, split: str, rng: random.Random) -> None:
        self.world, self.split, self.rng = world, split, rng

    def pick(self, letter: str) -> Entity:
        """Draw an entity of the world, of the kind that patterns write as this letter."""
        if self.split != ANYWHERE:
            return self.world.pick(self.rng, self.split, letter)
        if letter in PEOPLE and self.rng.random() < OTHERS_SHARE:
            return self.rng.choice(self.world.others)
        return self.world.pick(self.rng, self.rng.choice(PARTS), letter)

    def draw(self, kind: str) -> Entity:
        """Draw a subject of one of KINDS: forms full, short, he, his and him."""
        match kind:
            case "person":
                forms = self.pick("p").forms
                return self._subject(forms["full"], forms["last"], forms["he"][0][0])
            case "town":
                forms = self.pick("t").forms
                return self._subject(forms["full"], forms["core"])
            case "firm":
                short = self.rng.choice(self.world.coined.of(self.split))
                trade = self.rng.choice([*_trades(), *[""] * len(_trades())])
                return self._subject(named(f"{short} {trade}", "ORG"), named(short, "ORG"))
            case _:
                full = self._only_name(kind)
                return self._subject(full, full)

    def _subject(self, full: Name, short: Name, he: str = "it") -> Entity:
        pronouns = zip(("he", "his", "him"), _PRONOUNS[he], strict=True)
        forms = {"full": full, "short": short}
        return Entity(self.split, forms | {form: plain(word, "PRP") for form, word in pronouns})

    def _only_name(self, kind: str) -> Name:
        """Return the name of a book, ship, hall or event, which has no shorter one."""
        rng, world, part = self.rng, self.world, self.split
        match kind:
            case "book":
                return named(f"The {rng.choice(world.titles.of(part))}", "MISC")
            case "ship":
                full = named(rng.choice(world.titles.of(part)), "MISC")
            case "hall":
                full = named(f"{rng.choice(world.surnames.of(part))} {rng.choice(PLACES)}", "LOC")
            case _:
                full = named(self._event(), "MISC")
        return plain("the", "DT") + full

    def _event(self) -> str:
        if self.rng.random() < 0.5:
            cups = [cup for cup in self.world.cups.of(self.split) if "Games" not in cup]
            return self.rng.choice(cups)
        feast = self.rng.choice(" ".join(read_lists("names.txt")["feast"][1]).split())
        return f"{self.rng.choice(self.world.surnames.of(self.split))} {feast} Festival"


@cache
def _trades() -> tuple[str, ...]:
    return tuple(" ".join(read_lists("names.txt")["trade"][1]).split())

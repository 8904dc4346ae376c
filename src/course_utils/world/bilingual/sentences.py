"""Sentences in both languages at once, from paired patterns."""

import random
from collections.abc import Sequence
from functools import cache

from course_utils.world.bilingual.patterns import patterns, slots, tells
from course_utils.world.bilingual.running_text import english_text, french_text, spoken
from course_utils.world.bilingual.slots import english_slot, french_slot
from course_utils.world.bilingual.variables import Draw, Variables
from course_utils.world.names import World

# How a sentence goes on about the same person.
_LINKS = ((".", "."), (".", "."), (". Then", ". Puis"), (", and then", ", puis"), (", and", ", et"))


@cache
def _chosen(file: str, held: bool) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the patterns of a file that are held out, or are not; and those of them that tell."""
    chosen = [(en, fr) for en, fr, out in patterns(file) if out == held]
    return chosen, [pair for pair in chosen if tells(pair[0])]


def _words(en: str, fr: str, variables: Variables) -> tuple[list[str], list[str]]:
    """Return the words of one pattern in English and in French."""
    kept = [variables.rng.random() < 0.5 for _ in range(en.count("["))]
    english = [word for slot in slots(en, kept) for word in english_slot(slot, variables)]
    return english, [word for slot in slots(fr, kept) for word in french_slot(slot, variables)]


def write(
    en: str, fr: str, variables: Variables, sequels: Sequence[tuple[str, str]] = ()
) -> tuple[str, str]:
    """Return a pattern in both languages, then what else its subject did: the sequels."""
    english, french = _words(en, fr, variables)
    for more, suite in sequels:
        variables.keep_subject()
        link, lien = variables.rng.choice(_LINKS)
        there, ici = _words(more, suite, variables)
        english = [*english[:-1], *link.split(), *there]
        french = [*french[:-1], *lien.split(), *ici]
    text = english_text(english)
    return (spoken(text) if variables.rng.random() < 0.4 else text), french_text(french)


def sentence(
    world: World,
    rng: random.Random,
    draw: Draw = "known",
    patterns_file: str = "patterns.txt",
    lexicon_file: str = "lexicon.txt",
) -> tuple[str, str]:
    """Return one (English, French) pair; `draw` says what of the held-out material it uses."""
    chosen, telling = _chosen(patterns_file, draw == "pattern")
    while True:
        en, fr = rng.choice(chosen)
        variables = Variables(rng, world, draw, lexicon_file)
        sequels: list[tuple[str, str]] = []
        if tells(en):
            rest = [pair for pair in telling if pair[0] != en]
            sequels = rng.sample(rest, min(len(rest), rng.choices((0, 1, 2), (70, 22, 8))[0]))
        pair = write(en, fr, variables, sequels)
        if draw != "word" or variables.held:
            return pair

"""The words of both languages, as data/translation lists them side by side."""

from dataclasses import dataclass
from functools import cache

from course_utils.world.lexicon import read_lists


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """An entry of the lexicon: en, en forms; fr, what the kind needs; whether it is held out.

    Lists that have the same entry share it.
    """

    en: tuple[str, ...]
    fr: str
    flag: str  # m or f of a noun, b or i of an adjective
    held: bool


@cache
def _entry(text: str, kind: str) -> Word:
    left, right = text.removeprefix("!").split(" = ")
    flag = ""
    if kind == "noun" or (kind == "adj" and right.endswith((" b", " i"))):
        right, flag = right.rsplit(" ", 1)
    return Word(tuple(left.split("/")), right, flag, text.startswith("!"))


@cache
def lexicon(file: str = "lexicon.txt") -> dict[str, tuple[str, tuple[Word, ...]]]:
    """Return the lists of words of one file: {name: (kind, words)}."""
    return {
        name: (kind, tuple(_entry(e.strip(), kind) for e in "; ".join(lines).split(";")))
        for name, (kind, lines) in read_lists(f"translation/{file}").items()
    }


@cache
def _verbs(file: str) -> dict[str, tuple[str, ...]]:
    kinds = [words for kind, words in lexicon(file).values() if kind == "verb"]
    return {word.en[0]: word.en for words in kinds for word in words}


def english_forms(verb: str, file: str) -> tuple[str, ...]:
    """Return the forms of an English verb that a pattern spells out, such as get_up."""
    verbs = _verbs(file)
    head, _, tail = verb.partition("_")
    return verbs.get(verb) or tuple(f"{x}_{tail}" if tail else x for x in verbs.get(head, (head,)))

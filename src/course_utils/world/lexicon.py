"""The words of the pocket world: lists by meaning, inflection and part-of-speech tags."""

from functools import cache
from importlib.resources import files

Form = tuple[str, str]  # a word and its part-of-speech tag

_PLURALS = {
    "mouse": "mice", "dormouse": "dormice", "goose": "geese", "wolf": "wolves", "knife": "knives",
    "loaf": "loaves", "trout": "trout", "salmon": "salmon", "deer": "deer", "shrimp": "shrimp",
    "octopus": "octopuses", "fisherman": "fishermen", "ferryman": "ferrymen",
    "rye": "rye", "rhubarb": "rhubarb",
    "spokesman": "spokesmen", "gorse": "gorse", "mint": "mint",
    "barley": "barley", "wheat": "wheat",
    "potato": "potatoes", "embargo": "embargoes", "radio": "radios", "piano": "pianos",
    "photo": "photos", "studio": "studios", "sheep": "sheep", "staff": "staff",
}  # fmt: skip
_DOUBLING = {"stun", "admit", "drop", "step", "plan", "stop", "travel", "cancel", "prefer"}
_VOWELS = "aeiou"


@cache
def read_lists(name: str) -> dict[str, tuple[str, list[str]]]:
    """Return the lists of a data file, or of all in a folder: {list name: (tag or "", lines)}.

    Raises ValueError where two files of a folder have a list of the same name.
    """
    place = files(__package__).joinpath("data", name)
    if place.is_file():
        return _lists(place.read_text(encoding="utf-8"))
    lists: dict[str, tuple[str, list[str]]] = {}
    for file in sorted(place.iterdir(), key=lambda file: file.name):
        found = _lists(file.read_text(encoding="utf-8"))
        if twice := lists.keys() & found.keys():
            raise ValueError(f"data/{name}/{file.name}: list {min(twice)} is in another file too")
        lists |= found
    return lists


def _lists(text: str) -> dict[str, tuple[str, list[str]]]:
    lists: dict[str, tuple[str, list[str]]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("= "):
            head, _, tag = line[2:].partition(" ")
            lines = []
            lists[head] = (tag, lines)
        elif line and not line.startswith("#"):
            lines.append(line)
    return lists


@cache
def word_list(name: str) -> tuple[str, tuple[str, ...]]:
    """Return (part of speech, words) of one list of data/words."""
    tag, lines = read_lists("words")[name]
    return tag, tuple(" ".join(lines).split())


def plural(noun: str) -> str:
    """Return the plural of an English noun."""
    head, _, last = noun.rpartition("_")
    if head:
        return f"{head}_{plural(last)}"
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in _VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return verb + (verb[-1] if verb in _DOUBLING else "") + "ed"


def _gerund(verb: str) -> str:
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    return verb + (verb[-1] if verb in _DOUBLING | {"win", "shut", "quit", "upset"} else "") + "ing"


def inflect(entry: str, tag: str, how: str) -> tuple[Form, ...]:
    """Return the inflected words of a list entry; `how` is "", "s", "ed", "en" or "ing"."""
    base, *irregular = entry.split("|")
    if tag == "VB":
        word, pos = _verb(base, irregular, how)
    elif how == "s":
        word, pos = plural(base), {"NN": "NNS", "NNP": "NNPS"}[tag]
    else:
        word, pos = base, tag
    parts = word.split("_")
    return (*((part, _compound_tag(pos)) for part in parts[:-1]), (parts[-1], pos))


def _compound_tag(pos: str) -> str:
    return "NN" if pos == "NNS" else pos


def _verb(base: str, irregular: list[str], how: str) -> Form:
    match how:
        case "s":
            return plural(base), "VBZ"
        case "ed":
            return (irregular[0] if irregular else _past(base)), "VBD"
        case "en":
            return (irregular[1] if irregular else _past(base)), "VBN"
        case "ing":
            return _gerund(base), "VBG"
        case _:
            return base, "VB"


@cache
def _tags() -> dict[str, str]:
    tags: dict[str, str] = {}
    text = files(__package__).joinpath("data", "tags.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        tag, _, words = line.partition(": ")
        for word in words.split():
            tags.setdefault(word, tag)
    return tags


_ENDINGS = (("ing", "VBG"), ("ed", "VBD"), ("ly", "RB"), ("ss", "NN"), ("s", "NNS"))


def tag_of(word: str) -> str:
    """Return the usual part-of-speech tag of a word that a pattern spells out."""
    tag = _tags().get(word) or _tags().get(word.lower())
    if tag:
        return tag
    if word[0].isdigit():
        return "CD"
    return next((tag for ending, tag in _ENDINGS if word.endswith(ending)), "NN")

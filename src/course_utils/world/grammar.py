"""Sentence patterns: read from data files, filled with words and names, made well-formed."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from course_utils.world.lexicon import inflect, read_lists, tag_of, word_list
from course_utils.world.names import PARTS, Entity, Token

_MARKS = {"v|": "validation", "t|": "test"}
ANY_KIND = "pppptttttffffcoxxewwslkkjn"  # what the letters y and z stand for
_PIECE = re.compile(r"<(?P<rule>[a-z_.]+)(?P<maybe>\?)?(?:\+(?P<how>[a-z]+))?>$")
_SLOT = re.compile(r"\{(?P<var>[a-z])(?P<path>(\.[a-z]+)*)\}$")
_AN = re.compile(r"(?!(one|once|uni|us[aei]|eu|ut))[aeiou]|hour|honest|heir", re.IGNORECASE)
_A = {"a", "A"}
_AUXILIARIES = {"have", "has", "had", "is", "are", "was", "were", "be", "been", "being", "'ve"}


@dataclass(slots=True)
class Scene:
    """What one text is about: the entities bound so far and where new ones come from."""

    rng: random.Random
    draw: Callable[[str], Entity]  # an entity of a kind, the letter patterns use
    bound: dict[str, Entity] = field(default_factory=dict)

    def entity(self, var: str) -> Entity:
        """Return the entity bound to a letter, drawing one of its kind the first time."""
        if var not in self.bound:
            taken = list(self.bound.values())
            for _ in range(9):
                kind = self.rng.choice(ANY_KIND) if var in "yz" else var
                found = self.draw(kind)
                if not any(found is other for other in taken):
                    break
            self.bound[var] = found
        return self.bound[var]


Piece = Callable[[Scene, list[Token]], None]


@cache
def _literal(text: str) -> Token:
    word, slash, tag = text.rpartition("/")
    return (word, tag, "O") if slash and word else (text, tag_of(text), "O")


def _literals(tokens: tuple[Token, ...]) -> Piece:
    return lambda scene, out: out.extend(tokens)


def _slot(var: str, path: list[str]) -> Piece:
    def fill(scene: Scene, out: list[Token]) -> None:
        entity, form = scene.bound.get(var) or scene.entity(var), ""
        for step in path:
            if step in entity.links:
                entity = entity.links[step]
            else:
                form = step
        tokens = entity.forms.get(form) or entity.forms[scene.rng.choice(entity.variants)]
        out.extend(tokens)

    return fill


def _figure(kind: str) -> Piece:
    def fill(scene: Scene, out: list[Token]) -> None:
        out.extend((word, tag, "O") for word, tag in _FIGURES[kind](scene.rng))

    return fill


@cache
def _words(name: str, how: str) -> Piece:
    tag, entries = word_list(name)
    forms = [tuple((w, pos, "O") for w, pos in inflect(e, tag, how)) for e in entries]

    def fill(scene: Scene, out: list[Token]) -> None:
        out.extend(forms[int(scene.rng.random() * len(forms))])

    return fill


def _rule(name: str) -> Piece:
    def fill(scene: Scene, out: list[Token]) -> None:
        choices = rules()[name]
        for piece in choices[int(scene.rng.random() * len(choices))]:
            piece(scene, out)

    return fill


def _perhaps(piece: Piece) -> Piece:
    return lambda scene, out: piece(scene, out) if scene.rng.random() < 0.5 else None


@cache
def _piece(text: str) -> Piece | None:
    """Return what a slot, a figure or a rule appends; None for a word that stands as it is."""
    if text[0] not in "{#<":
        return None
    if slot := _SLOT.match(text):
        return _slot(slot["var"], [step for step in slot["path"].split(".") if step])
    if text.startswith("#"):
        return _figure(text[1:])
    if not (match := _PIECE.match(text)):
        return None
    name = match["rule"]
    listed = name in read_lists("words")
    piece = _words(name, match["how"] or "") if listed else _rule(name)
    return _perhaps(piece) if match["maybe"] else piece


@cache
def compile_pattern(text: str) -> tuple[Piece, ...]:
    """Return a pattern's pieces, each a function that appends tokens."""
    found: list[Piece] = []
    literals: list[Token] = []
    for word in text.split():
        piece = _piece(word)
        if piece is None:
            literals.append(_literal(word))
            continue
        if literals:
            found.append(_literals(tuple(literals)))
            literals = []
        found.append(piece)
    if literals:
        found.append(_literals(tuple(literals)))
    return tuple(found)


@cache
def rules() -> dict[str, list[tuple[Piece, ...]]]:
    """Return the shared phrases of data/parts, compiled, by rule name."""
    return {
        name: [compile_pattern(line) for line in lines]
        for name, (_, lines) in read_lists("parts").items()
    }


@cache
def patterns(file: str = "patterns.txt") -> dict[str, list[tuple[str, str]]]:
    """Return {part: [(subject, pattern text)]} of a file of sentence patterns."""
    found: dict[str, list[tuple[str, str]]] = {part: [] for part in PARTS}
    for subject, (_, lines) in read_lists(file).items():
        for line in lines:
            part = _MARKS.get(line[:2], "train")
            found[part].append((subject, line if part == "train" else line[2:]))
    return found


def expand(text: str, scene: Scene) -> list[Token]:
    """Return the tokens of one well-formed sentence of a pattern."""
    out: list[Token] = []
    for piece in compile_pattern(text):
        piece(scene, out)
    return _polish(out)


@cache
def fixed(text: str) -> tuple[Token, ...] | None:
    """Return the tokens of a pattern in which nothing is drawn, None of another."""
    words = text.split()
    return None if any(map(_piece, words)) else tuple(_polish([_literal(x) for x in words]))


@cache
def takes_an(word: str) -> bool:
    """Tell whether "an" stands before a word rather than "a"."""
    return bool(_AN.match(word))


def _polish(tokens: list[Token]) -> list[Token]:
    """Settle what depends on neighbours: a or an, past or participle, plural verbs."""
    for i, (word, pos, ner) in enumerate(tokens):
        if pos == "VBD":
            if i and _after_auxiliary(tokens, i):
                tokens[i] = (word, "VBN", ner)
        elif pos == "VB":
            if i and tokens[i - 1][1] == "NNS":
                tokens[i] = (word, "VBP", ner)
        elif word in _A and i + 1 < len(tokens) and takes_an(tokens[i + 1][0]):
            tokens[i] = (word + "n", pos, ner)
    return tokens


def _after_auxiliary(tokens: list[Token], i: int) -> bool:
    back = i - 2 if tokens[i - 1][1] == "RB" and i > 1 else i - 1
    return tokens[back][0].lower() in _AUXILIARIES


def capitalised(words: list[str]) -> list[str]:
    """Return the words with a capital wherever a sentence starts."""
    out = words[:]
    for start in (0, *[i for i, word in enumerate(words, 1) if word in _ENDS]):
        for i in range(start, len(words)):
            if words[i][0].isalnum():
                out[i] = words[i][0].upper() + words[i][1:]
                break
    return out


def prose(words: list[str]) -> str:
    """Return the words as running text, with a capital wherever a sentence starts."""
    return text_of(capitalised(words))


_ENDS = {".", "?", "!"}


def written(text: str, scene: Scene) -> str:
    """Return one sentence of a pattern as running text."""
    return prose([word for word, _, _ in expand(text, scene)])


def text_of(words: list[str]) -> str:
    """Return the words as running text, with spaces where English has them."""
    joined = " ".join(words)
    if '"' not in joined and "(" not in joined:
        return _GAP.sub("", joined)
    out: list[str] = []
    opened, glue = False, True
    for word in words:
        if word == '"':
            out.append(word if glue or opened else ' "')
            opened = glue = not opened
        else:
            tight = glue or word in _TIGHT or word.startswith(_ENDINGS)
            out.append(word if tight else " " + word)
            glue = word == "("
    return "".join(out)


_MARKS_AFTER = ".,;:!?)%"
_TIGHT = set(_MARKS_AFTER)
_ENDINGS = ("'", "n't")
# Where no space belongs, in a text without quotation marks and brackets.
_GAP = re.compile(rf" (?=[{re.escape(_MARKS_AFTER)}](?: |$)|{'|'.join(_ENDINGS)})")
_SMALL = (100, 150, 200, 250, 300, 400, 500, 1200, 2500)


def _numbers(*tokens: str) -> list[tuple[str, str]]:
    return [(token, tag_of(token)) for token in tokens]


def _score(goals: int, rng: random.Random) -> list[tuple[str, str]]:
    return _numbers(f"{goals}-{rng.randrange(goals)}")


_FIGURES: dict[str, Callable[[random.Random], list[tuple[str, str]]]] = {
    "year": lambda rng: _numbers(str(rng.randint(1871, 2024))),
    "age": lambda rng: _numbers(str(rng.randint(17, 94))),
    "int": lambda rng: _numbers(str(rng.randint(0, 16))),
    "day": lambda rng: _numbers(str(rng.randint(1, 28))),
    "num": lambda rng: _numbers(str(rng.choice((rng.randint(12, 99), rng.choice(_SMALL))))),
    "pct": lambda rng: [(str(rng.randint(1, 40)), "CD"), ("per", "IN"), ("cent", "NN")],
    "money": lambda rng: [
        (str(rng.randint(2, 90)), "CD"),
        *([("million", "CD")] if rng.random() < 0.5 else []),
        ("crowns", "NNS"),
    ],
    "fee": lambda rng: [(str(rng.randint(2, 90)), "CD"), ("million", "CD"), ("crowns", "NNS")],
    "score": lambda rng: _score(rng.randint(1, 5), rng),
    "set": lambda rng: [(rng.choice(("6-1", "6-2", "6-3", "6-4", "7-5", "7-6")), "CD")],
    "time": lambda rng: [(f"{rng.randint(1, 59)}:{rng.randint(10, 59)}.{rng.randint(0, 9)}", "CD")],
    "clock": lambda rng: [(f"{rng.randint(5, 22)}.{rng.choice(('05', '15', '30', '40'))}", "CD")],
}

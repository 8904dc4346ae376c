"""French word forms: plurals, feminines, conjugation, and how neighbouring words merge."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from course_utils.world.lexicon import read_lists

# Persons are numbered as tables number them: je 0, tu 1, il 2, nous 3, vous 4, ils 5.
IL, NOUS, ILS = 2, 3, 5
_IMPERFECT = ("ais", "ais", "ait", "ions", "iez", "aient")
_FUTURE = ("ai", "as", "a", "ons", "ez", "ont")
_REFLEXIVE = ("me", "te", "se", "nous", "vous", "se")
_ELIDED = frozenset(
    ("je", "le", "la", "de", "ne", "que", "se", "me", "te", "jusque", "lorsque", "puisque")
)
_MERGED = {("de", "le"): "du", ("de", "les"): "des", ("à", "le"): "au", ("à", "les"): "aux"}
PRONOUN = "¤"  # follows le, la, les where they are pronouns, which never merge with à or de


def _bare(word: str) -> str:
    """Return a word in lower case without accents."""
    letters = unicodedata.normalize("NFD", word.lower()).replace("œ", "oe")
    return "".join(c for c in letters if not unicodedata.combining(c))


def opens_with_vowel(word: str) -> bool:
    """Tell whether le, de, que … lose their vowel before this word."""
    if not word or word.lower() in _listed("no_elision"):
        return False
    letters = _bare(word)
    if letters[0] == "h":
        return word[0] == "h"
    if letters[0] == "y":
        return letters == "y"
    return letters[0] in "aeiou"


def plural(noun: str) -> str:
    """Return the plural of a French noun or masculine adjective of regular form."""
    if noun.endswith(("s", "x", "z")):
        return noun
    if noun.endswith(("eau", "eu", "au")) and noun not in {"bleu", "pneu"}:
        return noun + "x"
    if noun.endswith("al") and noun not in {"bal", "carnaval", "festival", "final", "fatal"}:
        return noun[:-1] + "ux"
    return noun + "s"


_FEMININE = (
    ("eux", "euse"), ("eur", "euse"), ("f", "ve"), ("er", "ère"), ("el", "elle"), ("eil", "eille"),
    ("en", "enne"), ("on", "onne"), ("et", "ette"), ("eau", "elle"),
)  # fmt: skip


def feminine(adjective: str) -> str:
    """Return the feminine of an adjective of regular form."""
    if adjective.endswith("e"):
        return adjective
    for ending, other in _FEMININE:
        if adjective.endswith(ending):
            return adjective[: -len(ending)] + other
    return adjective + "e"


def agree(adjective: str, gender: str, many: bool, following: str = "") -> str:
    """Return an adjective as it stands with a noun.

    adjective: its masculine, or "masculine/feminine" or "masculine/feminine/before a vowel"
    where the rules would fail; `following` is the word that comes next in the noun phrase.
    """
    forms = adjective.split("/")
    if gender == "f":
        form = forms[1] if len(forms) > 1 else feminine(forms[0])
        return plural(form) if many else form
    if many:
        return plural(forms[0])
    return forms[2] if len(forms) > 2 and opens_with_vowel(following) else forms[0]


@dataclass(frozen=True, slots=True)
class Verb:
    """The forms that the others are made of."""

    present: tuple[str, ...]
    imperfect: str  # stem
    future: str  # stem
    participle: str
    etre: bool  # whether the perfect takes être


def _first_group(infinitive: str) -> Verb:
    stem = infinitive[:-2]
    soft = {"g": stem + "e", "c": stem[:-1] + "ç"}.get(stem[-1], stem)  # mangeons, plaçons
    strong, future = stem, infinitive
    if stem.endswith(("oy", "uy")):
        strong = stem[:-1] + "i"
        future = strong + "er"
    elif stem in {"appel", "rappel", "jet", "épel", "feuillet"}:
        strong = stem + stem[-1]
        future = strong + "er"
    elif len(stem) > 2 and stem[-2] == "e" and stem[-1] not in "aeiouy":
        strong = stem[:-2] + "è" + stem[-1]
        future = strong + "er"
    elif len(stem) > 2 and stem[-2] == "é" and stem[-1] not in "aeiouéy":
        strong = stem[:-2] + "è" + stem[-1]
    present = (strong + "e", strong + "es", strong + "e", soft + "ons", stem + "ez", strong + "ent")
    return Verb(present, soft, future, stem + "é", etre=False)


def _regular(infinitive: str) -> Verb:
    if infinitive.endswith("er"):
        return _first_group(infinitive)
    stem = infinitive[:-2]
    if infinitive.endswith("ir"):
        endings = ("is", "is", "it", "issons", "issez", "issent")
        return Verb(tuple(stem + e for e in endings), stem + "iss", infinitive, stem + "i", False)
    present = tuple(stem + e for e in ("s", "s", "", "ons", "ez", "ent"))
    return Verb(present, stem, infinitive[:-1], stem + "u", etre=False)


@cache
def _table() -> dict[str, Verb]:
    verbs: dict[str, Verb] = {}
    for line in read_lists("translation/conjugation.txt")["verbs"][1]:
        infinitive, rest = line.split(": ")
        present, imperfect, future, participle = (cell.strip() for cell in rest.split("|"))
        verbs[infinitive] = Verb(tuple(present.split()), imperfect, future, participle, False)
    return verbs


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(" ".join(read_lists("translation/conjugation.txt")[name][1]).split())


@cache
def verb(infinitive: str) -> Verb:
    """Return the forms of a verb, regular unless data/translation/conjugation.txt has it."""
    found = _table().get(infinitive) or _regular(infinitive)
    parts = (found.present, found.imperfect, found.future, found.participle)
    return Verb(*parts, etre=infinitive in _listed("être"))


def takes_etre(infinitive: str) -> bool:
    """Tell whether the perfect takes être, so that its participle agrees with the subject."""
    return infinitive.startswith("se ") or verb(infinitive).etre


def participle(infinitive: str, gender: str, many: bool) -> str:
    """Return the past participle as it agrees with a noun."""
    form = verb(infinitive.removeprefix("se ")).participle
    feminine_form = form.replace("dû", "du") + "e" if gender == "f" else form
    return feminine_form + "s" if many and not feminine_form.endswith("s") else feminine_form


def _simple(infinitive: str, tense: str, person: int) -> str:
    forms = verb(infinitive)
    if tense == "pres":
        return forms.present[person]
    if tense == "imp":
        stem = forms.imperfect
        if person in {3, 4}:  # mangions, not mangeions
            stem = stem[:-1] if stem.endswith("ge") else stem
            stem = stem[:-1] + "c" if stem.endswith("ç") else stem
        return stem + _IMPERFECT[person]
    if tense == "cond":
        return forms.future + _IMPERFECT[person]
    return forms.future + _FUTURE[person]


def auxiliary(infinitive: str, person: int) -> list[str]:
    """Return the words before the participle in the perfect: "a", "est" or "se est"."""
    word = _simple("être" if takes_etre(infinitive) else "avoir", "pres", person)
    return [_REFLEXIVE[person], word] if infinitive.startswith("se ") else [word]


def conjugate(infinitive: str, tense: str, person: int) -> list[str]:
    """Return a simple form: tense pres, imp, fut, cond, inf or imper."""
    plain = infinitive.removeprefix("se ")
    if tense == "inf":
        return [_REFLEXIVE[person], plain] if infinitive != plain else [plain]
    if tense == "imper":
        form = verb(plain).present[person]
        return [form[:-1] if person == 1 and form.endswith(("es", "as")) else form]
    form = _simple(plain, tense, person)
    return [_REFLEXIVE[person], form] if infinitive != plain else [form]


def merge(words: Iterable[str]) -> list[str]:
    """Return the words with elision (l'eau, qu'il) and contraction (du, aux) carried out."""
    out: list[str] = []
    for word in reversed(list(words)):
        after = out[-1] if out else ""
        plain = word.removesuffix(PRONOUN)
        if plain.lower() in _ELIDED and opens_with_vowel(after):
            out[-1] = f"{plain[:-1]}'{after}"
        elif plain.lower() == "si" and after in {"il", "ils"}:
            out[-1] = f"{plain[0]}'{after}"
        elif (word.lower(), after) in _MERGED:  # a pronoun still carries its mark
            merged = _MERGED[word.lower(), after]
            out[-1] = merged.capitalize() if word[0].isupper() else merged
        else:
            out.append(word)
    return [word.removesuffix(PRONOUN) for word in reversed(out)]

"""The dataset pocket/en-fr: English and French from one grammar of paired patterns."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from course_utils.world import french
from course_utils.world.lexicon import inflect, read_lists
from course_utils.world.lexicon import plural as english_plural
from course_utils.world.names import World

SIZES = {"train": 20_000}
# The end of the table, which a checkpoint must not train on: new pairs of known words and
# patterns, patterns that no other row has, words that no other row has.
HELD = {"held-pair": 400, "held-pattern": 300, "held-word": 300}
Draw = Literal["known", "pattern", "word"]

_FOLDER = "translation"
_ADJECTIVE_SHARE = 0.42  # how often a noun marked ~ gets an adjective
_TENSES = frozenset(("pres", "past", "fut", "imp", "cond", "inf", "ing", "pp", "aux", "ger")) | {
    "inv",
    "invpast",
    "imper",
}
# How a sentence goes on about the same person.
_LINKS = ((".", "."), (".", "."), (". Then", ". Puis"), (", and then", ", puis"), (", and", ", et"))
_SUBJECTS = ("I", "you", "he", "we", "you", "they")
_OBJECTS = ("me", "you", "him", "us", "you", "them")
_OWN = ("my", "your", "his", "our", "your", "their")
_CLITICS = ("me", "te", "le", "nous", "vous", "les")
_DATIVES = ("me", "te", "lui", "nous", "vous", "leur")
_SON = (("mon", "ma", "mes"), ("ton", "ta", "tes"), ("son", "sa", "ses"))
_NOTRE = (("notre", "nos"), ("votre", "vos"), ("leur", "leurs"))


@dataclass(frozen=True, slots=True)
class Word:
    """An entry of the lexicon: en, en forms; fr, what the kind needs; whether it is held out."""

    en: tuple[str, ...]
    fr: str
    flag: str  # m or f of a noun, b or i of an adjective
    held: bool


@dataclass(slots=True)
class Noun:
    """A noun of a sentence, with its adjective and number."""

    word: Word
    many: bool
    adjective: Word | None
    person: int = french.IL

    @property
    def gender(self) -> str:
        """Return m or f."""
        return self.word.flag


@dataclass(slots=True)
class Human:
    """A person of a sentence: a name, a relative, a trade or a pronoun."""

    en: str
    fr: tuple[str, ...]
    gender: str
    person: int  # 0 to 5, see french.IL
    many: bool
    pronoun: bool = False

    def again(self) -> "Human":
        """Return the pronoun that stands for this third person."""
        female = self.gender == "f"
        en = "they" if self.many else "she" if female else "he"
        fr = ("elle" if female else "il") + ("s" if self.many else "")
        return Human(en, (fr,), self.gender, self.person, self.many, pronoun=True)


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
        for name, (kind, lines) in read_lists(f"{_FOLDER}/{file}").items()
    }


@cache
def patterns(file: str = "patterns.txt") -> tuple[tuple[str, str, bool], ...]:
    """Return the paired patterns of one file: (English, French, whether held out)."""
    lines = [line for _, found in read_lists(f"{_FOLDER}/{file}").values() for line in found]
    pairs = [line.removeprefix("!").split(" | ") for line in lines]
    return tuple((en, fr, x.startswith("!")) for (en, fr), x in zip(pairs, lines, strict=True))


# ---- English -------------------------------------------------------------------------------


@cache
def _english_verbs(file: str) -> dict[str, tuple[str, ...]]:
    kinds = [words for kind, words in lexicon(file).values() if kind == "verb"]
    return {word.en[0]: word.en for words in kinds for word in words}


def _spelt_out(verb: str, file: str) -> tuple[str, ...]:
    """Return the forms of a verb that a pattern spells out, such as get_up."""
    verbs = _english_verbs(file)
    head, _, tail = verb.partition("_")
    return verbs.get(verb) or tuple(f"{x}_{tail}" if tail else x for x in verbs.get(head, (head,)))


def english_verb(forms: tuple[str, ...], form: str) -> str:
    """Return a form of an English verb: s, ed, en, ing or the base."""
    base, *irregular = forms
    head, _, rest = base.partition("_")
    tail = f"_{rest}" if rest else ""
    index = {"ed": 0, "en": 1, "ing": 2}.get(form, 9)
    if index < len(irregular):
        return irregular[index]
    if head in {"can", "must"} and form != "ed":
        return base
    if form == "s":
        special = {"go": "goes", "do": "does", "have": "has"}
        return (special.get(head) or english_plural(head)) + tail
    return inflect(head, "VB", form)[-1][0] + tail if form else base


def _be(tense: str, person: int) -> str:
    if tense == "past":
        return "was" if person in {0, french.IL} else "were"
    return {0: "am", french.IL: "is"}.get(person, "are")


def english_tense(forms: tuple[str, ...], tense: str, person: int) -> str:
    """Return an English verb in a tense."""
    if tense in {"fut", "cond"}:
        return f"{'will' if tense == 'fut' else 'would'} {forms[0]}"
    if tense == "imp":
        return f"{_be('past', person)} {english_verb(forms, 'ing')}"
    if forms[0] == "be" and tense in {"pres", "past"}:
        return _be(tense, person)
    form = {"past": "ed", "pp": "en", "ing": "ing"}.get(tense, "")
    if tense == "pres" and person == french.IL:
        form = "s"
    return english_verb(forms, form) if forms[0] != "be" or form == "ing" else "been"


def _english_noun(noun: Noun) -> str:
    forms = noun.word.en
    if not noun.many:
        return forms[0]
    return forms[1] if len(forms) > 1 else english_plural(forms[0])


def english_text(words: list[str]) -> str:
    """Return running text: a or an, no blank before a comma, a capital at the start."""
    out: list[str] = []
    for word in " ".join(words).replace("_", " ").split():
        if out and out[-1] in {"a", "A"} and _takes_an(word):
            out[-1] += "n"
        out.append(word)
    text = " ".join(out).replace("“ ", "“").replace("can not ", "cannot ")
    text = re.sub(r" ([.,?!;:…”])", r"\1", text)
    return _capital(re.sub(r"(\w) ('s|'re|'ll|'ve)\b", r"\1\2", text))


def _shortened(text: str) -> str:
    """Return English text as it is spoken: didn't, isn't, can't."""
    text = text.replace("cannot ", "can't ").replace("will not ", "won't ")
    return re.sub(r"\b(do|does|did|is|was|are|were|has|have|could|had) not\b", r"\1n't", text)


def _takes_an(word: str) -> bool:
    if re.match(r"uni|use|eu|one\b|once", word.lower()):
        return False
    return word[0].lower() in "aeiou" or word.startswith(("hour", "honest"))


def _capital(text: str) -> str:
    """Return the text with a capital at its start, and at the start of what is said in it."""
    start = next((i for i, c in enumerate(text) if c.isalnum()), 0)
    text = text[:start] + text[start].upper() + text[start + 1 :]
    return re.sub(r"([.?!…] ?[“«] ?|[.?!] )(\w)", lambda m: m[1] + m[2].upper(), text)


# ---- French --------------------------------------------------------------------------------


def _french_noun(noun: Noun) -> tuple[list[str], bool]:
    """Return adjective and noun in French order, and whether the adjective comes first."""
    forms = noun.word.fr.split("/")
    head = forms[0] if not noun.many else forms[-1] if len(forms) > 1 else french.plural(forms[0])
    adjective = noun.adjective
    if adjective is None:
        return [head], False
    form = french_adjective(adjective, noun.gender, noun.many, head)
    return ([form, head], True) if adjective.flag == "b" else ([head, form], False)


def french_adjective(word: Word, gender: str, many: bool, following: str = "") -> str:
    """Return an adjective in the form that agrees."""
    if word.flag == "i":
        return word.fr.split("/")[0]
    return french.agree(word.fr, gender, many, following)


def _possessive(person: int, noun: Noun, first: str) -> str:
    if person >= 3:
        return _NOTRE[person - 3][noun.many]
    masculine, feminine, many = _SON[person]
    if noun.many:
        return many
    return feminine if noun.gender == "f" and not french.opens_with_vowel(first) else masculine


def _french_determined(determiner: str, noun: Noun) -> list[str]:
    """Return a noun phrase: determiner is the, a, some, this or 0 (none)."""
    words, before = _french_noun(noun)
    vowel = french.opens_with_vowel(words[0])
    feminine = noun.gender == "f"
    article = "les" if noun.many else "la" if feminine else "le"
    if determiner == "the":
        found = [article]
    elif determiner == "this":
        found = ["ces" if noun.many else "cette" if feminine else "cet" if vowel else "ce"]
    elif determiner == "0":
        found = []
    elif noun.many:  # de belles pommes
        found = ["de" if before else "des"]
    else:
        found = ["de", article] if determiner == "some" else ["une" if feminine else "un"]
    return [*found, *words]


def french_text(words: list[str]) -> str:
    """Return running text: elision, contraction, a blank before ? ! : ; and inside « »."""
    text = " ".join(french.merge(" ".join(words).replace("_", " ").split()))
    return _capital(re.sub(r" ([.,…])", r"\1", text))


# ---- One sentence in both languages --------------------------------------------------------

_DETERMINERS = frozenset(("the", "a", "some", "this", "0"))


class Pairing:
    """Draws the variables of one paired pattern and writes both languages from them.

    A variable is the name of a list, or s (any subject), p, q, r (a person), h (he, she, they),
    y (you), t, u (a town), with a figure where a pattern needs two; ~ gives a noun an adjective
    at random, + makes it plural, * either. What is in [ ] is left out at random, in both.
    """

    def __init__(self, rng: random.Random, world: World, draw: Draw, file: str) -> None:
        self.rng, self.world, self.draw, self.file = rng, world, draw, file
        self.bound: dict[str, Any] = {}
        self.held = 0  # how many held-out words were drawn
        self.polite = rng.random() < 0.8  # whether "you" is vous

    def words(self, en: str, fr: str) -> tuple[list[str], list[str]]:
        """Return the words of one pattern in English and in French."""
        kept = [self.rng.random() < 0.5 for _ in range(en.count("["))]
        english = [word for slot in _kept(en, kept) for word in self._english(slot)]
        return english, [word for slot in _kept(fr, kept) for word in self._french(slot)]

    def write(self, en: str, fr: str, sequels: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
        """Return a sentence in both languages, then what else its subject did: the sequels."""
        english, words = self.words(en, fr)
        for more, suite in sequels:
            human = self.bound["s"]
            self.bound = {"s": human if human.pronoun else human.again()}
            link, lien = self.rng.choice(_LINKS)
            there, ici = self.words(more, suite)
            english = [*english[:-1], *link.split(), *there]
            words = [*words[:-1], *lien.split(), *ici]
        text = english_text(english)
        return (_shortened(text) if self.rng.random() < 0.4 else text), french_text(words)

    # -- drawing

    def _word(self, name: str) -> Word:
        name, _, model = name.partition("@")
        words = lexicon(self.file)[name][1]
        if model:
            words = tuple(w for w in words if w.flag == self.variable(model).gender)
        taken = [v.word if isinstance(v, Noun) else v for v in self.bound.values()]
        free = [w for w in words if w not in taken and (self.draw == "word" or not w.held)]
        late = [w for w in free if w.held]
        found = self.rng.choice(late if late and self.rng.random() < 0.6 else free)
        self.held += found.held
        return found

    def variable(self, text: str) -> Any:
        """Return what a variable stands for, drawing it the first time."""
        name = text.rstrip("~+*")
        if name not in self.bound:
            self.bound[name] = self._new(name.rstrip("0123456789"), text[len(name) :])
        return self.bound[name]

    def _new(self, name: str, flags: str) -> Any:
        if name in _MAKERS:
            return getattr(self, _MAKERS[name])()
        word = self._word(name)
        name = name.partition("@")[0]
        if lexicon(self.file)[name][0] != "noun":
            return word
        many = "+" in flags or ("*" in flags and self.rng.random() < 0.35)
        adjective = None
        kind = next((k for k in lexicon(self.file) if k.startswith(f"{name}.")), "")
        if kind and "~" in flags and self.rng.random() < _ADJECTIVE_SHARE:
            adjective = self._word(kind)
        return Noun(word, many, adjective)

    def subject(self) -> Human:
        """Draw any subject."""
        kind = self.rng.random()
        if kind < 0.46:
            person = self.rng.choices(range(6), (14, 3, 17, 7, 3, 6))[0]
            return self._pronoun(person)
        return self._crowd() if kind > 0.93 else self.somebody()

    def _pronoun(self, person: int) -> Human:
        if person in {1, 4}:
            return self.you()
        gender = "f" if person == french.IL and self.rng.random() < 0.5 else "m"
        en = "she" if gender == "f" else _SUBJECTS[person]
        fr = ("je", "tu", "elle" if gender == "f" else "il", "nous", "vous", "ils")[person]
        return Human(en, (fr,), gender, person, person in {3, 5}, pronoun=True)

    def you(self) -> Human:
        """Draw the person spoken to: mostly vous."""
        word, person = ("vous", 4) if self.polite else ("tu", 1)
        return Human("you", (word,), "m", person, many=False, pronoun=True)

    def third(self) -> Human:
        """Draw he, she or they."""
        return self._pronoun(self.rng.choice((french.IL, french.IL, french.IL, french.ILS)))

    def somebody(self) -> Human:
        """Draw one person: a name, a relative, a trade."""
        kind = self.rng.random()
        if kind < 0.5:
            return self.named()
        owner = None
        if kind < 0.76:
            owner = self.rng.choice((0, 0, 0, 3))
            noun = Noun(self._word("family"), False, None)
        else:
            noun = self._new("trade", "~")
        return self._of_noun(noun, owner)

    def _crowd(self) -> Human:
        owner = 0 if self.rng.random() < 0.4 else None
        noun = Noun(self._word("trade" if owner is None else "family"), True, None)
        return self._of_noun(noun, owner)

    def _of_noun(self, noun: Noun, owner: int | None) -> Human:
        adjective = f"{noun.adjective.en[0]} " if noun.adjective else ""
        en = f"{'the' if owner is None else _OWN[owner]} {adjective}{_english_noun(noun)}"
        if owner is None:
            fr = _french_determined("the", noun)
        else:
            words = _french_noun(noun)[0]
            fr = [_possessive(owner, noun, words[0]), *words]
        person = french.ILS if noun.many else french.IL
        return Human(en, tuple(fr), noun.gender, person, noun.many)

    def named(self) -> Human:
        """Draw somebody called by a name."""
        part = "test" if self.draw == "word" else "train"
        while True:
            entity = self.world.pick(self.rng, part, "p")
            last = " ".join(word for word, _, _ in entity.forms["last"])
            if "'" not in last and " " not in last:
                break
        gender = "f" if entity.forms["he"][0][0] == "she" else "m"
        first = entity.forms["first"][0][0]
        how = self.rng.choices(("first", "full", "titled"), (6, 2, 2))[0]
        title, titre = ("Ms", "Mme") if gender == "f" else ("Mr", "M.")
        en = {"first": first, "full": f"{first} {last}", "titled": f"{title} {last}"}[how]
        fr = {"first": first, "full": f"{first} {last}", "titled": f"{titre} {last}"}[how]
        return Human(en, (fr,), gender, french.IL, many=False)

    def town(self) -> Human:
        """Draw a town, whose name is the same in both languages."""
        part = "test" if self.draw == "word" else "train"
        name = self.world.pick(self.rng, part, "t").forms["core"][0][0]
        return Human(name, (name,), "m", french.IL, many=False)

    def year(self) -> Word:
        """Draw a year."""
        year = str(self.rng.randint(1890, 2019))
        return Word((year,), year, "", held=False)

    # -- writing

    def _english(self, slot: str) -> list[str]:
        if not slot.startswith("{"):
            return [slot]
        head, *rest = slot[1:-1].split()
        if not rest:
            value = self.variable(head)
            return [value.en if isinstance(value, Human) else value.en[0]]
        if rest[0] in _TENSES:
            return [self._english_verb(head, rest)]
        if rest[0] == "@":
            return [self.variable(head).en[0]]
        value = self.variable(rest[0])
        if head in {"he", "him", "to", "with", "his"}:
            return [_english_pronoun(head, value)]
        adjective = [value.adjective.en[0]] if value.adjective else []
        words = [*adjective, _english_noun(value)]
        if head.startswith("own:"):
            return [_english_pronoun("his", self.variable(head[4:])), *words]
        determiner = {"0": "", "this": "these" if value.many else "this"}.get(head, head)
        if head == "a" and value.many:
            determiner = "some"
        return [determiner, *words] if determiner else words

    def _drawn(self, head: str) -> bool:
        """Tell whether a verb is a variable rather than spelt out."""
        return head.startswith("v.")

    def _english_verb(self, head: str, rest: list[str]) -> str:
        forms = self.variable(head).en if self._drawn(head) else _spelt_out(head, self.file)
        person = self.variable(rest[1]).person if len(rest) > 1 else french.IL
        if len(rest) > 1 and self.variable(rest[1]).many and person == french.IL:
            person = french.ILS
        return english_tense(forms, rest[0], person)

    def _french(self, slot: str) -> list[str]:
        if not slot.startswith("{"):
            return [slot]
        head, *rest = slot[1:-1].split()
        if not rest:
            value = self.variable(head)
            return list(value.fr) if isinstance(value, Human) else [value.fr]
        if rest[0] in _TENSES:
            return self._french_verb(head, rest)
        value = self.variable(rest[-1])
        if rest[0] == "@":
            return [french_adjective(self.variable(head), value.gender, value.many)]
        if head in {"he", "him", "to", "with"}:
            return [_french_pronoun(head, value)]
        if head.startswith("own:"):
            words = _french_noun(value)[0]
            return [_possessive(_person(self.variable(head[4:])), value, words[0]), *words]
        if head not in _DETERMINERS:  # an adjective that the pattern spells out
            return [french.agree(head, value.gender, value.many)]
        return _french_determined(head, value)

    def _french_verb(self, head: str, rest: list[str]) -> list[str]:
        full = self.variable(head).fr if self._drawn(head) else head.replace("+", " ")
        infinitive, _, tail = full.partition("_")
        tense = rest[0]
        subject = self.variable(rest[1]) if len(rest) > 1 else None
        person = {"imper": 4}.get(tense, french.IL) if subject is None else _person(subject)
        words: list[str] = []
        if tense in {"past", "aux"}:
            words = french.auxiliary(infinitive, person)
        elif tense in {"inv", "invpast"}:
            words = [self._inverted(infinitive, tense, subject)]
        elif tense != "pp":
            words = french.conjugate(infinitive, tense, person)
        if tense in {"past", "pp", "invpast"}:
            words = [*words, self._participle(infinitive, rest)]
        return [*words, tail] if tail and tense != "aux" else words

    def _participle(self, infinitive: str, rest: list[str]) -> str:
        etre = infinitive.startswith("se ") or french.verb(infinitive).etre
        agreeing = rest[2] if len(rest) > 2 else rest[1] if etre and len(rest) > 1 else ""
        if not agreeing:
            return french.participle(infinitive, "m", many=False)
        value = self.variable(agreeing)
        return french.participle(infinitive, value.gender, value.many)

    def _inverted(self, infinitive: str, tense: str, subject: Any) -> str:
        person, pronoun = _person(subject), _french_pronoun("he", subject)
        if tense == "inv":
            words = french.conjugate(infinitive, "pres", person)
        else:
            words = french.auxiliary(infinitive, person)
        link = "-t-" if words[-1][-1] in "aec" and pronoun[0] in "ie" else "-"
        return " ".join([*words[:-1], f"{words[-1]}{link}{pronoun}"])


_MAKERS = {
    "s": "subject", "p": "somebody", "q": "somebody", "r": "somebody", "h": "third", "y": "you",
    "t": "town", "u": "town", "n": "named", "year": "year",
}  # fmt: skip


def _person(value: Any) -> int:
    """Return the grammatical person of a human or a noun, 0 to 5."""
    person: int = value.person
    return french.ILS if value.many and person == french.IL else person


def _english_pronoun(case: str, value: Any) -> str:
    person, female = _person(value), value.gender == "f"
    if person == french.IL and isinstance(value, Noun):
        return "its" if case == "his" else "it"
    if person == french.IL and female:
        return "she" if case == "he" else "her"
    return {"he": _SUBJECTS, "his": _OWN}.get(case, _OBJECTS)[person]


def _french_pronoun(case: str, value: Any) -> str:
    person, female = _person(value), value.gender == "f"
    if case == "him":
        word = "la" if female and person == french.IL else _CLITICS[person]
        return word + french.PRONOUN if word in {"le", "la", "les"} else word
    if case == "to":
        return _DATIVES[person]
    if case == "he":
        masculine = ("je", "tu", "il", "nous", "vous", "ils")[person]
    else:
        masculine = ("moi", "toi", "lui", "nous", "vous", "eux")[person]
    feminine = {french.IL: "elle", french.ILS: "elles"}.get(person, masculine)
    return feminine if female else masculine


def _kept(pattern: str, kept: list[bool]) -> Iterator[str]:
    """Yield the slots and words of a pattern, without the parts in [ ] that are left out."""
    group, inside = -1, False
    for slot in re.findall(r"\{[^}]*\}|[^\s]+", pattern):
        if slot in "[]":
            inside = slot == "["
            group += inside
        elif not inside or kept[group]:
            yield slot


def _tells(en: str) -> bool:
    """Tell whether a pattern says what its subject did, and no more, so that others may follow."""
    return bool(re.match(r"\{s\} \{[^}]* past s\}", en)) and "time.past" not in en


def sentence(
    world: World,
    rng: random.Random,
    draw: Draw = "known",
    patterns_file: str = "patterns.txt",
    lexicon_file: str = "lexicon.txt",
) -> tuple[str, str]:
    """Return one (English, French) pair; `draw` says what of the held-out material it uses."""
    chosen = [p for p in patterns(patterns_file) if p[2] == (draw == "pattern")]
    while True:
        en, fr, _ = rng.choice(chosen)
        pairing = Pairing(rng, world, draw, lexicon_file)
        sequels: list[tuple[str, str]] = []
        if _tells(en):
            rest = [p[:2] for p in chosen if _tells(p[0]) and p[0] != en]
            sequels = rng.sample(rest, min(len(rest), rng.choices((0, 1, 2), (70, 22, 8))[0]))
        pair = pairing.write(en, fr, sequels)
        if draw != "word" or pairing.held:
            return pair


def _pairs(world: World, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield (id, English, French) for the whole table, no two English sentences alike."""
    seen: set[str] = set()
    known: Draw = "known"
    draws: dict[str, Draw] = {"held-pair": known, "held-pattern": "pattern", "held-word": "word"}
    plan = [("", SIZES["train"] - sum(HELD.values()), known)]
    plan += [(f"{name}-", size, draws[name]) for name, size in HELD.items()]
    for prefix, size, draw in plan:
        rng = random.Random(f"{seed} {prefix}")
        count = 0
        while count < size:
            en, fr = sentence(world, rng, draw)
            if en not in seen:
                seen.add(en)
                yield f"{prefix}{count}", en, fr
                count += 1


def rows(world: World, split: str, seed: int = 23) -> list[dict[str, Any]]:
    """Return the rows of the only split, train: id and translation {"en": …, "fr": …}."""
    if split not in SIZES:
        raise ValueError(f"{split}: en-fr has only the split train")
    return [{"id": id_, "translation": {"en": en, "fr": fr}} for id_, en, fr in _pairs(world, seed)]


def held_out(rows: list[dict[str, Any]], kind: str = "held-") -> list[dict[str, Any]]:
    """Return the rows kept for testing: those whose id starts with held-, or with a key of HELD."""
    return [row for row in rows if row["id"].startswith(kind)]

"""The variables of a sentence: what each stands for, drawn when it is first asked for."""

import random
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from course_utils.world.bilingual import french
from course_utils.world.bilingual.noun_phrases import english_phrase, french_own, french_phrase
from course_utils.world.bilingual.pronouns import called_by_pronoun, english_pronoun
from course_utils.world.bilingual.referents import Human, Noun
from course_utils.world.bilingual.words import Word, lexicon
from course_utils.world.names import World

#: What is drawn of the held-out material: nothing, the patterns or the words.
Draw = Literal["known", "pattern", "word"]
_ADJECTIVE_SHARE = 0.42  # how often a noun marked ~ gets an adjective


class Variables:
    """Draws the variables of one sentence and keeps what they stand for.

    A variable is the name of a list, or s (any subject), p, q (a person), h (he, she, they),
    y (you), n (a name), t, u (a town), year, with a figure where a pattern needs two; ~ gives
    a noun an adjective at random, + makes it plural, * either; trade@n is one of n's gender.
    """

    def __init__(self, rng: random.Random, world: World, draw: Draw, file: str) -> None:
        self.rng, self.world, self.draw, self.file = rng, world, draw, file
        self.bound: dict[str, Any] = {}
        self.held = False  # whether a held-out word was drawn
        self.polite = rng.random() < 0.8  # whether "you" is vous

    def of(self, text: str) -> Any:
        """Return what a variable stands for (a Word, Noun or Human), drawing it the first time."""
        name = text.rstrip("~+*")
        if name not in self.bound:
            self.bound[name] = self._new(name.rstrip("0123456789"), text[len(name) :])
        return self.bound[name]

    def keep_subject(self) -> None:
        """Forget all but the subject s, which from now on is called by a pronoun."""
        human = self.bound["s"]
        self.bound = {"s": called_by_pronoun(human.person, human.gender)}

    def _new(self, name: str, flags: str) -> Word | Noun | Human:
        if name in _MAKERS:
            return _MAKERS[name](self)
        noun = lexicon(self.file)[name.partition("@")[0]][0] == "noun"
        return self._noun(name, flags) if noun else self._word(name)

    def _noun(self, name: str, flags: str) -> Noun:
        word = self._word(name)
        many = "+" in flags or ("*" in flags and self.rng.random() < 0.35)
        adjective = None
        kind = _adjectives(self.file, name.partition("@")[0]) if "~" in flags else ""
        if kind and self.rng.random() < _ADJECTIVE_SHARE:
            adjective = self._word(kind)
        return Noun(word, many, adjective)

    def _word(self, name: str) -> Word:
        name, _, model = name.partition("@")
        words = _words(self.file, name, self.of(model).gender if model else "", self.draw == "word")
        taken = {v.word if isinstance(v, Noun) else v for v in self.bound.values()}
        free = [w for w in words if w not in taken] if taken else words
        late = [w for w in free if w.held]
        found = self.rng.choice(late if late and self.rng.random() < 0.6 else free)
        self.held |= found.held
        return found

    def _subject(self) -> Human:
        kind = self.rng.random()
        if kind < 0.46:
            person = self.rng.choices(range(6), (14, 3, 17, 7, 3, 6))[0]
            return self._pronoun(person)
        return self._crowd() if kind > 0.93 else self._somebody()

    def _pronoun(self, person: int) -> Human:
        if person in {1, 4}:
            return self._you()
        female = person == french.IL and self.rng.random() < 0.5
        return called_by_pronoun(person, "f" if female else "m")

    def _you(self) -> Human:
        return called_by_pronoun(4 if self.polite else 1, "m")

    def _third(self) -> Human:
        return self._pronoun(self.rng.choice((french.IL, french.IL, french.IL, french.ILS)))

    def _somebody(self) -> Human:
        """Draw one person: a name, a relative, a trade."""
        kind = self.rng.random()
        if kind < 0.5:
            return self._named()
        if kind < 0.76:
            owner = self.rng.choice((0, 0, 0, 3))
            return _described(Noun(self._word("family"), many=False), owner)
        return _described(self._noun("trade", "~"), None)

    def _crowd(self) -> Human:
        owner = 0 if self.rng.random() < 0.4 else None
        noun = Noun(self._word("trade" if owner is None else "family"), many=True)
        return _described(noun, owner)

    @property
    def _part(self) -> str:
        """Return the part of the world whose names are drawn."""
        return "test" if self.draw == "word" else "train"

    def _named(self) -> Human:
        while True:
            entity = self.world.pick(self.rng, self._part, "p")
            last = " ".join(word for word, _, _ in entity.forms["last"])
            if "'" not in last and " " not in last:
                break
        gender = "f" if entity.forms["he"][0][0] == "she" else "m"
        title, titre = ("Ms", "Mme") if gender == "f" else ("Mr", "M.")
        first = entity.forms["first"][0][0]
        ways = ((first, first), (f"{first} {last}",) * 2, (f"{title} {last}", f"{titre} {last}"))
        en, fr = self.rng.choices(ways, (6, 2, 2))[0]
        return Human(en, fr, gender, french.IL)

    def _town(self) -> Human:
        """Draw a town, whose name is the same in both languages."""
        name = self.world.pick(self.rng, self._part, "t").forms["core"][0][0]
        return Human(name, name, "m", french.IL)

    def _year(self) -> Word:
        year = str(self.rng.randint(1890, 2019))
        return Word((year,), year, "", held=False)


@cache
def _adjectives(file: str, noun: str) -> str:
    """Return the list of adjectives that nouns of a list may have, or ""."""
    return next((name for name in lexicon(file) if name.startswith(f"{noun}.")), "")


@cache
def _words(file: str, name: str, gender: str, held: bool) -> tuple[Word, ...]:
    """Return the words of a list: those of a gender if one is given, held-out ones if `held`."""
    words = lexicon(file)[name][1]
    return tuple(w for w in words if gender in {"", w.flag} and (held or not w.held))


def _described(noun: Noun, owner: int | None) -> Human:
    """Return the person of a noun: the owner's relative, else the one of a trade."""
    if owner is None:
        en, fr = english_phrase("the", noun), french_phrase("the", noun)
    else:
        en = english_phrase(english_pronoun("his", owner, "m"), noun)
        fr = french_own(owner, noun)
    return Human(" ".join(en), " ".join(fr), noun.gender, noun.person)


_MAKERS: dict[str, Callable[[Variables], Human | Word]] = {
    "s": Variables._subject,
    "p": Variables._somebody,
    "q": Variables._somebody,
    "h": Variables._third,
    "y": Variables._you,
    "n": Variables._named,
    "t": Variables._town,
    "u": Variables._town,
    "year": Variables._year,
}

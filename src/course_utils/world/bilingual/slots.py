"""How a slot of a paired pattern is written, in each language."""

from course_utils.world.bilingual import english_verbs, french
from course_utils.world.bilingual.noun_phrases import (
    DETERMINERS,
    english_phrase,
    french_adjective,
    french_own,
    french_phrase,
)
from course_utils.world.bilingual.pronouns import english_pronoun, french_pronoun
from course_utils.world.bilingual.referents import Human, Noun
from course_utils.world.bilingual.variables import Variables
from course_utils.world.bilingual.words import english_forms

_TENSES = frozenset(("pres", "past", "fut", "imp", "cond", "inf", "ing", "pp", "aux", "imper"))
_PRONOUNS = frozenset(("he", "him", "to"))
_OWN, _VERB = "own:", "v."  # how what follows starts where it is a variable: an owner, a verb


def english_slot(slot: str, variables: Variables) -> list[str]:
    """Return the English words of a slot, or a word of the pattern as it is."""
    if not slot.startswith("{"):
        return [slot]
    head, *rest = slot[1:-1].split()
    if not rest or rest[0] == "@":
        value = variables.of(head)
        return [value.en if isinstance(value, Human) else value.en[0]]
    if rest[0] in _TENSES:
        return [_english_verb(head, rest, variables)]
    value = variables.of(rest[0])
    if head in _PRONOUNS:
        return [_english_pronoun(head, value)]
    if head.startswith(_OWN):
        owner = variables.of(head.removeprefix(_OWN))
        return english_phrase(_english_pronoun("his", owner), value)
    return english_phrase(head, value)


def _english_pronoun(case: str, value: Noun | Human) -> str:
    return english_pronoun(case, value.person, value.gender, thing=isinstance(value, Noun))


def _english_verb(head: str, rest: list[str], variables: Variables) -> str:
    drawn = head.startswith(_VERB)
    forms = variables.of(head).en if drawn else english_forms(head, variables.file)
    person = variables.of(rest[1]).person if len(rest) > 1 else french.IL
    return english_verbs.in_tense(forms, rest[0], person)


def french_slot(slot: str, variables: Variables) -> list[str]:
    """Return the French words of a slot, or a word of the pattern as it is."""
    if not slot.startswith("{"):
        return [slot]
    head, *rest = slot[1:-1].split()
    if not rest:
        return [variables.of(head).fr]
    if rest[0] in _TENSES:
        return _french_verb(head, rest, variables)
    value = variables.of(rest[-1])
    if rest[0] == "@":
        return [french_adjective(variables.of(head), value.gender, value.many)]
    if head in _PRONOUNS:
        return [french_pronoun(head, value.person, value.gender)]
    if head.startswith(_OWN):
        return french_own(variables.of(head.removeprefix(_OWN)).person, value)
    if head in DETERMINERS:
        return french_phrase(head, value)
    return [french.agree(head, value.gender, value.many)]  # an adjective the pattern spells out


def _french_verb(head: str, rest: list[str], variables: Variables) -> list[str]:
    """Return a verb; rest: its tense, its subject, and what else its participle agrees with."""
    drawn = head.startswith(_VERB)
    full = variables.of(head).fr if drawn else head.replace("+", " ")
    infinitive, _, tail = full.partition("_")
    tense, *agreeing = rest
    person = 4 if tense == "imper" else french.IL
    if agreeing:
        person = variables.of(agreeing[0]).person
    words: list[str] = []
    if tense in {"past", "aux"}:
        words = french.auxiliary(infinitive, person)
    elif tense != "pp":
        words = french.conjugate(infinitive, tense, person)
    if tense in {"past", "pp"}:
        words = [*words, _participle(infinitive, agreeing, variables)]
    return [*words, tail] if tail and tense != "aux" else words


def _participle(infinitive: str, agreeing: list[str], variables: Variables) -> str:
    if len(agreeing) > 1 or (agreeing and french.takes_etre(infinitive)):
        value = variables.of(agreeing[-1])
        return french.participle(infinitive, value.gender, value.many)
    return french.participle(infinitive, "m", many=False)

"""Noun phrases of both languages: determiner, adjective and noun as they agree."""

from course_utils.world.bilingual import french
from course_utils.world.bilingual.referents import Noun
from course_utils.world.bilingual.words import Word
from course_utils.world.lexicon import plural

#: What a pattern may put before a noun; 0 is nothing.
DETERMINERS = frozenset(("the", "a", "some", "this", "0"))
_SON = (("mon", "ma", "mes"), ("ton", "ta", "tes"), ("son", "sa", "ses"))
_NOTRE = (("notre", "nos"), ("votre", "vos"), ("leur", "leurs"))


def english_phrase(determiner: str, noun: Noun) -> list[str]:
    """Return an English noun phrase; before it one of DETERMINERS or a word such as my."""
    if noun.many:
        determiner = {"a": "some", "this": "these"}.get(determiner, determiner)
    forms = noun.word.en
    head = forms[0] if not noun.many else forms[1] if len(forms) > 1 else plural(forms[0])
    found = [] if determiner == "0" else [determiner]
    return [*found, *([noun.adjective.en[0]] if noun.adjective else []), head]


def french_adjective(word: Word, gender: str, many: bool, following: str = "") -> str:
    """Return a French adjective in the form that agrees."""
    if word.flag == "i":
        return word.fr.split("/")[0]
    return french.agree(word.fr, gender, many, following)


def _bare(noun: Noun) -> tuple[list[str], bool]:
    """Return adjective and noun in French order, and whether the adjective comes first."""
    forms = noun.word.fr.split("/")
    head = forms[0] if not noun.many else forms[-1] if len(forms) > 1 else french.plural(forms[0])
    adjective = noun.adjective
    if adjective is None:
        return [head], False
    form = french_adjective(adjective, noun.gender, noun.many, head)
    return ([form, head], True) if adjective.flag == "b" else ([head, form], False)


def french_phrase(determiner: str, noun: Noun) -> list[str]:
    """Return a French noun phrase with one of DETERMINERS."""
    words, before = _bare(noun)
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


def french_own(person: int, noun: Noun) -> list[str]:
    """Return a French noun phrase of what this person has: mon amie, leurs livres."""
    words, _ = _bare(noun)
    if person >= french.NOUS:
        return [_NOTRE[person - french.NOUS][noun.many], *words]
    masculine, feminine, many = _SON[person]
    if noun.many:
        return [many, *words]
    vowel = french.opens_with_vowel(words[0])
    return [feminine if noun.gender == "f" and not vowel else masculine, *words]

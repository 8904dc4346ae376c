"""The pronouns of both languages, by person and gender."""

from course_utils.world.bilingual import french
from course_utils.world.bilingual.referents import Human

_OBJECTS = ("me", "you", "him", "us", "you", "them")
_ENGLISH = {
    "he": ("I", "you", "he", "we", "you", "they"),
    "him": _OBJECTS,
    "to": _OBJECTS,
    "his": ("my", "your", "his", "our", "your", "their"),
}
_FRENCH = {
    "he": ("je", "tu", "il", "nous", "vous", "ils"),
    "him": ("me", "te", "le", "nous", "vous", "les"),
    "to": ("me", "te", "lui", "nous", "vous", "leur"),
}
_FEMININE = {("he", french.IL): "elle", ("he", french.ILS): "elles", ("him", french.IL): "la"}


def english_pronoun(case: str, person: int, gender: str, *, thing: bool = False) -> str:
    """Return an English pronoun: case is he, him, his, or to (which English has no form for)."""
    if person == french.IL and thing:
        return "its" if case == "his" else "it"
    if person == french.IL and gender == "f":
        return "she" if case == "he" else "her"
    return _ENGLISH[case][person]


def french_pronoun(case: str, person: int, gender: str) -> str:
    """Return a French pronoun: case is he, him or to; le, la, les are marked as pronouns."""
    masculine = _FRENCH[case][person]
    word = _FEMININE.get((case, person), masculine) if gender == "f" else masculine
    return word + french.PRONOUN if word in {"le", "la", "les"} else word


def called_by_pronoun(person: int, gender: str) -> Human:
    """Return somebody of whom only a pronoun is said, such as I or they."""
    en, fr = (pronoun("he", person, gender) for pronoun in (english_pronoun, french_pronoun))
    return Human(en, fr, gender, person)

"""What a sentence speaks of: nouns and people, with what both languages make agree with them."""

from dataclasses import dataclass

from course_utils.world.bilingual import french
from course_utils.world.bilingual.words import Word


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun of a sentence, with its number and adjective."""

    word: Word
    many: bool
    adjective: Word | None = None

    @property
    def gender(self) -> str:
        """Return m or f."""
        return self.word.flag

    @property
    def person(self) -> int:
        """Return the grammatical person, as french.IL and ILS number it."""
        return french.ILS if self.many else french.IL


@dataclass(frozen=True, slots=True)
class Human:
    """A person of a sentence, as both languages call it: a name, a relative, a trade, a pronoun."""

    en: str
    fr: str
    gender: str
    person: int  # 0 to 5, see french.IL

    @property
    def many(self) -> bool:
        """Tell whether these are several people; vous is one, spoken to politely."""
        return self.person in {french.NOUS, french.ILS}

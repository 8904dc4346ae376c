"""The cast of a passage: its subjects, asides and figures, no two of which share a word."""

import random
from collections.abc import Callable
from functools import cache

from course_utils.world.grammar import Scene
from course_utils.world.names import Entity, World, plain
from course_utils.world.passages.subjects import PLACES, Name, Subjects

_BORN = {"person": (1955, 1990), "ship": (1930, 1975)}  # else (1871, 1965)
_COUNTS = {"firm": (2, 90, 10), "ship": (2, 90, 10), "hall": (2, 90, 1), "event": (3, 80, 100),
           "book": (90, 700, 1), "town": (5, 90, 100), "person": (2, 9, 1)}  # fmt: skip
# Words that many names share, and so tell no names apart.
_SHARED = {"The", "of", "upon", "de", "Festival", "University", "College", "Saint", "Port", "Upper",
           "Bay", "Sands", "Sea", "Cup", "Trophy", "Shield", "Prize", *PLACES}  # fmt: skip


class Cast:
    """Casts one passage after the other from the names of one split."""

    def __init__(self, world: World, split: str, rng: random.Random) -> None:
        self.rng = rng
        self._subjects = Subjects(world, split, rng)
        self._used: set[str] = set()

    def subjects(self, kind: str, count: int) -> list[Entity]:
        """Return the subjects of a new passage."""
        self._used = set()
        return [self._fresh(self._subjects.draw, kind) for _ in range(count)]

    def draw(self, letter: str) -> Entity:
        """Draw an entity that shares no word of its name with one in the passage."""
        return self._fresh(self._subjects.pick, letter)

    def _fresh(self, draw: Callable[[str], Entity], kind: str) -> Entity:
        for _ in range(60):
            entity = draw(kind)
            words = _name_words(entity)
            if not words & self._used:
                break
        self._used |= words
        return entity

    def scenes(self, kind: str, subjects: list[Entity]) -> list[Scene]:
        """Return a scene for each subject.

        Bound are a, the subject; b, the other one; the aside h, a town, and i, a person;
        x, y and z, years; v, a number.
        """
        scenes = []
        for subject, other in zip(subjects, reversed(subjects), strict=True):
            bound = {"a": subject, "b": Entity("", other.forms | {"full": other.forms["short"]})}
            aside = {"h": self.draw("t"), "i": self.draw("p")}
            scenes.append(Scene(self.rng, self.draw, bound | aside | self._figures(kind)))
        return scenes

    def _figures(self, kind: str) -> dict[str, Entity]:
        low, high = _BORN.get(kind, (1871, 1965))
        while True:
            x = self.rng.randint(low, high)
            y, z = x + self.rng.randint(3, 19), self.rng.randint(1988, 2024)
            if kind == "person":  # grown up, and not yet old
                y, z = x + self.rng.randint(18, 22), x + self.rng.randint(23, 33)
            years = {str(x), str(y), str(z)}
            if len(years) == 3 and not years & self._used:
                break
        low, high, unit = _COUNTS[kind]
        figures = dict(zip("xyzv", (x, y, z, self.rng.randint(low, high) * unit), strict=True))
        self._used |= years
        return {key: Entity("", {"full": plain(str(n), "CD")}) for key, n in figures.items()}


def _name_words(entity: Entity) -> set[str]:
    """Return the words of an entity's names, without what many names share."""
    forms = (entity.forms.get(form, ()) for form in ("full", "last", "short", "core"))
    return {word for form in forms for word in _telling(form)}


@cache
def _telling(form: Name) -> frozenset[str]:
    """Return the words of one form that tell its name from others."""
    return frozenset(word for word, _, ner in form if ner != "O") - _SHARED

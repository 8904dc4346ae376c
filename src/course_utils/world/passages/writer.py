"""The writer of passages."""

import random
from collections.abc import Iterator

from course_utils.world.names import World
from course_utils.world.passages.cast import Cast
from course_utils.world.passages.passage import Passage
from course_utils.world.passages.phrasings import Phrasings, relations
from course_utils.world.passages.subjects import KINDS

_PAIRED = 0.66  # passages about two subjects of a kind
_ASIDES = 0.75  # subjects with a sentence about someone else, somewhere else, in another year
_PRONOUNS = 0.25  # sentences that say "it" or "she" where the one before has the same subject
_MOST_WORDS = 88

Plan = list[tuple[int, str]]  # the sentences of a passage: of which subject, the pattern


class Writer:
    """Writes the passages of one split; split ANYWHERE is for the corpus."""

    def __init__(self, world: World, split: str, rng: random.Random) -> None:
        self.rng = rng
        self.cast = Cast(world, split, rng)
        self.phrasings = Phrasings(split, rng)

    def passage(self) -> Passage:
        """Return a passage about one entity or about two of a kind."""
        rng = self.rng
        kind = rng.choice(KINDS)
        paired = rng.random() < _PAIRED
        subjects = self.cast.subjects(kind, 1 + paired)
        made = Passage(kind, subjects, self.cast.scenes(kind, subjects))
        told: set[str] = set()
        plan = [(0, self._choose(f"{kind}.open", told))]
        count = rng.choice((1, 1, 1, 2, 2, 2, 3)) if paired else rng.choice((2, 2, 3, 3, 4, 5))
        plan += [(0, line) for line in self._tells(kind, told, set(), count)]
        if paired:
            twin: set[str] = set()
            late = [(1, self._choose(f"{kind}.also", twin))]
            count = rng.choice((1, 1, 2, 2, 2, 3))
            late += [(1, line) for line in self._tells(kind, twin, told, count)]
            plan = self._woven(plan, late)
        self._write(made, plan)
        return made

    def _choose(self, name: str, told: set[str], wanted: frozenset[str] = frozenset()) -> str:
        """Choose a pattern as Phrasings.choose does, and note what it tells."""
        line = self.phrasings.choose(name, told, wanted)
        told |= relations(line)
        return line

    def _tells(self, kind: str, told: set[str], wanted: set[str], count: int) -> Iterator[str]:
        aside = self.rng.randrange(count) if self.rng.random() < _ASIDES else -1
        for i in range(count):
            if i == aside:
                yield self.phrasings.choose(f"{kind}.colour")
            likely = wanted - told if self.rng.random() < 0.75 else set()
            if line := self._choose(f"{kind}.tell", told, frozenset(likely)):
                yield line

    def _woven(self, first: Plan, late: Plan) -> Plan:
        """Return both subjects' sentences, in a third of the passages mixed."""
        if self.rng.random() < 0.66:
            return first + late
        head, tail = [first[0], late[0]], first[1:] + late[1:]
        self.rng.shuffle(tail)
        return head + tail

    def _write(self, made: Passage, plan: Plan) -> None:
        before, words = (-1, ""), 0
        met: set[int] = set()
        for subject, line in plan:
            clear = before[0] == subject and _keeps_subject(before[1], made.kind)
            tokens = made.tokens(subject, line, self._how(line, clear, subject not in met))
            words += len(tokens)
            if words > _MOST_WORDS and made.text:
                break
            made.append(subject, tokens)
            before = (subject, line)
            met.add(subject)

    def _how(self, line: str, clear: bool, first: bool) -> str:
        """Return how a sentence calls its subject: its full or its short name or a pronoun."""
        if first:
            return "full"
        if clear and line.startswith("{a} ") and self.rng.random() < _PRONOUNS:
            return "he"
        return "short"


def _keeps_subject(line: str, kind: str) -> bool:
    """Return whether a pronoun after a pattern can only mean the pattern's subject."""
    plain_start = line.startswith("{a} ") and " . " not in line
    return plain_start and not (kind == "person" and any(f"{{{x}." in line for x in "bpqr"))

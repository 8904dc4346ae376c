import random

from course_utils.world.names import ANYWHERE
from course_utils.world.passages.phrasings import Phrasings, asked, relations
from course_utils.world.passages.subjects import KINDS


def test_every_relation_asked_for_is_told_in_every_split() -> None:
    for kind in KINDS:
        assert asked(kind)
        for split in ("train", "validation", ANYWHERE):
            phrasings = Phrasings(split, random.Random(1))
            lines = [
                x for part in ("open", "also", "tell") for x in phrasings.all(f"{kind}.{part}")
            ]
            assert set(asked(kind)) <= set().union(*map(relations, lines)), (kind, split)


def test_a_pattern_repeats_nothing_told_and_tells_what_is_wanted() -> None:
    phrasings = Phrasings("train", random.Random(1))
    for _ in range(50):
        line = phrasings.choose("firm.tell", {"seat"}, {"staff"})
        assert "staff" in relations(line)
        assert "seat" not in relations(line)
    assert phrasings.choose("firm.tell", frozenset(asked("firm"))) == ""


def test_only_validation_and_the_corpus_have_ways_of_their_own() -> None:
    known, new, every = (
        set(Phrasings(split, random.Random(1)).all("firm.tell"))
        for split in ("train", "validation", ANYWHERE)
    )
    assert known < new == every

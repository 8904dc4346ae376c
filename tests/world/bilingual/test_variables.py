import random

import pytest

from course_utils.world.bilingual.referents import Human
from course_utils.world.bilingual.variables import Variables
from course_utils.world.names import World


@pytest.fixture
def variables(invented: World) -> Variables:
    return Variables(random.Random(2), invented, "known", "lexicon.txt")


def test_a_variable_stands_for_one_thing_and_two_for_two(variables: Variables) -> None:
    thing = variables.of("thing~*")
    assert variables.of("thing") is thing
    assert variables.of("thing2").word != thing.word


def test_flags_tell_the_number(variables: Variables) -> None:
    assert variables.of("thing+").many
    assert not variables.of("thing2").many
    assert variables.of("thing2").adjective is None


def test_a_trade_agrees_with_who_has_it(variables: Variables) -> None:
    assert variables.of("trade@n").gender == variables.of("n").gender


def test_a_subject_is_kept_as_a_pronoun(variables: Variables) -> None:
    variables.bound["s"] = Human("Ann", "Ann", "f", 2)
    variables.of("thing")
    variables.keep_subject()
    assert variables.bound == {"s": Human("she", "elle", "f", 2)}


def test_held_out_words_are_drawn_only_where_asked(invented: World) -> None:
    kept = Variables(random.Random(1), invented, "known", "lexicon.txt")
    late = Variables(random.Random(1), invented, "word", "lexicon.txt")
    for i in range(30):
        kept.of(f"thing{i}")
        late.of(f"thing{i}")
    assert not kept.held
    assert late.held

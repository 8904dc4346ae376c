import random

import pytest

from course_utils.world.bilingual.pronouns import called_by_pronoun
from course_utils.world.bilingual.referents import Human
from course_utils.world.bilingual.sentences import sentence, write
from course_utils.world.bilingual.variables import Variables
from course_utils.world.names import World


@pytest.fixture
def variables(invented: World) -> Variables:
    return Variables(random.Random(1), invented, "known", "lexicon.txt")


@pytest.mark.parametrize(
    ("en", "fr", "pair"),
    [
        ("{s} {go past s} .", "{s} {aller past s} .", ("She went.", "Elle est allée.")),
        ("{s} {get_up past s} .", "{s} {se+lever past s} .", ("She got up.", "Elle s'est levée.")),
    ],
)
def test_both_sides_agree_with_the_subject(
    variables: Variables, en: str, fr: str, pair: tuple[str, str]
) -> None:
    variables.bound["s"] = called_by_pronoun(2, "f")
    assert write(en, fr, variables) == pair


def test_a_sequel_calls_the_subject_by_a_pronoun(variables: Variables) -> None:
    variables.bound["s"] = Human("Ann", "Ann", "f", 2)
    went = ("{s} {go past s} .", "{s} {aller past s} .")
    en, fr = write(*went, variables, [went])
    assert en.startswith("Ann went")
    assert "she went" in en.lower()
    assert "elle est allée" in fr.lower()


def test_a_sentence_is_the_same_with_the_same_seed(invented: World) -> None:
    first, again = (sentence(invented, random.Random(5)) for _ in range(2))
    assert first == again

import pytest

from course_utils.world.bilingual.french import IL, ILS, NOUS
from course_utils.world.bilingual.pronouns import (
    called_by_pronoun,
    english_pronoun,
    french_pronoun,
)


@pytest.mark.parametrize(
    ("case", "person", "gender", "english", "french"),
    [
        ("he", 0, "f", "I", "je"),
        ("he", IL, "f", "she", "elle"),
        ("he", ILS, "f", "they", "elles"),
        ("him", IL, "f", "her", "la¤"),
        ("him", IL, "m", "him", "le¤"),
        ("him", NOUS, "m", "us", "nous"),
        ("to", IL, "f", "her", "lui"),
        ("to", ILS, "f", "them", "leur"),
    ],
)
def test_pronouns(case: str, person: int, gender: str, english: str, french: str) -> None:
    assert english_pronoun(case, person, gender) == english
    assert french_pronoun(case, person, gender) == french


def test_things_have_no_sex_in_english() -> None:
    assert english_pronoun("he", IL, "f", thing=True) == "it"
    assert english_pronoun("his", IL, "f", thing=True) == "its"
    assert english_pronoun("him", ILS, "f", thing=True) == "them"


def test_people_called_by_a_pronoun() -> None:
    they = called_by_pronoun(ILS, "f")
    assert (they.en, they.fr, they.many) == ("they", "elles", True)
    assert not called_by_pronoun(4, "m").many

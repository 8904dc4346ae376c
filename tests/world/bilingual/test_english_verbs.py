import pytest

from course_utils.world.bilingual.english_verbs import form, in_tense
from course_utils.world.bilingual.french import IL, ILS


@pytest.mark.parametrize(
    ("forms", "how", "word"),
    [
        (("carry",), "ed", "carried"),
        (("go", "went", "gone"), "s", "goes"),
        (("go", "went", "gone"), "en", "gone"),
        (("go", "went", "gone"), "ing", "going"),
        (("look_after",), "s", "looks_after"),
        (("get_up", "got_up"), "ed", "got_up"),
        (("can", "could"), "s", "can"),
        (("leave", "left"), "", "leave"),
    ],
)
def test_forms(forms: tuple[str, ...], how: str, word: str) -> None:
    assert form(forms, how) == word


@pytest.mark.parametrize(
    ("forms", "tense", "person", "words"),
    [
        (("be",), "pres", 0, "am"),
        (("be",), "past", ILS, "were"),
        (("see", "saw", "seen"), "pres", IL, "sees"),
        (("see", "saw", "seen"), "pres", ILS, "see"),
        (("see", "saw", "seen"), "past", IL, "saw"),
        (("see", "saw", "seen"), "pp", IL, "seen"),
        (("see", "saw", "seen"), "fut", IL, "will see"),
        (("see", "saw", "seen"), "cond", IL, "would see"),
        (("see", "saw", "seen"), "imp", 0, "was seeing"),
        (("see", "saw", "seen"), "inf", IL, "see"),
    ],
)
def test_tenses(forms: tuple[str, ...], tense: str, person: int, words: str) -> None:
    assert in_tense(forms, tense, person) == words

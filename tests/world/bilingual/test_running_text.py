import pytest

from course_utils.world.bilingual.running_text import english_text, french_text, spoken


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("she ate a apple , then slept .", "She ate an apple, then slept."),
        ("it is a useful tool .", "It is a useful tool."),
        ("we waited a hour .", "We waited an hour."),
        ("“ come in ! ” she said .", "“Come in!” she said."),
        ("this is Ann 's ball_game .", "This is Ann's ball game."),
        ("he can not swim .", "He cannot swim."),
    ],
)
def test_english(words: str, text: str) -> None:
    assert english_text(words.split()) == text


def test_spoken_english() -> None:
    assert spoken("He cannot swim and did not try.") == "He can't swim and didn't try."
    assert spoken("She will not come.") == "She won't come."


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("où est la école ? elle attend .", "Où est l'école ? Elle attend."),
        ("« entrez » , dit-il .", "« Entrez », dit-il."),
        ("la pièce_jointe de le mail", "La pièce jointe du mail"),
    ],
)
def test_french(words: str, text: str) -> None:
    assert french_text(words.split()) == text

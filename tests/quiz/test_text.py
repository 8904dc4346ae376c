import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.quiz.text import normal


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("  The \t TOKENIZER\n", "the tokenizer"),
        ("[‘a’, “b”]", "['a', \"b\"]"),
        ("cafe\u0301", "café"),
        ("\ufeffa\u00a0b", "a b"),
    ],
)
def test_what_counts_as_the_same(written: str, same: str) -> None:
    assert normal(written) == same


def test_case_counts_when_asked() -> None:
    assert normal(" PER  ", case_sensitive=True) == "PER"


@given(st.text(), st.booleans())
def test_once_is_enough_for_spaces(text: str, cased: bool) -> None:
    once = normal(text, cased)
    assert once == once.strip(" ")
    assert "  " not in once

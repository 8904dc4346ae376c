from collections.abc import Callable
from pathlib import Path

import pytest

from course_utils.quiz import Bank, KeyedQuiz, QuizError, keys_folder, load_keyed, mark, prove


def test_bank_and_keys_make_a_quiz_that_is_marked(keyed: KeyedQuiz) -> None:
    assert keyed.keys == "test"
    right = {
        "even": "b", "primes": ["b", "c"], "eighth": "0.125", "rising": ["b", "c", "a"],
        "squares": {"l1": "r2", "l2": "r1"}, "largest": "b", "plural": "Mice", "quotes": "CLS",
        "fault": "l2",
    }  # fmt: skip
    assert mark(keyed.quiz, right).score == len(right)
    half = {"squares": {"l1": "r2", "l2": "r2"}, "rising": ["a", "b", "c"]}
    assert mark(keyed.quiz, half).score == 1


def test_keys_are_proved(keyed: KeyedQuiz) -> None:
    assert prove(keyed.quiz) == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("right: [b]", "right: [z]", "'even': it has no 'z': use one of a, b, c"),
        ("right: [b]", "right: []", "'even': `right` is wrong"),
        ("right: [b]", "right: [a, b]", "two options are marked right but the type is single"),
        ("a: Three leaves a remainder., ", "", "option 'a' has no `why`"),
        ("right: [b, c]", "right: [a, b, c, d]", "every option is marked right"),
        ("order: [b, c, a]", "order: [b, c]", "'rising': `order` must name each item once"),
        ("{l1: r2, l2: r1}", "{l1: r2, l2: r2}", "'squares': `pairs` must give each left side"),
        ("{l1: r2, l2: r1}", "{l1: r2}", "'squares': `pairs` must give each left side"),
        ("  plural:", "  plurals:", "the bank has no question 'plurals': remove its key"),
        ("  plural: {accepted: [mice, the mice], explain: It is irregular.}\n", "", "has no key"),
        (", explain: One divided by eight.", "", "'eighth': `explain` is missing"),
        ("answer: 0.125", "answer: 0.125, unit: m", "'eighth': `unit` is no key that belongs"),
        ("name: test\n", "", "`name` is missing"),
    ],
)
def test_a_fault_names_the_line_of_the_keys(
    bank: Bank, changed: Callable[[str, str, str], Path], old: str, new: str, message: str
) -> None:
    with pytest.raises(QuizError, match=message) as caught:
        load_keyed(bank, changed("keys", old, new) / "keys")
    assert str(caught.value).startswith("keys/quizzes/small.yaml:")


def test_missing_keys_say_where_they_should_be(bank: Bank, tmp_path: Path) -> None:
    with pytest.raises(QuizError, match="set COURSE_KEYS to the folder that holds them"):
        load_keyed(bank, tmp_path)


def test_the_instructors_folder_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_KEYS", raising=False)
    assert keys_folder(tmp_path) == tmp_path / "keys"
    monkeypatch.setenv("COURSE_KEYS", "/elsewhere")
    assert keys_folder(tmp_path) == Path("/elsewhere")

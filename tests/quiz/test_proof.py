from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course_utils.quiz import Quiz, QuizError, load_quiz, prove

Edit = Callable[[str, str], Path]


def test_keys_are_proved(quiz: Quiz) -> None:
    assert prove(quiz) == 4


def test_a_quiz_without_proofs(quiz: Quiz) -> None:
    assert prove(quiz.model_copy(update={"questions": [quiz.question("fault")]})) == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("answer: 0.125", "answer: 0.25", "'number': its code fails with the key: AssertionError"),
        (
            "assert answer == 1 / 8",
            "answer",
            "'number': its code passes with 1.125 too: let it assert `answer`",
        ),
        ("assert answer == 1 / 8", "x = 1 +", "'number': .*SyntaxError"),
        ("assert answer == 1 / 8", "\n      undefined", "NameError in line 2 of it: name 'undef"),
        ("[1:4]", "[1:3]", "'prints': what it shows prints 'cl': accept that"),
        ("len([[1, 2, 3]])", "len([1, 2, 3])", "'chosen-print': what it shows prints '3'"),
        ("len([[1, 2, 3]])", "Len([1])", "'chosen-print': what it shows fails: NameError"),
        ("assert answer == 1 / 8", "import os; os._exit(3)", "that runs its proofs ended"),
    ],
)
def test_a_proof_that_does_not_hold(edited: Edit, old: str, new: str, message: str) -> None:
    with pytest.raises(QuizError, match=message) as caught:
        prove(load_quiz(edited(old, new)))
    assert str(caught.value).startswith("quizzes/part/edited.yaml:")


def test_a_proof_that_takes_too_long(edited: Edit) -> None:
    slow = load_quiz(edited("assert answer == 1 / 8", "import time; time.sleep(60)"))
    with pytest.raises(QuizError, match=r"edited\.yaml:1: its proofs took more than 1 s"):
        prove(slow, timeout=1)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("several", "assert answer == ['two', 'three', 'five']"),
        ("word", "assert answer == 'tokenizer'"),
        ("steps", "assert answer == ['i0', 'i1', 'i2', 'i3']"),
        ("pairs", "assert answer == {k: k for k in ('bert', 'gpt', 't5')}"),
    ],
)
def test_every_type_can_be_proved(quiz: Quiz, question: str, code: str) -> None:
    def with_code(program: str) -> Any:
        changed = quiz.question(question).model_copy(update={"code": program})
        return quiz.model_copy(update={"questions": [changed]})

    assert prove(with_code(code)) == 1
    with pytest.raises(QuizError, match="its code passes with"):
        prove(with_code(f"assert type(answer) is {type(quiz.question(question).key).__name__}"))

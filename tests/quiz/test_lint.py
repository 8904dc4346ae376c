from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from course_utils.quiz import Quiz, lint, load_quiz

OBJECTIVES = ["counting", "naming", "ordering"]


def test_the_example_is_clean(quiz: Quiz) -> None:
    assert lint(quiz, OBJECTIVES, fewest=9) == []


def test_too_few_questions(quiz: Quiz) -> None:
    assert lint(quiz, OBJECTIVES, fewest=10) == [
        "all_types.yaml:1: 9 questions where 10 are wanted: add 1"
    ]


def test_an_objective_that_nobody_asks(quiz: Quiz) -> None:
    assert lint(quiz, [*OBJECTIVES, "reading"]) == [
        "all_types.yaml:1: no question asks the objective 'reading': add one"
    ]


def test_an_objective_that_the_lesson_has_not(
    edited: Callable[[str, str], Path], line_of: Callable[..., int]
) -> None:
    wrong = load_quiz(edited("objective: naming", "objective: namings"))
    assert lint(wrong, OBJECTIVES) == [
        f"quizzes/part/edited.yaml:{line_of('- id: word')}: question 'word': its lesson has no "
        "objective 'namings': use naming"
    ]


def test_an_explanation_used_twice(edited: Callable[[str, str], Path]) -> None:
    (message,) = lint(load_quiz(edited("It is 2 × 2.", "The only even prime.")), OBJECTIVES)
    assert "question 'several': 2 options share the explanation 'The only even prime.'" in message


@pytest.mark.parametrize(("telling", "messages"), [(2, 0), (3, 1), (4, 1)])
def test_a_right_option_that_stands_out(telling: int, messages: int) -> None:
    found = lint(Quiz(id="q", title="t", questions=[single(n, telling) for n in range(4)]), ["o"])
    assert len(found) == messages
    assert all("by far the longest in q0, q1, q2" in message for message in found)


def single(number: int, telling: int) -> Any:
    right = "a long and careful sentence" if number < telling else "short"
    options = [
        {"id": "a", "text": right, "right": True, "why": "x"},
        {"id": "b", "text": "a wrong one", "why": "y"},
    ]
    common = {"objective": "o", "prompt": "p", "explain": "e", "type": "single"}
    return {"id": f"q{number}", "options": options, **common}

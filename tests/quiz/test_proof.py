import pytest

from course_utils.quiz import Quiz, QuizError, prove


def test_keys_are_proved(quiz: Quiz) -> None:
    assert prove(quiz) == 2


def test_a_wrong_key_is_found(quiz: Quiz) -> None:
    number = quiz.question("number").model_copy(update={"answer": 0.25})
    wrong = quiz.model_copy(update={"questions": [number]})
    with pytest.raises(QuizError, match="question 'number': its code fails: AssertionError"):
        prove(wrong)

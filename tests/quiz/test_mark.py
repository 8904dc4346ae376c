import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.quiz import Quiz, QuizError, load_quiz, load_responses, mark, mark_question

QUIZ = load_quiz(Path(__file__).parent / "data" / "all_types.yaml")
KEYS: dict[str, Any] = {
    q.id: q.key[0] if q.type in ("single", "bug") else q.key for q in QUIZ.questions
}

numbers = st.floats(allow_nan=False, allow_infinity=False)
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "one": st.sampled_from("abc"),
        "several": st.lists(st.sampled_from(["two", "three", "four", "one"]), unique=True),
        "number": numbers | st.just("0.125"),
        "word": st.text(),
        "prints": st.text(),
        "fault": st.sampled_from(["start", "loop", "add"]),
        "steps": st.permutations(["i0", "i1", "i2", "i3"]),
        "pairs": st.dictionaries(
            st.sampled_from(["bert", "gpt", "t5"]), st.sampled_from(["bert", "gpt", "t5", ""])
        ),
    },
)


def score(question: str, response: Any) -> float:
    return mark_question(QUIZ.question(question), response).score


def test_the_key_gets_every_point_and_nothing_gets_none() -> None:
    assert mark(QUIZ, KEYS).score == len(QUIZ.questions)
    assert mark(QUIZ, {}).score == 0


@given(RESPONSES)
def test_scores_are_shares_and_their_sum_is_the_score(responses: dict[str, Any]) -> None:
    marked = mark(QUIZ, responses)
    assert all(0 <= question.score <= 1 for question in marked.questions)
    assert marked.score == pytest.approx(sum(question.score for question in marked.questions))


@given(RESPONSES)
def test_one_answer_does_not_touch_another(responses: dict[str, Any]) -> None:
    together = {question.id: question.score for question in mark(QUIZ, responses).questions}
    for question in QUIZ.questions:
        assert score(question.id, responses.get(question.id)) == together[question.id]


@given(st.permutations(["two", "three", "four"]))
def test_the_order_of_choosing_does_not_matter(chosen: list[str]) -> None:
    assert score("several", chosen) == 0.5


def test_choosing_everything_is_not_rewarded() -> None:
    assert score("several", ["two", "three", "four", "one"]) == 0


@pytest.mark.parametrize(
    ("question", "response", "expected"),
    [
        ("several", ["two"], 0.5),
        ("number", "0.1255", 1),
        ("number", "0.127", 0),
        ("number", " 1.25e-1 ", 1),
        ("word", "  The   TOKENIZER ", 1),
        ("word", "tokeniser", 0),
        ("steps", ["i1", "i2", "i3", "i0"], 2 / 3),
        ("steps", ["i3", "i2", "i1", "i0"], 0),
        ("pairs", {"bert": "bert", "gpt": "t5"}, 1 / 3),
    ],
)
def test_partial_credit(question: str, response: Any, expected: float) -> None:
    assert score(question, response) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("question", "response"),
    [
        ("one", "z"),
        ("one", ["b"]),
        ("several", "two"),
        ("several", ["two", "two"]),
        ("number", "a lot"),
        ("number", "nan"),
        ("number", True),
        ("word", 3),
        ("steps", ["i0", "i1"]),
        ("pairs", {"bert": "roberta"}),
        ("pairs", ["bert"]),
    ],
)
def test_a_response_of_the_wrong_shape_names_its_question(question: str, response: Any) -> None:
    with pytest.raises(QuizError, match=f"question '{question}': the response must be"):
        score(question, response)


def test_a_response_to_no_question(quiz: Quiz) -> None:
    with pytest.raises(QuizError, match="has no question 'seven'"):
        mark(quiz, {"seven": "a"})


def test_feedback_explains_what_was_chosen(quiz: Quiz) -> None:
    feedback = mark_question(quiz.question("several"), ["two", "four"]).feedback
    assert feedback == ["The only even prime.", "It is 2 × 2.", "A prime has exactly two divisors."]


def test_responses_come_from_a_file(quiz: Quiz, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({"quiz": quiz.id, "responses": KEYS}))
    assert mark(quiz, load_responses(path, quiz)).score == len(KEYS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no readable JSON"),
        ("[]", "must be"),
        ('{"quiz": "other", "responses": {}}', "belongs to the quiz 'other'"),
    ],
)
def test_a_broken_responses_file(quiz: Quiz, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "answers.json"
    path.write_text(text)
    with pytest.raises(QuizError, match=message):
        load_responses(path, quiz)

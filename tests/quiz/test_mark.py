from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_utils.quiz import Quiz, QuizError, load_quiz, mark, mark_question
from course_utils.quiz.question import Choice, Option

QUIZ = load_quiz(Path(__file__).parent / "data" / "all_types.yaml")
KEYS: dict[str, Any] = {
    q.id: q.key[0] if isinstance(q, Choice) and q.type != "multiple" else q.key
    for q in QUIZ.questions
}
SIDES = st.sampled_from(["bert", "gpt", "t5"])

RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "one": st.sampled_from("abc"),
        "several": st.lists(st.sampled_from(["two", "three", "five", "four", "one"]), unique=True),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.just("0.125"),
        "word": st.text(),
        "prints": st.text(),
        "chosen-print": st.sampled_from(["outer", "inner"]),
        "fault": st.sampled_from(["start", "loop", "add"]),
        "steps": st.permutations(["i0", "i1", "i2", "i3"]),
        "pairs": st.dictionaries(SIDES, SIDES | st.just("")),
    },
)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(10**400) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | SIDES, inner),
    max_leaves=6,
)


def score(question: str, response: Any) -> float:
    return mark_question(QUIZ.question(question), response).score


def several(rights: int, wrongs: int) -> Choice:
    """A multiple question with so many right and wrong options, r0… and w0…."""
    names = [f"r{n}" for n in range(rights)] + [f"w{n}" for n in range(wrongs)]
    options = [Option(id=name, text=name, right=name[0] == "r", why=name) for name in names]
    return Choice(id="q", objective="o", prompt="p", explain="e", type="multiple", options=options)


def test_the_key_gets_every_point_and_nothing_gets_none() -> None:
    assert [question.score for question in mark(QUIZ, KEYS).questions] == [1] * len(KEYS)
    assert mark(QUIZ, KEYS).score == mark(QUIZ, KEYS).max_score == len(QUIZ.questions)
    assert mark(QUIZ, {}).score == 0


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_no_response_is_marked_as_none(nothing: Any) -> None:
    assert mark(QUIZ, {question.id: nothing for question in QUIZ.questions}).score == 0


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


@given(RESPONSES)
def test_full_marks_mean_that_all_is_right(responses: dict[str, Any]) -> None:
    for question in mark(QUIZ, responses).questions:
        if question.score == 1:
            assert all(question.options.values())
        if not any(question.options.values()) and question.options:
            assert question.score == 0


@given(st.sampled_from(QUIZ.questions), ANY_JSON)
def test_any_json_is_marked_or_refused_by_name(question: Any, response: Any) -> None:
    try:
        assert 0 <= mark_question(question, response).score <= 1
    except QuizError as error:
        assert repr(question.id) in str(error)


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_several_by_the_stated_rule(rights: int, wrongs: int, data: st.DataObject) -> None:
    question = several(rights, wrongs)
    names = [option.id for option in question.options]
    chosen = data.draw(st.lists(st.sampled_from(names), unique=True))
    got = mark_question(question, chosen).score
    hits = sum(name[0] == "r" for name in chosen)
    assert got == pytest.approx(max(0, hits / rights - (len(chosen) - hits) / wrongs))
    assert mark_question(question, data.draw(st.permutations(chosen))).score == got
    assert mark_question(question, names).score == 0, "choosing everything is worth nothing"
    if wrong := [name for name in names if name[0] == "w" and name not in chosen]:
        assert mark_question(question, [*chosen, wrong[0]]).score <= got


@pytest.mark.parametrize(
    ("question", "response", "expected"),
    [
        ("several", ["two"], 1 / 3),
        ("several", ["two", "three", "five", "four"], 1 / 2),
        ("several", ["two", "four"], 0),
        ("number", "0.1255", 1),
        ("number", 0.1255, 1),
        ("number", "0.127", 0),
        ("number", " 1.25e-1 ", 1),
        ("number", "1e999", 0),
        ("word", "  The   TOKENIZER ", 1),
        ("word", "tokeniser", 0),
        ("prints", "CLS", 1),
        ("prints", "cls", 0),
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
        ("number", "٣"),
        ("number", True),
        ("number", float("inf")),
        pytest.param("number", 10**5000, id="huge"),
        ("word", 3),
        ("steps", ["i0", "i1"]),
        ("pairs", {"bert": "roberta"}),
        ("pairs", {"bert": ["bert"]}),
        ("pairs", ["bert"]),
    ],
)
def test_a_response_of_the_wrong_shape_names_its_question(question: str, response: Any) -> None:
    with pytest.raises(QuizError, match=f"question '{question}': the response must be"):
        score(question, response)


def test_a_response_to_no_question(quiz: Quiz) -> None:
    with pytest.raises(QuizError, match="has no question 'seven'"):
        mark(quiz, {"seven": "a"})


def test_what_was_chosen_is_explained(quiz: Quiz) -> None:
    marked = mark_question(quiz.question("several"), ["two", "four"])
    assert marked.options == {"two": True, "four": False}
    assert marked.feedback == [
        "The only even prime.",
        "It is 2 × 2.",
        "A prime has exactly two divisors.",
    ]


def test_a_line_without_explanation_takes_the_common_one(quiz: Quiz) -> None:
    assert mark_question(quiz.question("fault"), "add").feedback[0].startswith("This line does")


def test_what_is_right_in_an_order_and_in_pairs(quiz: Quiz) -> None:
    order = mark_question(quiz.question("steps"), ["i1", "i2", "i3", "i0"])
    assert order.options == {"i2": True, "i3": True, "i0": False}
    pairs = mark_question(quiz.question("pairs"), {"bert": "bert", "gpt": "t5", "t5": ""})
    assert pairs.options == {"bert": True, "gpt": False}
    assert pairs.feedback[0] == "GPT continues a text."


def test_a_mark_is_plain_data(quiz: Quiz) -> None:
    data = mark(quiz, {"one": "b"}).as_data()
    assert data["quiz"] == "all_types"
    assert data["questions"][0] == {
        "id": "one",
        "objective": "counting",
        "score": 1.0,
        "options": {"b": True},
        "feedback": ["Four is twice two.", "An even number is divisible by two, $n = 2k$."],
    }

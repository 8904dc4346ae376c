from collections.abc import Callable
from pathlib import Path

import pytest

from course_utils.quiz import Quiz, QuizError, load_quiz
from course_utils.quiz.question import TYPES

Edit = Callable[[str, str], Path]
LineOf = Callable[..., int]


def test_the_example_has_every_type(quiz: Quiz) -> None:
    assert {question.type for question in quiz.questions} == set(TYPES)


def test_the_id_is_the_path_below_quizzes(edited: Edit) -> None:
    assert load_quiz(edited("All types", "Another")).id == "part/edited"


def test_a_place_is_file_and_line(quiz: Quiz, line_of: LineOf) -> None:
    assert quiz.place("word") == f"all_types.yaml:{line_of('- id: word')}"
    assert quiz.place() == "all_types.yaml:1"
    assert Quiz(id="made", title="Made", questions=quiz.questions).place("word") == "quiz made"


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (", why: Three leaves a remainder.}", ", why: [x]}", "{id: a,", "must be text: put it in"),
        ("prompt: Which are prime?", "", "- id: several", "`prompt` is missing: add it"),
        ("prompt: Which are prime?", 'prompt: " "', 'prompt: " "', "`prompt` is empty"),
        ("objective: counting", "objectiv: counting", "- id: one", "is missing"),
        ("tolerance: 0.001", "tolerence: 0.001", "tolerence", "belongs here: check the spe"),
        ("answer: 0.125", "answer: soon", "answer: soon", "`answer` is wrong: Input should be"),
        ("answer: 0.125", "answer: .nan", "answer: .nan", "must be a finite number"),
        ("tolerance: 0.001", "tolerance: -1", "tolerance: -1", "greater than or equal to 0"),
        ('accepted: ["CLS"]', "accepted: [5]", "accepted: [5]", "must be text: put it in quotes"),
        ("id: number", "id: Not A Slug", "id: Not A", "must be a slug of small letters"),
        ("right: true", "right: perhaps", "{id: b,", r"`options\.1\.right` is wrong"),
        (
            "type: numeric",
            "type: numerical",
            "type: numeric",
            "no type 'numerical' exists: use one",
        ),
        (
            "    type: numeric\n",
            "",
            "- id: number",
            "question 'number': it has no type: use one of",
        ),
        ("type: numeric", "type: [numeric]", "type: [num", "no type"),
    ],
)
def test_a_fault_of_shape_names_line_and_mend(
    edited: Edit, line_of: LineOf, old: str, new: str, at: str, message: str
) -> None:
    path = edited(old, new)
    with pytest.raises(QuizError, match=message) as caught:
        load_quiz(path)
    text = str(caught.value)
    assert text.startswith(f"quizzes/part/edited.yaml:{line_of(at, path)}: question ")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "list.yaml:1: a quiz is a mapping"),
        ("", "list.yaml:1: a quiz is a mapping"),
        ("title: T\nquestions: 3\n", "list.yaml:1: a quiz is a mapping"),
        ("title: T\nquestions: [one]\n", "list.yaml:2: a question is a mapping"),
        ("title: T\nquestions: []\n", "list.yaml:2: `questions` is wrong"),
        ("title: T\nid: x\nquestions: []\n", "list.yaml:2: a quiz takes its id from its path"),
    ],
)
def test_a_quiz_of_another_shape(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(text)
    with pytest.raises(QuizError) as caught:
        load_quiz(path)
    assert str(caught.value).startswith(message)

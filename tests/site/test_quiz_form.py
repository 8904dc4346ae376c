from pathlib import Path

import pytest

from course_utils.quiz import QuizError, load_quiz
from course_utils.site.quiz_form import render_form, render_text

QUIZ = load_quiz(Path(__file__).parents[1] / "quiz/data/all_types.yaml")


def test_every_question_is_a_labelled_group_with_a_button() -> None:
    form = render_form(QUIZ)
    assert form.count("<fieldset") == form.count("aria-labelledby") == len(QUIZ.questions)
    assert form.count("<button") == len(QUIZ.questions)
    assert "A practice quiz" in form


def test_some_questions_make_a_form_of_their_own() -> None:
    form = render_form(QUIZ, questions=["number", "one"])
    assert form.count("<fieldset") == 2
    assert 'data-quiz="all_types-number-one"' in form


def test_an_unknown_question_is_named() -> None:
    with pytest.raises(QuizError, match="has no question 'nine'"):
        render_form(QUIZ, questions=["nine"])


def test_markdown_is_rendered_and_markup_is_not() -> None:
    assert "<strong>bold</strong>" in render_text("**bold**")
    assert "<script" not in render_text("<script>alert(1)</script>")
    assert "onclick" not in render_text('<span onclick="x()">a</span>')


def test_an_order_is_not_given_away() -> None:
    form = render_form(QUIZ, questions=["steps"])
    shown = [part.split('"')[0] for part in form.split('data-part="')[1:]]
    assert sorted(shown) == ["i0", "i1", "i2", "i3"]
    assert shown != sorted(shown)

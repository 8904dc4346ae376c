from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.quiz import Bank, QuizError, draw, load_bank

MODULE = load_bank(Path(__file__).parents[2] / "quizzes/module.yaml")
LEARNERS = st.from_regex(r"[a-z0-9][a-z0-9._@+-]{0,15}", fullmatch=True)


@given(LEARNERS, st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_every_paper_is_balanced(learner: str, attempt: int) -> None:
    paper = draw(MODULE, learner, attempt)
    asked = {question.id: question for question in MODULE.questions}
    assert len(set(paper)) == len(paper) == MODULE.paper_length
    for topic in MODULE.topics:
        own = [asked[name] for name in paper if asked[name].objective in topic.objectives]
        assert len(own) == topic.questions
        assert sum(question.level == "apply" for question in own) >= topic.apply
        assert {question.objective for question in own} == set(topic.objectives)


@given(LEARNERS)
@settings(max_examples=20, deadline=None)
def test_a_retake_asks_other_questions(learner: str) -> None:
    papers = [set(draw(MODULE, learner, attempt)) for attempt in (1, 2, 3)]
    assert papers[0].isdisjoint(papers[1])
    assert all(before != after for before, after in pairwise(papers))


def test_the_same_ids_draw_the_same_paper() -> None:
    assert draw(MODULE, "ann", 2) == draw(MODULE, "ann", 2)
    papers = {tuple(draw(MODULE, f"learner-{n}", 1)) for n in range(50)}
    assert len(papers) == 50


def test_every_question_is_drawn_for_somebody() -> None:
    drawn = {name for n in range(300) for name in draw(MODULE, f"learner-{n}", 1)}
    assert drawn == {question.id for question in MODULE.questions}


def test_questions_come_back_only_when_none_is_left(bank: Bank) -> None:
    first, second = (set(draw(bank, "ann", attempt)) for attempt in (1, 2))
    assert len(first & second) == 2 * bank.paper_length - len(bank.questions)


@pytest.mark.parametrize(
    ("learner", "attempt"),
    [("Ann", 1), ("", 1), ("a b", 1), ("x" * 65, 1), ("ann", 0), ("ann", 51)],
)
def test_odd_ids_are_refused(bank: Bank, learner: str, attempt: int) -> None:
    with pytest.raises(QuizError, match=r"^(learner|attempt) "):
        draw(bank, learner, attempt)

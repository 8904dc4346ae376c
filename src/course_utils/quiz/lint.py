"""Whether a quiz asks what its lessons teach; what a quiz must be at all, `load_quiz` checks."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator

from course_utils.quiz.model import Quiz
from course_utils.quiz.question import Choice

__all__ = ["lint"]

#: So many times as long as the next one, an option stands out.
_STANDS_OUT = 1.2


def lint(quiz: Quiz, objectives: Collection[str], *, fewest: int = 1) -> list[str]:
    """What is wrong with `quiz`, one message each with file, line and mend.

    Args:
        quiz: the quiz.
        objectives: the keys of the objectives in the headers of its lessons.
        fewest: how many questions it must have.
    """
    return [
        *_missing(quiz, objectives, fewest),
        *_unknown(quiz, objectives),
        *_copied(quiz),
        *_given_away(quiz),
    ]


def _missing(quiz: Quiz, objectives: Collection[str], fewest: int) -> Iterator[str]:
    count = len(quiz.questions)
    if count < fewest:
        yield f"{quiz.place()}: {count} questions where {fewest} are wanted: add {fewest - count}"
    asked = {question.objective for question in quiz.questions}
    for objective in objectives:
        if objective not in asked:
            yield f"{quiz.place()}: no question asks the objective {objective!r}: add one"


def _unknown(quiz: Quiz, objectives: Collection[str]) -> Iterator[str]:
    for question in quiz.questions:
        name = question.objective
        if name not in objectives:
            near = difflib.get_close_matches(name, objectives, n=1) or sorted(objectives)
            yield (
                f"{quiz.place(question.id)}: question {question.id!r}: its lesson has no "
                f"objective {name!r}: use {' or '.join(near)}"
            )


def _copied(quiz: Quiz) -> Iterator[str]:
    for question in quiz.questions:
        if isinstance(question, Choice):
            whys = Counter(option.why for option in question.options if option.why)
            for why, count in whys.items():
                if count > 1:
                    yield (
                        f"{quiz.place(question.id)}: question {question.id!r}: {count} options "
                        f"share the explanation {why!r}: write one for each"
                    )


def _given_away(quiz: Quiz) -> Iterator[str]:
    """Readers soon notice when the longest option tends to be the right one."""
    asked = [q for q in quiz.questions if isinstance(q, Choice) and q.type == "single"]
    telling = [question.id for question in asked if _right_stands_out(question)]
    if len(telling) > max(2, len(asked) / 2):
        yield (
            f"{quiz.place()}: the right option is by far the longest in {', '.join(telling)}: "
            "shorten it or lengthen the others in some of them"
        )


def _right_stands_out(question: Choice) -> bool:
    wrong = max(len(option.text) for option in question.options if not option.right)
    return all(len(o.text) > _STANDS_OUT * wrong for o in question.options if o.right)

from collections.abc import Callable
from pathlib import Path

import pytest

from course_utils.quiz import QuizError, load_quiz


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (
            'text: "3", why: Three',
            'text: "3", right: true, why: Three',
            "- id: one",
            "question 'one': two options are marked right but the type is single; "
            "mark one, or use type: multiple",
        ),
        ('text: "4", right: true', 'text: "4"', "- id: one", "no option is marked right"),
        (
            '"`3`", why',
            '"`3`", right: true, why',
            "- id: chosen-print",
            "every option is marked right",
        ),
        (
            ", why: Three leaves a remainder.",
            "",
            "{id: a,",
            "'a' has no `why`: say why it is wrong",
        ),
        (", why: Four is twice two.", "", "{id: b,", "'b' has no `why`: say why it is right"),
        (
            "- id: several",
            "- id: one",
            "- id: one",
            "question 'one': two questions have this id: rename one",
        ),
        ("{id: c, ", "{id: a, ", '{id: a, text: "5"', "the id 'a' stands there twice"),
        ('text: "5", why: "Five', 'text: "3", why: "Five', "{id: c,", "the text '3' stands there"),
        (
            "right: the next word",
            "right: masked words",
            "{id: gpt",
            "the right side 'masked words'",
        ),
        ("left: GPT", "left: BERT", "{id: gpt", "the left side 'BERT' stands there twice"),
        ("{id: gpt", "{id: bert", "{id: bert, left: GPT", "the id 'bert' stands there twice"),
        ("predict, decode", "predict, pad", "items: [", "the item 'pad' stands there twice"),
        ("a tokenizer]", "The  Tokenizer]", "accepted: [token", "'the tokenizer' stands there"),
        ("    why: This line does what it should.\n", "", "{id: add", "'add' has no `why`"),
        (
            "prompt: Which are prime?",
            "prompt: Which?\n    why: x",
            "why: x",
            "only a bug",
        ),
    ],
)
def test_a_broken_rule_names_line_and_mend(
    edited: Callable[[str, str], Path],
    line_of: Callable[..., int],
    old: str,
    new: str,
    at: str,
    message: str,
) -> None:
    path = edited(old, new)
    with pytest.raises(QuizError) as caught:
        load_quiz(path)
    text = str(caught.value)
    assert message in text
    assert text.startswith(f"quizzes/part/edited.yaml:{line_of(at, path)}: question ")


def test_a_program_may_hold_the_same_line_twice(edited: Callable[[str, str], Path]) -> None:
    twice = "      - {id: again, text: 'total = 1'}\n      - {id: start,"
    bug = load_quiz(edited("      - {id: start,", twice)).question("fault")
    assert [option.text for option in bug.options][:2] == ["total = 1"] * 2  # type: ignore[union-attr]

from collections.abc import Callable
from pathlib import Path

import pytest

from course_utils.quiz import Bank, QuizError, load_bank

GRADED = Path(__file__).parent / "data/graded"


def test_the_public_side_is_read(bank: Bank) -> None:
    assert bank.id == "small"
    assert bank.paper_length == 5
    assert {question.type for question in bank.questions} == {
        "single", "multiple", "numeric", "order", "match", "output", "text", "bug",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('{id: b, text: "4"}', '{id: b, text: "4", right: true}', r"`options\.1\.right` is no key"),
        ("prompt: How much is 1/8?", "prompt: x, answer: 1", "`answer` is no key that belongs"),
        ("level: recall\n    type: single", "level: hard\n    type: single", "'even': `level`"),
        (
            "objective: count\n    level: recall",
            "objective: sing\n    level: recall",
            "no topic has",
        ),
        ("id: primes", "id: even", "two questions have this id"),
        ("{id: c, text: five}", "{id: b, text: five}", "the id 'b' stands there twice"),
        ('      - {id: r1, text: "9"}\n', "", "`rights` is wrong"),
        (
            "apply: 1, objectives: [spell]",
            "apply: 2, objectives: [spell]",
            "fewer than 2 objectives",
        ),
        ("questions: 3", "questions: 1", "do not lie between its 2 objectives and its 6"),
        ("[count, compare]", "[count, compare, sing]", "no question asks sing"),
        ("pass_at: 0.7", "pass_at: 7", "`pass_at` is wrong"),
    ],
)
def test_a_fault_names_line_and_mend(
    changed: Callable[[str, str, str], Path], old: str, new: str, message: str
) -> None:
    root = changed("quizzes", old, new)
    with pytest.raises(QuizError, match=message) as caught:
        load_bank(root / "quizzes/small.yaml")
    assert str(caught.value).startswith("quizzes/small.yaml:")


def test_the_edition_is_of_what_papers_depend_on(
    bank: Bank, changed: Callable[[str, str, str], Path]
) -> None:
    def edition(old: str, new: str) -> str:
        return load_bank(changed("quizzes", old, new) / "quizzes/small.yaml").edition

    assert edition("How much is 1/8?", "What is 1/8?") == bank.edition
    assert edition("id: even", "id: odd") != bank.edition
    assert edition('{id: c, text: "3"}', '{id: e, text: "3"}') != bank.edition
    assert edition("questions: 3", "questions: 4") != bank.edition

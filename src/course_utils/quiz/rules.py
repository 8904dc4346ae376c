"""The rules of a quiz that concern several fields at once: where each is broken, and the mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from course_utils.quiz.question import Choice, Match, Order, Question, Written
from course_utils.quiz.text import normal

__all__ = ["faults"]

Fault = tuple[list[str | int], str]


def faults(questions: Sequence[Question]) -> Iterator[Fault]:
    """Every broken rule, as the keys that lead to its place in the file and a message."""
    counts = Counter(question.id for question in questions)
    for number, question in enumerate(questions):
        for keys, message in _question_faults(question, counts[question.id]):
            yield ["questions", number, *keys], f"question {question.id!r}: {message}"


def _question_faults(question: Any, of_this_id: int) -> Iterator[Fault]:
    if of_this_id > 1:
        yield [], "two questions have this id: rename one"
    if isinstance(question, Choice):
        yield from _choice_faults(question)
    elif isinstance(question, Match):
        yield from _repeated("pairs", [pair.id for pair in question.pairs], "id")
        yield from _repeated("pairs", [pair.left for pair in question.pairs], "left side")
        yield from _repeated("pairs", [pair.right for pair in question.pairs], "right side")
    elif isinstance(question, Order):
        yield from _repeated("items", [item.id for item in question.items], "id")
        yield from _repeated("items", [item.text for item in question.items], "item")
    elif isinstance(question, Written):
        forms = [normal(text, question.case_sensitive) for text in question.accepted]
        yield from _repeated("accepted", forms, "text, case and spaces apart,")


def _choice_faults(question: Choice) -> Iterator[Fault]:
    yield from _key_faults(question)
    yield from _repeated("options", [option.id for option in question.options], "id")
    if question.type != "bug":  # a program may hold the same line twice
        yield from _repeated("options", [option.text for option in question.options], "text")
    if question.why and question.type != "bug":
        yield ["why"], "only a bug has a `why` for all its lines: give each option its own"
    for number, option in enumerate(question.options):
        if not question.why_of(option).strip():
            yield (
                ["options", number],
                f"option {option.id!r} has no `why`: say why it is {_right(option.right)}",
            )


def _right(right: bool) -> str:
    return "right" if right else "wrong"


def _key_faults(question: Choice) -> Iterator[Fault]:
    right = len(question.key)
    if right == 0:
        yield [], "no option is marked right: add `right: true` to one"
    elif right == len(question.options):
        yield [], "every option is marked right: add a wrong one"
    elif right > 1 and question.type != "multiple":
        numeral = "two" if right == 2 else str(right)
        yield (
            [],
            f"{numeral} options are marked right but the type is {question.type}; "
            "mark one, or use type: multiple",
        )


def _repeated(key: str, values: list[str], what: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, value in enumerate(values):
        if value in seen:
            yield [key, number], f"the {what} {value!r} stands there twice: make each different"
        seen.add(value)

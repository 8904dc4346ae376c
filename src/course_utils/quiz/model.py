"""What a quiz is: its questions by type, and the rules their data must obey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from course_utils.quiz.source import QuizError, Source

__all__ = [
    "Choice",
    "Match",
    "Numeric",
    "Option",
    "Order",
    "Pair",
    "Question",
    "Quiz",
    "Written",
    "load_quiz",
]

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
Text = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Strict):
    """One option: its text, whether it is right, and why."""

    id: Id
    text: Text
    right: bool = False
    why: Text


class Pair(_Strict):
    """Two things that belong together."""

    id: Id
    left: Text
    right: Text
    why: str = ""


class _Question(_Strict):
    """What every question has. `code` proves the key: it runs with `answer` bound to it."""

    id: Id
    objective: Text
    prompt: Text
    explain: Text
    code: str = ""


class Choice(_Question):
    """Choose one option, several, or the faulty one of several lines of code."""

    type: Literal["single", "multiple", "bug"]
    options: list[Option] = Field(min_length=2)

    @property
    def key(self) -> list[str]:
        """The ids of the right options."""
        return [option.id for option in self.options if option.right]


class Numeric(_Question):
    """Give a number; right within `tolerance`, absolute, or `relative`, a share of the answer."""

    type: Literal["numeric"]
    answer: float
    tolerance: float = Field(default=0.0, ge=0)
    relative: float = Field(default=0.0, ge=0, lt=1)
    unit: str = ""

    @property
    def key(self) -> float:
        """The answer."""
        return self.answer

    @property
    def margin(self) -> float:
        """How far from the answer is still right."""
        return max(self.tolerance, self.relative * abs(self.answer), 1e-9)


class Written(_Question):
    """Write a short text, or what a piece of code prints."""

    type: Literal["text", "output"]
    accepted: list[Text] = Field(min_length=1)
    case_sensitive: bool = False
    shown: str = ""

    @property
    def key(self) -> str:
        """The first accepted text."""
        return self.accepted[0]


class Order(_Question):
    """Put items in order; the file gives them in the right one."""

    type: Literal["order"]
    items: list[Text] = Field(min_length=3)

    @property
    def key(self) -> list[str]:
        """The ids of the items, in the right order."""
        return [f"i{n}" for n in range(len(self.items))]


class Match(_Question):
    """Find what belongs to what."""

    type: Literal["match"]
    pairs: list[Pair] = Field(min_length=2)

    @property
    def key(self) -> dict[str, str]:
        """For each left side the id of its right side: the pair's own."""
        return {pair.id: pair.id for pair in self.pairs}


Question = Annotated[Choice | Numeric | Written | Order | Match, Field(discriminator="type")]


class Quiz(_Strict):
    """A quiz: practice quizzes are marked in the page, graded ones by the instructor."""

    id: str
    title: Text
    kind: Literal["practice", "graded"] = "practice"
    questions: list[Question] = Field(min_length=1)

    def question(self, question_id: str) -> Question:
        """The question of that id.

        Raises:
            QuizError: there is none.
        """
        for question in self.questions:
            if question.id == question_id:
                return question
        ids = ", ".join(question.id for question in self.questions)
        raise QuizError(f"quiz {self.id} has no question {question_id!r}: it has {ids}")


def load_quiz(path: Path) -> Quiz:
    """Read and check the quiz in `path`; its id is the path below ``quizzes/``.

    Raises:
        QuizError: the file breaks a rule; the text names line, rule and mend.
    """
    source = Source.read(path)
    if not isinstance(source.data, dict):
        raise source.fault([], "a quiz is a mapping with title and questions")
    quiz_id = source.name.removeprefix("quizzes/").removesuffix(".yaml")
    try:
        quiz = Quiz.model_validate({"id": quiz_id, **source.data})
    except ValidationError as error:
        raise _first_fault(source, error) from error
    for keys, message in _faults(quiz):
        raise source.fault(keys, message)
    return quiz


def _first_fault(source: Source, error: ValidationError) -> QuizError:
    fault = error.errors()[0]
    # The discriminator puts the question's type into the path; it is no key of the file.
    keys = [key for n, key in enumerate(fault["loc"]) if n != 2 or fault["loc"][0] != "questions"]
    where = ".".join(str(key) for key in keys)
    return source.fault(keys, f"{where}: {fault['msg']}")


def _faults(quiz: Quiz) -> Iterator[tuple[list[str | int], str]]:
    """The rules that concern several fields: where each is broken, and the mend."""
    counts = Counter(question.id for question in quiz.questions)
    for number, question in enumerate(quiz.questions):
        place: list[str | int] = ["questions", number]
        if counts[question.id] > 1:
            yield place, f"two questions have the id {question.id!r}: rename one"
        for fault in _question_faults(question):
            yield place, f"question {question.id!r}: {fault}"


def _question_faults(question: Any) -> Iterator[str]:
    if isinstance(question, Choice):
        yield from _choice_faults(question)
    elif isinstance(question, Match):
        yield from _repeated("pairs", [pair.id for pair in question.pairs])
        yield from _repeated("right sides", [pair.right for pair in question.pairs])
    elif isinstance(question, Order):
        yield from _repeated("items", question.items)


def _choice_faults(question: Choice) -> Iterator[str]:
    yield from _repeated("options", [option.id for option in question.options])
    yield from _repeated("options", [option.text for option in question.options])
    right = len(question.key)
    if right == 0:
        yield "no option is marked right: add `right: true` to one"
    elif right > 1 and question.type != "multiple":
        yield (
            f"{right} options are marked right but the type is {question.type}: "
            "mark one, or use type: multiple"
        )


def _repeated(what: str, values: list[str]) -> Iterator[str]:
    for value, count in Counter(values).items():
        if count > 1:
            yield f"{what}: {value!r} stands there {count} times: make each different"

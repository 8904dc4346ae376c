"""The public side of a graded quiz: what is asked, and how papers are drawn; never a key."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag

from course_utils.quiz.question import Id, Item, Strict, Text, model_of
from course_utils.quiz.reading import read_questions
from course_utils.quiz.source import Source

__all__ = [
    "Asked",
    "AskedChoice",
    "AskedMatch",
    "AskedNumeric",
    "AskedOrder",
    "AskedWritten",
    "Bank",
    "Topic",
    "load_bank",
]


class _Asked(Strict):
    """What every question of a bank has; `level` is whether it is applied or only recalled."""

    id: Id
    objective: Id
    level: Literal["recall", "apply"]
    prompt: Text


class AskedChoice(_Asked):
    """Choose among options, or among the lines of a program."""

    type: Literal["single", "multiple", "bug", "output"]
    options: list[Item] = Field(min_length=2)
    shown: str = ""


class AskedNumeric(_Asked):
    """Give a number."""

    type: Literal["numeric"]
    unit: str = ""


class AskedWritten(_Asked):
    """Write a short text, or what the code shown prints."""

    type: Literal["text", "output"]
    shown: str = ""


class AskedOrder(_Asked):
    """Put items in order; the file gives them in another."""

    type: Literal["order"]
    items: list[Item] = Field(min_length=3)


class AskedMatch(_Asked):
    """Find what belongs to what; the ids of the two sides have nothing to do with each other."""

    type: Literal["match"]
    lefts: list[Item] = Field(min_length=2)
    rights: list[Item] = Field(min_length=2)


Asked = Annotated[
    Annotated[AskedChoice, Tag("choice")]
    | Annotated[AskedNumeric, Tag("numeric")]
    | Annotated[AskedWritten, Tag("written")]
    | Annotated[AskedOrder, Tag("order")]
    | Annotated[AskedMatch, Tag("match")],
    Discriminator(model_of),
]


class Topic(Strict):
    """A topic's share of a paper: how many questions, at least how many that apply, on what."""

    title: Text
    questions: int = Field(ge=1)
    apply: int = Field(ge=0)
    objectives: list[Id] = Field(min_length=1)


class Bank(Strict):
    """A graded quiz: the questions a paper is drawn from, and the share of points that passes."""

    id: str
    title: Text
    kind: Literal["graded"]
    pass_at: float = Field(gt=0, le=1)
    topics: list[Topic] = Field(min_length=1)
    questions: list[Asked] = Field(min_length=1)

    _source: Source | None = PrivateAttr(default=None)

    @property
    def source(self) -> Source | None:
        """The file it was read from."""
        return self._source

    @property
    def paper_length(self) -> int:
        """The number of questions of a paper."""
        return sum(topic.questions for topic in self.topics)

    @cached_property
    def edition(self) -> str:
        """A digest of what papers and responses depend on; wording is not part of it."""
        topics = [[t.questions, t.apply, t.objectives] for t in self.topics]
        asked = [[q.id, q.objective, q.level, q.type, _ids(q)] for q in self.questions]
        text = json.dumps([self.id, topics, asked], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def load_bank(path: Path) -> Bank:
    """Read and check the bank in `path`.

    Raises:
        QuizError: the file breaks a rule; the text names line, rule and mend.
    """
    source = Source.read(path)
    bank = read_questions(source, Bank)
    bank._source = source
    for number, question in enumerate(bank.questions):
        fault = _fault(bank, question)
        if fault:
            raise source.fault(["questions", number], f"question {question.id!r}: {fault}")
    for number, topic in enumerate(bank.topics):
        fault = _shortage(bank, topic)
        if fault:
            raise source.fault(["topics", number], f"topic {topic.title!r}: {fault}")
    return bank


def _ids(question: Asked) -> list[str]:
    """The ids that a response may name."""
    if isinstance(question, AskedChoice):
        return [option.id for option in question.options]
    if isinstance(question, AskedOrder):
        return [item.id for item in question.items]
    if isinstance(question, AskedMatch):
        return [item.id for item in (*question.lefts, *question.rights)]
    return []


def _fault(bank: Bank, question: Asked) -> str:
    if sum(other.id == question.id for other in bank.questions) > 1:
        return "two questions have this id: rename one"
    if not any(question.objective in topic.objectives for topic in bank.topics):
        return f"no topic has the objective {question.objective!r}: name one that has"
    twice = [name for name, count in Counter(_ids(question)).items() if count > 1]
    if twice:
        return f"the id {twice[0]!r} stands there twice: make each different"
    if isinstance(question, AskedMatch) and len(question.lefts) != len(question.rights):
        return "there must be as many right sides as left ones: add the missing"
    return ""


def _shortage(bank: Bank, topic: Topic) -> str:
    """Why no paper can be drawn, if so: each objective is asked, and enough must apply."""
    asked = [q for q in bank.questions if q.objective in topic.objectives]
    silent = set(topic.objectives) - {q.objective for q in asked}
    if silent:
        return f"no question asks {', '.join(sorted(silent))}: add one"
    if not topic.apply <= len({q.objective for q in asked if q.level == "apply"}):
        return f"fewer than {topic.apply} objectives have a question that applies: add some"
    if not len(topic.objectives) <= topic.questions <= len(asked):
        return (
            f"{topic.questions} questions a paper do not lie between its {len(topic.objectives)} "
            f"objectives and its {len(asked)} questions: change the number or add questions"
        )
    return ""

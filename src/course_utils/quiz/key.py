"""The secret side of a graded quiz: its keys, and the quiz that bank and keys make together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError

from course_utils.quiz.bank import (
    Asked,
    AskedChoice,
    AskedMatch,
    AskedNumeric,
    AskedOrder,
    AskedWritten,
    Bank,
)
from course_utils.quiz.model import Quiz
from course_utils.quiz.question import Id, Question, Strict, Text
from course_utils.quiz.reading import first_fault
from course_utils.quiz.rules import faults
from course_utils.quiz.source import QuizError, Source

__all__ = ["KeyedQuiz", "keys_folder", "load_keyed"]

_QUESTION: TypeAdapter[Question] = TypeAdapter(Question)


class _Key(Strict):
    """What every key has: the explanation, and code that proves it."""

    explain: Text
    code: str = ""


class _ChoiceKey(_Key):
    """The right options, and for each option why; a bug's other lines may share one `line_why`."""

    right: list[Id] = Field(min_length=1)
    why: dict[Id, Text]
    line_why: str = ""

    def fields(self, asked: AskedChoice) -> dict[str, Any]:
        options = [
            {"id": o.id, "text": o.text, "right": o.id in self.right, "why": self.why.get(o.id, "")}
            for o in asked.options
        ]
        return {"options": options, "why": self.line_why}

    def names(self, asked: AskedChoice) -> tuple[set[str], set[str]]:
        return {*self.right, *self.why}, {option.id for option in asked.options}


class _NumericKey(_Key):
    answer: FiniteFloat
    tolerance: FiniteFloat = Field(default=0.0, ge=0)
    relative: FiniteFloat = Field(default=0.0, ge=0, lt=1)

    def fields(self, asked: AskedNumeric) -> dict[str, Any]:
        return self.model_dump(exclude={"explain", "code"})

    def names(self, asked: AskedNumeric) -> tuple[set[str], set[str]]:
        return set(), set()


class _WrittenKey(_Key):
    accepted: list[Text] = Field(min_length=1)
    case_sensitive: bool = False

    def fields(self, asked: AskedWritten) -> dict[str, Any]:
        return self.model_dump(exclude={"explain", "code"})

    def names(self, asked: AskedWritten) -> tuple[set[str], set[str]]:
        return set(), set()


class _OrderKey(_Key):
    order: list[Id]

    def fields(self, asked: AskedOrder) -> dict[str, Any]:
        texts = {item.id: item.text for item in asked.items}
        return {"items": [{"id": name, "text": texts[name]} for name in self.order]}

    def names(self, asked: AskedOrder) -> tuple[set[str], set[str]]:
        return set(self.order), {item.id for item in asked.items}


class _MatchKey(_Key):
    pairs: dict[Id, Id]
    why: dict[Id, Text] = Field(default_factory=dict)

    def fields(self, asked: AskedMatch) -> dict[str, Any]:
        rights = {item.id: item.text for item in asked.rights}
        return {
            "pairs": [
                {
                    "id": left.id,
                    "left": left.text,
                    "right": rights[self.pairs[left.id]],
                    "right_id": self.pairs[left.id],
                    "why": self.why.get(left.id, ""),
                }
                for left in asked.lefts
            ]
        }

    def names(self, asked: AskedMatch) -> tuple[set[str], set[str]]:
        ids = {item.id for item in (*asked.lefts, *asked.rights)}
        return {*self.pairs, *self.pairs.values(), *self.why}, ids


_KEY_OF: dict[type, Any] = {
    AskedChoice: _ChoiceKey,
    AskedNumeric: _NumericKey,
    AskedWritten: _WrittenKey,
    AskedOrder: _OrderKey,
    AskedMatch: _MatchKey,
}


class KeyFile(Strict):
    """A file of keys: their name, which every record carries, and one key a question."""

    name: Text
    keys: dict[Id, dict[str, Any]]


class KeyedQuiz(Strict):
    """A bank joined with its keys: the complete quiz, and the name of the keys."""

    bank: Bank
    keys: str
    quiz: Quiz


def keys_folder(root: Path) -> Path:
    """The instructor's folder that ``COURSE_KEYS`` names, else the demo keys of the course."""
    named = os.environ.get("COURSE_KEYS")
    return Path(named) if named else root / "keys"


def load_keyed(bank: Bank, folder: Path) -> KeyedQuiz:
    """Join `bank` with its keys in `folder`, the file ``quizzes/ID.yaml``.

    Raises:
        QuizError: there is no such file, or a key does not fit its question; the text names file,
            line and mend.
    """
    path = folder / "quizzes" / f"{bank.id}.yaml"
    if not path.is_file():
        raise QuizError(
            f"{path}: the keys of the quiz {bank.id} are not there: "
            "set COURSE_KEYS to the folder that holds them"
        )
    source = Source.read(path, name=f"{folder.name}/quizzes/{bank.id}.yaml")
    try:
        found = KeyFile.model_validate(source.data)
    except ValidationError as error:
        raise first_fault(source, error) from error
    _refuse_strangers(source, bank, found)
    questions = [_join(source, asked, found.keys) for asked in bank.questions]
    ids = [question.id for question in questions]
    for keys, message in faults(questions):
        raise source.fault(["keys", ids[int(keys[1])]], message)
    quiz = Quiz(id=bank.id, title=bank.title, kind="graded", questions=questions)
    quiz._source = bank.source
    return KeyedQuiz(bank=bank, keys=found.name, quiz=quiz)


def _refuse_strangers(source: Source, bank: Bank, found: KeyFile) -> None:
    asked = {question.id for question in bank.questions}
    for name in found.keys:
        if name not in asked:
            raise source.fault(["keys", name], f"the bank has no question {name!r}: remove its key")


def _join(source: Source, asked: Asked, keys: dict[str, dict[str, Any]]) -> Question:
    at, owner = ["keys", asked.id], f"question {asked.id!r}: "
    if asked.id not in keys:
        raise source.fault(["keys"], f"{owner}it has no key: add one")
    try:
        key = _KEY_OF[type(asked)].model_validate(keys[asked.id])
    except ValidationError as error:
        raise first_fault(source, error, at, owner) from error
    for message in _misfits(asked, key):
        raise source.fault(at, f"{owner}{message}")
    public = asked.model_dump(exclude={"level", "options", "items", "lefts", "rights"})
    secret = {"explain": key.explain, "code": key.code}
    return _QUESTION.validate_python({**public, **secret, **key.fields(asked)})


def _misfits(asked: Asked, key: Any) -> Iterator[str]:
    named, known = key.names(asked)
    if named - known:
        yield f"it has no {sorted(named - known)[0]!r}: use one of {', '.join(sorted(known))}"
    if isinstance(key, _OrderKey) and sorted(key.order) != sorted(known):
        yield "`order` must name each item once"
    if isinstance(key, _MatchKey) and isinstance(asked, AskedMatch):
        lefts, rights = ({item.id for item in side} for side in (asked.lefts, asked.rights))
        if key.pairs.keys() != lefts or set(key.pairs.values()) != rights:
            yield "`pairs` must give each left side one right side, and use each once"

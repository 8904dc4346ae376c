"""Checks: functions of the assignment's author, run by the grader, outside the sandbox."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from course_utils.grade.keys import Keys

__all__ = ["Check", "CheckFailed", "Trial", "check", "checks_of"]

T = TypeVar("T")


class CheckFailed(Exception):  # noqa: N818
    """The submission did not do what the check wants; the text says what came instead."""


class Asked(Protocol):
    """Something whose functions can be called with plain values, by name."""

    def __call__(self, name: str, *arguments: Any) -> Any: ...


@dataclass(frozen=True)
class Trial:
    """What a check is given: the submission, the reference solution, and seeded chance.

    `ask` and `ask_reference` run in sandboxes of their own; what they return is plain.
    `folder` holds the files handed in beside the code. `keys` are the instructor's, for what is
    hidden from all and the same in several checks.
    """

    ask: Asked
    ask_reference: Asked
    random: random.Random
    folder: Mapping[str, bytes]
    keys: Keys

    def call(self, name: str, *arguments: Any, returns: type[T] | Any = Any) -> Any:
        """What the submission's function `name` returns, if it is of the type `returns`.

        Raises:
            CheckFailed: it raised, or what it returned is of another type.
        """
        found = self.ask(name, *arguments)
        try:
            return _adapter(returns).validate_python(found, strict=True)
        except ValidationError as error:
            fault = error.errors(include_input=False, include_url=False)[0]
            place = "".join(f"[{key!r}]" for key in fault["loc"])
            raise CheckFailed(f"{name} returned{place} a wrong value: {fault['msg']}") from None

    def reference(self, name: str, *arguments: Any) -> Any:
        """What the reference solution's function returns for the same arguments."""
        return self.ask_reference(name, *arguments)

    def expect(self, wanted: bool, otherwise: str) -> None:
        """Fail the check with the text `otherwise` unless `wanted` holds."""
        if not wanted:
            raise CheckFailed(otherwise)


#: A check's function: it returns nothing for all points, or the share of them from 0 to 1.
Function = Callable[[Trial], float | None]


@dataclass(frozen=True)
class Check:
    """One check; `public` ones are given to the learner, of hidden ones only title and hint."""

    id: str
    title: str
    points: float
    public: bool
    hint: str
    run: Function


def check(
    *, id: str, points: float, hint: str, public: bool = False
) -> Callable[[Function], Check]:
    """Make a function a check; the first line of its docstring is the check's title."""

    def made(function: Function) -> Check:
        title = (function.__doc__ or id).strip().splitlines()[0].rstrip(".")
        return Check(id, title, points, public, hint, function)

    return made


def checks_of(module: ModuleType) -> list[Check]:
    """The checks that a module defines, in its order, the public ones first.

    Hidden inputs must not be known to the process that answers a public check, since only
    public checks show what came back.
    """
    found = [value for value in vars(module).values() if isinstance(value, Check)]
    return sorted(found, key=lambda one: not one.public)


def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind, config={"arbitrary_types_allowed": True})

"""The rules of a course: late rules and limits by assignment or quiz, and learners' extensions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from course_utils.errors import CourseError
from course_utils.grade.assignment import Assignment
from course_utils.grade.policy import Extension, Policy
from course_utils.grade.roster import tidy_id

__all__ = ["Rules", "RulesError", "load_rules", "own_policies"]


class RulesError(CourseError):
    """The file of rules is malformed; the text names file, place and mend."""


class _Granted(Extension):
    """An extension, the learner and item it is for, and the instructor's reason."""

    learner: Annotated[str, AfterValidator(lambda text: tidy_id(text, "extensions"))]
    item: str = Field(min_length=1)
    why: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Policy = Field(default_factory=Policy)
    items: dict[str, Policy] = Field(default_factory=dict)
    extensions: list[_Granted] = Field(default_factory=list)

    @model_validator(mode="after")
    def _no_doubles(self) -> Self:
        granted = [(extension.learner, extension.item) for extension in self.extensions]
        for learner, item in granted:
            if granted.count((learner, item)) > 1:
                raise ValueError(f"{learner} has two extensions for {item}: keep one")
        return self


class Rules:
    """Answers which policy an item has, and which extension a learner has for it.

    What the file says of an item goes before the item's own policy in `base`, and that before the
    file's default.
    """

    def __init__(self, file: _File | None = None, base: Mapping[str, Policy] | None = None) -> None:
        file = file or _File()
        base = base or {}
        self._default = file.default
        self._items = {
            item: _merged(file.default, base.get(item), file.items.get(item))
            for item in {**base, **file.items}
        }
        self._extensions = {(e.learner, e.item): e for e in file.extensions}

    def policy(self, item: str) -> Policy:
        """The item's own rules, and the default where they say nothing."""
        return self._items.get(item, self._default)

    def extension(self, learner: str, item: str) -> Extension | None:
        """The learner's extension for the item, if one was granted."""
        return self._extensions.get((learner, item))


def own_policies(assignments: Iterable[Assignment]) -> dict[str, Policy]:
    """The rules that the assignments state themselves, by name.

    Raises:
        RulesError: a due date has no time zone.
    """
    return {assignment.name: _own_policy(assignment) for assignment in assignments}


def _own_policy(assignment: Assignment) -> Policy:
    said = assignment.description
    policy: dict[str, Any] = {"keep": said.attempts} if "attempts" in said.model_fields_set else {}
    if said.due is not None:
        if said.due.tzinfo is None:
            raise RulesError(
                f"assignments/{assignment.name}/assignment.yaml: due: {said.due} has no time zone: "
                "write it as 2026-12-04T18:00:00+01:00"
            )
        policy["due"] = said.due
    if said.max_attempts is not None:
        policy["max_attempts"] = said.max_attempts
    if said.late is not None:
        policy |= {"late_percent_per_day": 100 * said.late.per_day, "cutoff_days": said.late.days}
    return Policy.model_validate(policy)


def _merged(*policies: Policy | None) -> Policy:
    """One policy, in which what a later one says goes before what an earlier one does."""
    said: dict[str, Any] = {}
    for policy in policies:
        said.update(policy.model_dump(exclude_unset=True) if policy else {})
    return Policy.model_validate(said)


def load_rules(path: Path, base: Mapping[str, Policy] | None = None) -> Rules:
    """Read a YAML file with `default`, `items` and `extensions`.

    Raises:
        RulesError: it cannot be read or breaks the schema.
    """
    try:
        return Rules(_File.model_validate(yaml.safe_load(path.read_text("utf-8")) or {}), base)
    except OSError as error:
        raise RulesError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise RulesError(f"{path}:{line}: not YAML: check quotes and indentation") from error
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"]) or "the file"
        raise RulesError(f"{path}: {key}: {fault['msg']}") from error

"""A rubric of levels, by which an instructor gives points: one YAML file below ``rubrics/``."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from course_utils.errors import CourseError
from course_utils.quiz.source import Source

__all__ = ["Criterion", "Rubric", "RubricError", "load_rubric"]


class RubricError(CourseError):
    """A rubric is missing or malformed; the text names file, line and mend."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(_Strict):
    """One thing that is looked at: what work of each level shows, from the lowest."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=2)
    points: float = Field(gt=0)
    levels: list[str] = Field(min_length=2)

    def worth(self, level: int) -> float:
        """The points of a level, counted from 0: equal steps up to all of them."""
        return self.points * level / (len(self.levels) - 1)


class Rubric(_Strict):
    """Criteria, each with as many levels as there are names of levels."""

    title: str = Field(min_length=2)
    levels: list[str] = Field(min_length=2)
    criteria: list[Criterion] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [criterion.id for criterion in self.criteria]
        if len(set(names) | set(_OTHER)) < len(names) + len(_OTHER):
            raise ValueError(f"ids of criteria must differ, and from {', '.join(_OTHER)}")
        for criterion in self.criteria:
            if len(criterion.levels) != len(self.levels):
                raise ValueError(f"{criterion.id} needs {len(self.levels)} levels")
        return self

    @property
    def max_points(self) -> float:
        """What the highest levels give in all."""
        return sum(criterion.points for criterion in self.criteria)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a sheet: a learner, a level for each criterion, a note."""
        return ("learner", *(criterion.id for criterion in self.criteria), "note")


_OTHER = ("learner", "note")


def load_rubric(root: Path, name: str) -> Rubric:
    """Read ``root/rubrics/NAME.yaml``.

    Raises:
        RubricError: it is missing or malformed.
    """
    path = root / "rubrics" / f"{name}.yaml"
    if not path.is_file():
        names = ", ".join(sorted(one.stem for one in path.parent.glob("*.yaml"))) or "none yet"
        raise RubricError(f"there is no rubric {name!r}: there is {names}")
    source = Source.read(path, f"rubrics/{path.name}")
    try:
        return Rubric.model_validate(source.data)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise RubricError(str(source.fault(list(fault["loc"]), fault["msg"]))) from None

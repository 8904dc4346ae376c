"""What marking one submission yields: always one record, whose status says how it went."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["CheckResult", "Isolation", "Pending", "Record", "Status"]

#: How marking went. Only `grader_error` is no verdict on the submission: the grader itself failed.
Status = Literal["graded", "timeout", "memory", "crashed", "malformed", "policy", "grader_error"]

#: What stood between the submission and the machine, strongest first.
Isolation = Literal["namespaces", "landlock", "none"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckResult(_Frozen):
    """One check of a submission.

    `hint` is the author's and stands where the check failed. `detail` says what was wanted and
    what came, and is empty for hidden checks, whose inputs are never shown.
    """

    id: str
    title: str
    points: float = Field(ge=0)
    max_points: float = Field(gt=0)
    passed: bool
    public: bool
    hint: str = ""
    detail: str = ""


class Pending(_Frozen):
    """A part of the rubric that the instructor marks by hand: no zero until then."""

    title: str
    max_points: float = Field(gt=0)


class Record(_Frozen):
    """The marks of one submission to one assignment.

    `submission` is the path as it was given and `sha256` the hash of what was found there (empty
    where nothing could be read). `keys` names the instructor's set, or is ``"demo"``. `why` is
    one sentence for the reader. `seconds` is the wall time that marking took. The points of
    `pending` stand beside `max_score`, which is that of the checks.
    """

    assignment: str
    submission: str
    sha256: str
    status: Status
    why: str
    score: float = Field(ge=0)
    max_score: float = Field(ge=0)
    checks: list[CheckResult]
    pending: list[Pending] = Field(default_factory=list)
    seconds: float = Field(ge=0)
    isolation: Isolation
    keys: str

"""Files of responses to a graded quiz: what a learner's page exports, one record for each."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from course_utils.quiz.key import KeyedQuiz
from course_utils.quiz.mark import QuestionMark, mark_question
from course_utils.quiz.paper import MOST_ATTEMPTS, draw
from course_utils.quiz.question import Strict
from course_utils.quiz.responses import read_json
from course_utils.quiz.source import QuizError

__all__ = [
    "Objective",
    "ObjectiveMark",
    "Record",
    "as_csv",
    "find_files",
    "mark_files",
    "write_records",
]

#: A paper's responses take some kilobytes.
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Objective:
    """What feedback says of an objective: its text, and the links to what teaches it."""

    text: str
    read: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectiveMark:
    """The points of one objective's questions, and where to read on."""

    id: str
    text: str
    score: float
    max_score: int
    read: tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """One file's mark, or why it was rejected; what is not known of a rejected file is None.

    `sha256` is the file's digest, `keys` the name of the keys it was marked with.
    """

    file: str
    sha256: str
    quiz: str
    edition: str
    keys: str
    status: Literal["marked", "rejected"]
    why: str = ""
    learner: str | None = None
    attempt: int | None = None
    score: float | None = None
    max_score: int | None = None
    passed: bool | None = None
    objectives: list[ObjectiveMark] = field(default_factory=list)
    questions: list[QuestionMark] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """The record as plain values."""
        return asdict(self)


class _HandedIn(Strict):
    quiz: str
    edition: str
    learner: str
    attempt: int = Field(ge=1, le=MOST_ATTEMPTS)
    paper: list[str]
    responses: dict[str, Any]


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The files named, and the ``.json`` files below the folders named, in order.

    Raises:
        QuizError: a path is neither.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*.json") if p.is_file())
        elif path.is_file():
            found.append(path)
        else:
            raise QuizError(f"{path}: there is no such file or folder")
    return list(dict.fromkeys(found))


def mark_files(
    keyed: KeyedQuiz, files: Sequence[Path], objectives: Mapping[str, Objective] | None = None
) -> list[Record]:
    """One record for each file, in order; a file that cannot be marked is rejected by name.

    A file must hold the very paper that quiz, learner and attempt draw. Of two files of one
    attempt none is marked, unless they say the same: which of them counts is not ours to choose.
    """
    records = [_record(keyed, path, objectives or {}) for path in files]
    return list(_without_doubles(records))


def _record(keyed: KeyedQuiz, path: Path, objectives: Mapping[str, Objective]) -> Record:
    bank = keyed.bank
    try:
        content = _content(path)
    except QuizError as error:
        return Record(str(path), "", bank.id, bank.edition, keyed.keys, "rejected", str(error))
    digest = hashlib.sha256(content).hexdigest()
    blank = Record(str(path), digest, bank.id, bank.edition, keyed.keys, "rejected")
    try:
        handed_in = _checked(keyed, content)
    except QuizError as error:
        return replace(blank, why=str(error))
    marks = [_mark(keyed, name, handed_in.responses.get(name)) for name in handed_in.paper]
    score = sum(mark.score for mark in marks)
    return replace(
        blank,
        status="marked",
        learner=handed_in.learner,
        attempt=handed_in.attempt,
        score=score,
        max_score=len(marks),
        passed=score >= bank.pass_at * len(marks) - 1e-9,
        objectives=list(_by_objective(keyed, marks, objectives)),
        questions=marks,
    )


def _content(path: Path) -> bytes:
    if path.is_symlink():
        raise QuizError("it is a link: hand in the file itself")
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise QuizError(f"cannot be read ({error.strerror})") from error
    if len(content) > _MOST_BYTES:
        raise QuizError(f"is larger than {_MOST_BYTES} bytes: hand in what the page exported")
    return content


def _checked(keyed: KeyedQuiz, content: bytes) -> _HandedIn:
    bank = keyed.bank
    data = read_json(content)
    try:
        handed_in = _HandedIn.model_validate(data, strict=True)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "it"
        raise QuizError(f"is not what the page exports: {place}: {fault['msg']}") from error
    if handed_in.quiz != bank.id:
        raise QuizError(f"belongs to the quiz {handed_in.quiz!r}, not to {bank.id!r}")
    if handed_in.edition != bank.edition:
        raise QuizError(
            f"was taken with edition {handed_in.edition!r} of the quiz, this is {bank.edition!r}: "
            "mark it with the bank that the learner's page had"
        )
    if handed_in.paper != draw(bank, handed_in.learner, handed_in.attempt):
        raise QuizError(
            f"its paper is not the one of {handed_in.learner}, attempt {handed_in.attempt}: "
            "the questions were drawn for somebody else, or changed"
        )
    strangers = handed_in.responses.keys() - set(handed_in.paper)
    if strangers:
        raise QuizError(f"answers {min(strangers)!r}, which its paper does not ask")
    return handed_in


def _mark(keyed: KeyedQuiz, question_id: str, response: Any) -> QuestionMark:
    """As practice is marked; a response of the wrong shape is wrong, and told so."""
    question = keyed.quiz.question(question_id)
    try:
        return mark_question(question, response)
    except QuizError as error:
        feedback = [str(error), question.explain]
        return QuestionMark(question.id, question.objective, 0.0, {}, feedback)


def _by_objective(
    keyed: KeyedQuiz, marks: list[QuestionMark], objectives: Mapping[str, Objective]
) -> Iterator[ObjectiveMark]:
    for topic in keyed.bank.topics:
        for name in topic.objectives:
            scores = [mark.score for mark in marks if mark.objective == name]
            known = objectives.get(name, Objective(name))
            yield ObjectiveMark(name, known.text, sum(scores), len(scores), known.read)


def _without_doubles(records: list[Record]) -> Iterator[Record]:
    same: dict[tuple[str | None, int | None], list[Record]] = defaultdict(list)
    for record in records:
        same[record.learner, record.attempt].append(record)
    for record in records:
        twins = same[record.learner, record.attempt]
        if record.status == "rejected" or (twins[0] is record and _agree(twins)):
            yield record
            continue
        others = ", ".join(twin.file for twin in twins if twin is not record)
        if _agree(twins):
            why = f"says the same as {twins[0].file}, which is marked"
        else:
            why = (
                f"is not the only file of {record.learner}, attempt {record.attempt}: see {others}"
            )
        yield replace(
            record, status="rejected", why=why, score=None, max_score=None, passed=None,
            objectives=[], questions=[],
        )  # fmt: skip


def _agree(twins: list[Record]) -> bool:
    return all(twin.questions == twins[0].questions for twin in twins)


def write_records(records: Sequence[Record], folder: Path) -> None:
    """Write each record to a file of `folder`, named by quiz and a digest of path and content.

    Raises:
        QuizError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for record in records:
            name = hashlib.sha256(f"{record.file}\n{record.sha256}".encode()).hexdigest()
            target = folder / f"{record.quiz.replace('/', '-')}-{name[:16]}.json"
            text = json.dumps(record.as_data(), indent=2, ensure_ascii=False)
            with tempfile.NamedTemporaryFile(
                "w", dir=folder, delete=False, encoding="utf-8"
            ) as new:
                new.write(text + "\n")
            Path(new.name).replace(target)
    except OSError as error:
        raise QuizError(f"{folder}: cannot be written ({error.strerror})") from error


def as_csv(records: Sequence[Record]) -> str:
    """A table with a row for each record and, for each objective, the share of its points."""
    names = list(dict.fromkeys(mark.id for record in records for mark in record.objectives))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_COLUMNS, *names])
    for record in records:
        shares = {m.id: round(m.score / m.max_score, 4) for m in record.objectives if m.max_score}
        row = [getattr(record, column) for column in _COLUMNS]
        writer.writerow([_cell(value) for value in [*row, *(shares.get(name) for name in names)]])
    return out.getvalue()


_COLUMNS = ["learner", "attempt", "status", "score", "max_score", "passed", "keys", "file", "why"]


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets a quote before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value

"""What a learner handed in, read without running any of it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from course_utils.grade.assignment import WantedFile

__all__ = ["Refused", "Submission", "read_submission"]

CODE_BYTES = 5_000_000
CELLS = 2_000
SUFFIXES = (".py", ".ipynb")


class Refused(Exception):  # noqa: N818
    """The submission is not marked; `status` says whether it is malformed or against the rules."""

    def __init__(self, status: Literal["malformed", "policy"], why: str) -> None:
        super().__init__(why)
        self.status: Literal["malformed", "policy"] = status
        self.why = why


@dataclass(frozen=True)
class Submission:
    """The code cells in order, the other files by name, and the hash of it all."""

    sha256: str
    cells: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)


class _Cell(BaseModel):
    cell_type: str
    source: str | list[str] = Field(default="")

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)


class _Notebook(BaseModel):
    nbformat: int = Field(ge=4, le=4)
    cells: list[_Cell] = Field(max_length=CELLS)


_NOTEBOOK = TypeAdapter(_Notebook)


def read_submission(
    path: Path, wanted: Sequence[WantedFile] = (), *, beside: bool = False
) -> Submission:
    """Read a ``.py`` or ``.ipynb`` file, or a folder with one of them and the files `wanted`.

    With `beside`, the files that lie beside a single file are taken as handed in with it.

    Raises:
        Refused: it is malformed, or holds a link or what no file is, or is too large.
    """
    if stat.S_ISDIR(_kind(path)):
        code, files = _folder(path, wanted)
    else:
        code, files = path, _wanted(path.parent, wanted) if beside else {}
        missing = next((f for f in wanted if f.required and f.name not in files), None)
        if missing is not None:
            raise Refused(
                "malformed", f"hand in a folder: {missing.name} is missing beside the code"
            )
    if code.suffix not in SUFFIXES:
        raise Refused("malformed", f"a submission ends in {' or '.join(SUFFIXES)}")
    data = _bytes(code, CODE_BYTES)
    cells = _notebook_cells(data) if code.suffix == ".ipynb" else _script_cells(data)
    return Submission(_hash({f"code{code.suffix}": data, **files}), cells, files)


def hash_of(path: Path) -> str:
    """A hash of what is there, for the record of a submission that was refused; or nothing."""
    try:
        return hashlib.sha256(_bytes(path, CODE_BYTES)).hexdigest()
    except Refused:
        return ""


def _folder(path: Path, wanted: Sequence[WantedFile]) -> tuple[Path, dict[str, bytes]]:
    allowed = {file.name: file for file in wanted}
    names = sorted(entry.name for entry in path.iterdir())[:1000]
    codes = [name for name in names if Path(name).suffix in SUFFIXES]
    if len(codes) != 1:
        raise Refused("malformed", f"a folder holds one .py or .ipynb; this one has {len(codes)}")
    for name in names:
        if name not in allowed and name != codes[0]:
            raise Refused("policy", f"a file that was not asked for: {ascii(name)[:80]}")
    for file in wanted:
        if file.required and file.name not in names:
            raise Refused("malformed", f"{file.name} is missing")
    return path / codes[0], _wanted(path, wanted)


def _wanted(folder: Path, wanted: Sequence[WantedFile]) -> dict[str, bytes]:
    """Those of the wanted files that the folder holds."""
    there = {entry.name for entry in folder.iterdir()}
    return {
        file.name: _bytes(folder / file.name, int(file.megabytes * 1e6))
        for file in wanted
        if file.name in there
    }


def _kind(path: Path) -> int:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        raise Refused("malformed", f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise Refused("malformed", "cannot be read: the name holds a zero byte") from None
    if stat.S_ISLNK(mode):
        raise Refused("policy", "a symbolic link; hand in the file itself")
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise Refused("policy", "neither a file nor a folder")
    return mode


def _bytes(path: Path, limit: int) -> bytes:
    """The file's bytes; a link or a device is never followed or opened, whatever the race."""
    if stat.S_ISDIR(_kind(path)):
        raise Refused("policy", "a folder stands where a file is wanted")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Refused("malformed", f"cannot be read: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused("policy", "not a regular file")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Refused("policy", f"larger than the {limit / 1e6:g} MB allowed")
    return data


def _notebook_cells(data: bytes) -> tuple[str, ...]:
    try:
        found = _NOTEBOOK.validate_python(json.loads(data))
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, fault["loc"])) or "the file"
        raise Refused("malformed", f"no notebook of format 4: {place}: {fault['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise Refused("malformed", f"no notebook: {type(error).__name__}") from None
    return tuple(cell.text for cell in found.cells if cell.cell_type == "code")


def _script_cells(data: bytes) -> tuple[str, ...]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("malformed", "no UTF-8 text") from None
    return tuple(_cells(text))


def _cells(text: str) -> list[str]:
    """The cells of a script, by its ``# %%`` lines alone: learners' text is not parsed here."""
    cells: list[list[str]] = [[]]
    kinds = ["code"]
    for line in text.splitlines():
        if line.startswith("# %%"):
            cells.append([])
            kinds.append("markdown" if "[markdown]" in line else "code")
        else:
            cells[-1].append(line)
    joined = ("\n".join(lines) for lines, kind in zip(cells, kinds, strict=True) if kind == "code")
    return [cell for cell in joined if cell.strip()]


def _hash(parts: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(parts.items()):
        digest.update(f"{name}\n{len(data)}\n".encode() + data)
    return digest.hexdigest()

"""What a written repository holds: commits, branches, tags and discussions, as plain data."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

__all__ = ["MAIN", "Blob", "Commit", "History", "now"]

MAIN = "refs/heads/main"


def now() -> str:
    """This moment, as the Hub writes times."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@dataclass(frozen=True)
class Blob:
    """The content of one file: `sha256` names its bytes, `oid` is its git blob id, size in bytes.

    A `large` one came by the LFS route.
    """

    sha256: str
    oid: str
    size: int
    large: bool = False


@dataclass(frozen=True)
class Commit:
    """One state of all files, by path."""

    id: str
    parents: tuple[str, ...]
    title: str
    message: str
    date: str
    files: dict[str, Blob]

    @classmethod
    def on(
        cls, parents: tuple[str, ...], files: dict[str, Blob], title: str, message: str = ""
    ) -> Commit:
        """A new commit; its id covers content, parents, title and time."""
        date = now()
        content = {path: blob.oid for path, blob in sorted(files.items())}
        text = json.dumps([content, parents, title, message, date])
        name = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        return cls(name, parents, title, message, date, dict(sorted(files.items())))


@dataclass
class History:
    """Everything about one written repository. A deleted one hides what lies beneath it."""

    private: bool = False
    deleted: bool = False
    created: str = field(default_factory=now)
    refs: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    discussions: list[dict[str, Any]] = field(default_factory=list)

    def resolve(self, revision: str) -> Commit | None:
        """The commit that a branch, tag, reference or commit id names, or None."""
        names = (revision, f"refs/heads/{revision}", f"refs/tags/{revision}")
        found = next((self.refs[name] for name in names if name in self.refs), None)
        if revision == "HEAD":
            found = self.refs.get(MAIN)
        return self.commits.get(found or revision)

    def add(self, ref: str, commit: Commit) -> None:
        """Record a commit and move `ref` to it."""
        self.commits[commit.id] = commit
        self.refs[ref] = commit.id

    def log(self, commit: Commit) -> list[Commit]:
        """A commit and its ancestors by first parents, newest first."""
        found = [commit]
        while found[-1].parents and found[-1].parents[0] in self.commits:
            found.append(self.commits[found[-1].parents[0]])
        return found

    def to_json(self) -> str:
        """The whole history as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> History:
        """The history that `to_json` wrote."""
        raw = json.loads(text)
        commits = {name: _commit(entry) for name, entry in raw.pop("commits").items()}
        return cls(**raw, commits=commits)


def _commit(raw: dict[str, Any]) -> Commit:
    files = {path: Blob(**blob) for path, blob in raw.pop("files").items()}
    return Commit(**{**raw, "parents": tuple(raw["parents"])}, files=files)

"""The repositories a Hub serves: folders on disk, read in layers, each commit a content hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from course_utils.errors import CourseError
from course_utils.hub.card import card_tags, parse_card, summary

if TYPE_CHECKING:
    from course_utils.hub.history import History

__all__ = ["File", "Kind", "Layer", "Level", "Repo", "Store", "blob_id", "is_repo_id"]

Kind = Literal["models", "datasets", "spaces"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}", re.ASCII)


@dataclass(frozen=True)
class File:
    """One file of a repository: its path inside it and where its bytes lie."""

    path: str
    location: Path
    size: int
    modified_ns: int
    sha256: str = ""  # of the content, where it came by the LFS route

    @property
    def oid(self) -> str:
        """The git blob id of the content, in hex."""
        return blob_id(self.location, self.size, self.modified_ns)


@dataclass(frozen=True)
class Repo:
    """One repository at one of its commits; only a written one has a history."""

    kind: Kind
    id: str
    files: tuple[File, ...]
    commit: str = ""
    history: History | None = None
    any_revision: bool = False  # whether every revision names the one commit there is

    @cached_property
    def sha(self) -> str:
        """The commit; without history a hash of every path and its content, everywhere the same."""
        if self.commit:
            return self.commit
        lines = "".join(f"{file.path}\0{file.oid}\n" for file in self.files)
        return hashlib.sha1(lines.encode(), usedforsecurity=False).hexdigest()

    @cached_property
    def readme(self) -> str:
        """The text of README.md, empty where there is none."""
        file = self.file("README.md")
        return file.location.read_text("utf-8", errors="replace") if file else ""

    @cached_property
    def card(self) -> dict[str, Any]:
        """The card's front matter."""
        return parse_card(self.readme)

    @cached_property
    def tags(self) -> list[str]:
        """The tags by which it can be found."""
        return card_tags(self.kind, self.card)

    @property
    def key(self) -> str:
        """Its name in the record of reads."""
        return f"{self.kind}/{self.id}"

    @property
    def modified(self) -> str:
        """When its newest file changed, as the Hub writes times."""
        newest = max((file.modified_ns for file in self.files), default=0) / 1e9
        return datetime.fromtimestamp(newest, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def file(self, path: str) -> File | None:
        """The file at `path`, or None."""
        return next((file for file in self.files if file.path == path), None)

    def has_revision(self, revision: str) -> bool:
        """Whether `revision` names the one commit there is."""
        return self.any_revision or revision in ("main", "HEAD", "refs/heads/main", self.sha)

    def describe(self) -> dict[str, Any]:
        """The repository as ``course hub list --json`` gives it; size in bytes."""
        return {
            "kind": self.kind,
            "id": self.id,
            "sha": self.sha,
            "files": len(self.files),
            "size": sum(file.size for file in self.files),
            "summary": summary(self.readme),
        }


@dataclass(frozen=True)
class Layer:
    """A folder ``{models,datasets,spaces}/ORG/NAME/…`` of repositories."""

    root: Path

    def repo(self, kind: Kind, repo_id: str) -> Repo | None:
        """The repository `repo_id`, or None where this layer has none of that name."""
        if not is_repo_id(repo_id):
            return None
        folder = self.root / kind / repo_id
        if not folder.is_dir() or not _is_inside(folder, self.root):
            return None
        return Repo(kind, repo_id, tuple(_files(folder)))

    def hides(self, kind: Kind, repo_id: str) -> bool:
        """Nothing is deleted in a folder."""
        return False

    def ids(self, kind: Kind) -> Iterator[str]:
        """The ids of all repositories of one kind."""
        for folder in sorted((self.root / kind).glob("*/*")):
            if folder.is_dir() and _NAME.fullmatch(folder.name):
                yield f"{folder.parent.name}/{folder.name}"


class Level(Protocol):
    """A place that may have repositories, or hide those of the places beneath it."""

    def repo(self, kind: Kind, repo_id: str) -> Repo | None: ...
    def ids(self, kind: Kind) -> Iterator[str]: ...
    def hides(self, kind: Kind, repo_id: str) -> bool: ...


@dataclass(frozen=True)
class Store:
    """Layers looked up in order: the first that has a repository serves it."""

    layers: tuple[Level, ...]

    @classmethod
    def over(cls, roots: Sequence[Path]) -> Store:
        """A store over folders that must exist.

        Raises:
            CourseError: a folder is missing.
        """
        for root in roots:
            if not root.is_dir():
                raise CourseError(
                    f"{root} is no folder: give --root a folder with models/, datasets/ or spaces/"
                )
        return cls(tuple(Layer(root.resolve()) for root in roots))

    def repo(self, kind: Kind, repo_id: str) -> Repo | None:
        """The repository of the first layer that has it, or None."""
        for layer in self.layers:
            if layer.hides(kind, repo_id):
                return None
            if found := layer.repo(kind, repo_id):
                return found
        return None

    def under(self, layer: Level) -> Store:
        """The same store with one more layer on top."""
        return Store((layer, *self.layers))

    def repos(self, kind: Kind) -> list[Repo]:
        """All repositories of one kind, by id."""
        ids = {repo_id for layer in self.layers for repo_id in layer.ids(kind)}
        found = (self.repo(kind, repo_id) for repo_id in sorted(ids))
        return [repo for repo in found if repo]


def is_repo_id(repo_id: str) -> bool:
    """Whether this can be the id of a repository: ORG/NAME."""
    parts = repo_id.split("/")
    return len(parts) == 2 and all(_NAME.fullmatch(part) for part in parts)


def _files(folder: Path) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith((".", "__pycache__")) for part in name.split("/"))
        if not hidden and path.is_file() and _is_inside(path, folder):
            stat = path.stat()
            yield File(name, path, stat.st_size, stat.st_mtime_ns)


def _is_inside(path: Path, folder: Path) -> bool:
    """A link that leads out of the folder is not served."""
    return path.resolve().is_relative_to(folder.resolve())


@lru_cache(maxsize=4096)
def blob_id(location: Path, size: int, _modified_ns: int) -> str:
    """The git blob id of a file's content, in hex."""
    digest = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    with location.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()

"""What one token wrote, laid over the Hub's own repositories: nobody else sees it."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from filelock import FileLock

from course_utils.hub.history import MAIN, Blob, Commit, History
from course_utils.hub.store import File, Kind, Repo, blob_id, is_repo_id

__all__ = ["Overlay", "Overlays", "Upload"]

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Overlays:
    """The overlays of all tokens, each in a folder named by a hash of its token."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[str, Overlay] = {}

    def of(self, token: str) -> Overlay:
        """The overlay of one token."""
        return self.named(hashlib.sha256(token.encode()).hexdigest()[:24])

    def named(self, name: str) -> Overlay:
        """The overlay in the folder `name`."""
        return self._known.setdefault(name, Overlay(self.root / name))


class Overlay:
    """A layer of written repositories: contents under ``blobs/``, a history per repository."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def name(self) -> str:
        """The folder's name, which stands for the token."""
        return self.root.name

    @cached_property
    def lock(self) -> FileLock:
        """Held while a history is read and replaced, by all processes that serve the folder."""
        self.root.mkdir(parents=True, exist_ok=True)
        return FileLock(self.root / ".lock")

    def hides(self, kind: Kind, repo_id: str) -> bool:
        """Whether a repository was deleted here."""
        history = self.history(kind, repo_id)
        return history is not None and history.deleted

    def repo(self, kind: Kind, repo_id: str) -> Repo | None:
        """The repository at the head of its main branch, or None where it was not written."""
        history = self.history(kind, repo_id)
        if history is None or history.deleted:
            return None
        return self.snapshot(kind, repo_id, history, history.commits[history.refs[MAIN]])

    def ids(self, kind: Kind) -> Iterator[str]:
        """The ids of all repositories of one kind that were written."""
        for path in sorted((self.root / "repos" / kind).glob("*/*.json")):
            yield f"{path.parent.name}/{path.stem}"

    def history(self, kind: Kind, repo_id: str) -> History | None:
        """The history of a repository, or None where it was not written."""
        if not is_repo_id(repo_id):
            return None
        try:
            return History.from_json(self._path(kind, repo_id).read_text("utf-8"))
        except FileNotFoundError:
            return None

    def snapshot(self, kind: Kind, repo_id: str, history: History, commit: Commit) -> Repo:
        """The repository as one of its commits has it."""
        files = tuple(self._file(path, blob) for path, blob in commit.files.items())
        return Repo(kind, repo_id, files, commit.id, history)

    def save(self, kind: Kind, repo_id: str, history: History) -> None:
        """Store a history in place of the one there was."""
        path = self._path(kind, repo_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.lock:
            _replace(path, history.to_json().encode())

    @contextmanager
    def changing(self, repo: Repo) -> Iterator[History]:
        """The history to change, stored when the block ends well; one change at a time.

        A repository that was not written here begins with the content of `repo`.
        """
        with self.lock:
            history = self.history(repo.kind, repo.id) or self._begin(repo)
            yield history
            self.save(repo.kind, repo.id, history)

    def has(self, sha256: str) -> bool:
        """Whether a content is there."""
        return bool(_SHA256.fullmatch(sha256)) and self._blob(sha256).is_file()

    def put(self, content: bytes) -> Blob:
        """Keep a small content."""
        with Upload(self) as upload:
            upload.write(content)
        return self.blob(upload.sha256)

    def blob(self, sha256: str, *, large: bool = False) -> Blob:
        """The blob of a content that is there."""
        path = self._blob(sha256)
        stat = path.stat()
        return Blob(sha256, blob_id(path, stat.st_size, stat.st_mtime_ns), stat.st_size, large)

    def _begin(self, repo: Repo) -> History:
        """A history whose first commit is the repository as the layer beneath has it."""
        history = History()
        files = {file.path: self.put(file.location.read_bytes()) for file in repo.files}
        first = Commit(repo.sha, (), "content of this folder", "", repo.modified, files)
        history.add(MAIN, first)
        return history

    def _file(self, path: str, blob: Blob) -> File:
        location = self._blob(blob.sha256)
        return File(
            path, location, blob.size, location.stat().st_mtime_ns, blob.sha256 * blob.large
        )

    def _blob(self, sha256: str) -> Path:
        return self.root / "blobs" / sha256[:2] / sha256

    def _path(self, kind: Kind, repo_id: str) -> Path:
        return self.root / "repos" / kind / f"{repo_id}.json"


class Upload:
    """A content on its way in: written beside its place, moved there when complete."""

    def __init__(self, overlay: Overlay) -> None:
        self.overlay = overlay
        self.digest = hashlib.sha256()
        self.path = overlay.root / "blobs" / f".{uuid.uuid4().hex}"

    def __enter__(self) -> Upload:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.stream = self.path.open("wb")
        return self

    def write(self, chunk: bytes) -> None:
        """Append bytes."""
        self.digest.update(chunk)
        self.stream.write(chunk)

    @property
    def sha256(self) -> str:
        """The hash of what has been written so far."""
        return self.digest.hexdigest()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stream.close()
        place = self.overlay._blob(self.sha256)
        if kind is None and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            self.path.replace(place)
        self.path.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)

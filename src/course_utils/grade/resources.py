"""What a submission may read: pocket checkpoints, laid out as the Hub's own cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from course_utils import hub
from course_utils.grade.assignment import AssignmentError

__all__ = ["CACHE_INSIDE", "lay_out"]

CACHE_INSIDE = "/resources"


def lay_out(ids: Sequence[str], folder: Path) -> Path:
    """A cache below `folder` from which `from_pretrained` reads the repositories `ids`, offline.

    Raises:
        AssignmentError: the pocket Hub has no such checkpoint.
    """
    sources = {one: _checkpoint(one) for one in ids}
    commits = {one: _commit(source) for one, source in sources.items()}
    name = hashlib.sha256(repr(sorted(commits.items())).encode()).hexdigest()[:16]
    target = folder / name
    if target.is_dir():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder))
    for one, source in sources.items():
        place = fresh / "hub" / f"models--{one.replace('/', '--')}"
        snapshot = place / "snapshots" / commits[one]
        snapshot.mkdir(parents=True)
        for file in source.iterdir():
            shutil.copyfile(file, snapshot / file.name)
        (place / "refs").mkdir()
        (place / "refs" / "main").write_text(commits[one], "ascii")
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # submissions run as another user
    try:
        os.rename(fresh, target)  # noqa: PTH104
    except OSError:
        shutil.rmtree(fresh)
    return target


def _checkpoint(one: str) -> Path:
    organisation, _, name = one.partition("/")
    folder = hub.checkpoint_folder(name)
    if organisation != "pocket" or not folder.is_dir():
        raise AssignmentError(f"assignment.yaml: resources: there is no checkpoint {one!r}")
    return folder


def _commit(folder: Path) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for path in sorted(folder.iterdir()):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()

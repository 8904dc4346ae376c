"""Running the author's own solution as a program, for the files that it hands in."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_utils import hub, world
from course_utils.grade.assignment import AssignmentError
from course_utils.grade.store import libraries

__all__ = ["produced"]

SECONDS = 1800.0


def produced(
    script: str, names: Sequence[str], folder: Path, given: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """The files `names` after `script` ran with the files `given` and the pocket Hub beside it.

    What was made once from the same is taken from below `folder`. Only for scripts that one
    trusts: there is no sandbox.

    Raises:
        AssignmentError: the script failed, or did not write them all.
    """
    given = given or {}
    place = folder / "produced" / _key(script, given)
    if not all((place / name).is_file() for name in names):
        place.mkdir(parents=True, exist_ok=True)
        _run(script, names, given, place)
    return {name: (place / name).read_bytes() for name in names}


def _run(script: str, names: Sequence[str], given: Mapping[str, bytes], place: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place) as made, hub.launch() as running:
        work = Path(made, "work")
        work.mkdir()
        for name, data in given.items():
            (work / name).write_bytes(data)
        (work / "solution.py").write_text(script, "utf-8")
        own = {"HF_ENDPOINT": running.endpoint, "HF_HOME": str(Path(made, "home"))}
        ended = subprocess.run(
            [sys.executable, "solution.py"],
            cwd=work,
            env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_DISABLE_XET": "1", **own},
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        if ended.returncode:
            last = ended.stderr.strip().rpartition("\n")[2]
            raise AssignmentError(f"solution.py, run as a program, failed: {last}")
        for name in names:
            if not (work / name).is_file():
                raise AssignmentError(f"solution.py, run as a program, did not write {name}")
            (work / name).replace(place / name)


def _key(script: str, given: Mapping[str, bytes]) -> str:
    """What decides the files: the script, the files given, libraries, data and checkpoints."""
    digest = hashlib.sha256(f"{libraries()}\n{world.digest()}\n{script}".encode())
    for name, data in sorted(given.items()):
        digest.update(f"{name}\n{len(data)}\n".encode() + data)
    return digest.hexdigest()[:24]

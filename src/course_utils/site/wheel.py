"""The package as a wheel, offered by the site to notebooks that lack it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from course_utils.site.errors import SiteError

__all__ = ["ensure_wheel"]

_INPUTS = ("pyproject.toml", "README.md", "LICENSE")


def ensure_wheel(root: Path) -> Path:
    """Build the wheel below ``build/wheel/``, unless these very sources were built already.

    Raises:
        SiteError: the package cannot be built.
    """
    folder = root / "build" / "wheel" / _digest(root)
    found = sorted(folder.glob("*.whl"))
    if found:
        return found[0]
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        _build(root, scratch)
        shutil.rmtree(folder, ignore_errors=True)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _forget_others(folder)
    return next(iter(sorted(folder.glob("*.whl"))))


def _forget_others(folder: Path) -> None:
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def _build(root: Path, target: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target)]
    done = subprocess.run([*command, str(root)], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = (done.stdout + done.stderr).strip().splitlines() or ["no message"]
        raise SiteError(
            f"pyproject.toml: the package cannot be built as a wheel: {reason[-1].strip()}; "
            "`python -m build --wheel` shows more"
        )


def _digest(root: Path) -> str:
    sha = hashlib.sha256()
    package = (path for path in (root / "src").rglob("*") if path.is_file())
    for path in sorted([*(root / name for name in _INPUTS), *package]):
        if "__pycache__" in path.parts or not path.is_file():
            continue
        sha.update(path.relative_to(root).as_posix().encode() + b"\0")
        sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()[:16]

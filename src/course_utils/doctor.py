"""What this machine can do, found out by looking."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Finding", "examine"]

LIBRARIES = ("torch", "transformers", "datasets", "tokenizers", "accelerate", "evaluate", "peft")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FREE_GB_NEEDED = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was found, whether it will do, and the mend where it won't."""

    name: str
    found: str
    ok: bool
    mend: str = ""


def examine(root: Path) -> list[Finding]:
    """Look at Python, libraries, devices, sandbox, Hub and disk; `root` is the course's folder."""
    return [
        _python(),
        *[_library(name) for name in LIBRARIES],
        _device(),
        _sandbox(),
        _hub(),
        _browser(),
        _disk(root),
    ]


def _python() -> Finding:
    return Finding(
        "Python",
        f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        sys.version_info >= (3, 11),
        "install Python 3.11 or newer",
    )


def _library(name: str) -> Finding:
    try:
        return Finding(name, importlib.metadata.version(name), True)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "not installed", False, "run `make site`, which installs it")


def _device() -> Finding:
    cores = f"{os.cpu_count()} CPU cores"
    try:
        import torch
    except ImportError:
        return Finding("Device", cores, True)
    if torch.cuda.is_available():
        names = ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
        return Finding("Device", f"{cores}; {names}", True)
    return Finding("Device", f"{cores}; no GPU: pocket scale needs none", True)


def _sandbox() -> Finding:
    """Tried, not guessed: a submission's sandbox is set up and asked for a value."""
    try:
        from course_utils.grade import best_isolation
    except ModuleNotFoundError as error:
        return Finding("Sandbox", f"{error.name} is missing: needed only to grade", True)
    level, why = best_isolation()
    if level == "namespaces":
        return Finding("Sandbox", "namespaces, seccomp and limits: the strongest level", True)
    if level == "landlock":
        return Finding("Sandbox", f"Landlock, seccomp and limits; no namespaces: {why}", True)
    return Finding("Sandbox", f"none: {why}; needed only to grade submissions", True)


def _hub() -> Finding:
    from course_utils import hub

    endpoint = os.environ.get("HF_ENDPOINT")
    if endpoint:
        return Finding("Hub", f"HF_ENDPOINT is set to {endpoint}", True)
    repos = hub.list_repos()
    return Finding("Hub", f"the pocket Hub serves {len(repos)} repositories", bool(repos))


def _browser() -> Finding:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return Finding("Browser", found or "no Chromium: browser tests will be skipped", True)


def _disk(root: Path) -> Finding:
    free = shutil.disk_usage(root).free / 1e9
    mend = f"free some space: {FREE_GB_NEEDED:.0f} GB are enough"
    return Finding("Disk", f"{free:.1f} GB free", free >= FREE_GB_NEEDED, mend)

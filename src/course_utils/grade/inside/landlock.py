"""Landlock: the kernel lets this process reach only the files named, and signal none outside."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence
from pathlib import Path

from .system import no_new_privileges, syscall

__all__ = ["confine", "version"]

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_PATH_BENEATH = 1
_READ = 0b1100  # read files, list folders
_ALL_FILES = (1 << 13) - 1  # every right of the first version
_FILE_RIGHTS = 0b110  # what a rule on a single file may name: write, read
_SCOPED = 0b11  # abstract sockets, signals


def version() -> int:
    """The kernel's version of Landlock; 0 where there is none."""
    try:
        return syscall(_CREATE, "landlock", None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError:
        return 0


def confine(readable: Sequence[str], writable: Sequence[str]) -> None:
    """Restrict this process and its children for good; paths that do not exist are left out.

    Raises:
        OSError: the kernel has no Landlock.
    """
    known = version()
    files = _ALL_FILES | (1 << 13 if known >= 2 else 0) | (1 << 14 if known >= 3 else 0)
    fields = (files, 0b11 if known >= 4 else 0, _SCOPED if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    attributes = ctypes.create_string_buffer(struct.pack("3Q", *fields)[:size], size)
    flags = ctypes.c_uint(0)
    ruleset = syscall(_CREATE, "landlock", attributes, ctypes.c_size_t(size), flags)
    for paths, rights in ((readable, _READ), (writable, files & ~1)):
        for path in filter(os.path.exists, paths):
            _allow(ruleset, path, rights)
    no_new_privileges()
    syscall(_RESTRICT, "landlock_restrict_self", ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    if not Path(path).is_dir():
        rights &= _FILE_RIGHTS
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, folder))
        syscall(
            _ADD_RULE,
            f"landlock_add_rule {path}",
            ctypes.c_int(ruleset),
            ctypes.c_int(_PATH_BENEATH),
            rule,
            ctypes.c_uint(0),
        )
    finally:
        os.close(folder)

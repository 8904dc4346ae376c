"""Files that appear whole or not at all."""

from __future__ import annotations

import uuid
from pathlib import Path

from course_utils.errors import CourseError

__all__ = ["check_writable", "write_whole"]


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one.

    A file that holds `text` already is left as it is.

    Raises:
        CourseError: it cannot be written; the text names the file and why.
    """
    content = text.encode("utf-8", "replace")
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from error


def check_writable(folder: Path) -> None:
    """Find out now, not after minutes of work, that nothing can be written below `folder`.

    Raises:
        CourseError: nothing can.
    """
    probe = folder / f".probe-{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            probe.write_bytes(b"probe")
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def _cannot_write(path: Path, error: OSError) -> CourseError:
    reason = error.strerror or str(error)
    return CourseError(
        f"{path} cannot be written: {reason}; free some space or mend the permissions"
    )

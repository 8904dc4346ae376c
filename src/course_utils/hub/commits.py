"""What a commit brings: how its files are to come, its operations read, checked and applied."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from course_utils.hub.history import Blob
from course_utils.hub.overlay import Overlay
from course_utils.hub.replies import HubError, bad_request
from course_utils.hub.store import Repo

__all__ = ["Operation", "applied", "parsed", "route_of"]

REGULAR_UP_TO = 1 << 20  # bytes; what is larger goes by the LFS route
LFS_SUFFIXES = (
    ".arrow", ".bin", ".gz", ".h5", ".model", ".msgpack", ".npy", ".npz", ".onnx", ".parquet",
    ".pt", ".pth", ".safetensors", ".tar", ".zip",
)  # fmt: skip

Operation = tuple[str, dict[str, Any]]


def route_of(file: dict[str, Any], repo: Repo) -> dict[str, Any]:
    """Whether a file comes inside the commit or before it, and what is at its path now."""
    path, size = str(file.get("path", "")), file.get("size")
    large = path.endswith(LFS_SUFFIXES) or (isinstance(size, int) and size > REGULAR_UP_TO)
    known = repo.file(path)
    mode = "lfs" if large else "regular"
    oid = known.sha256 or known.oid if known else None
    return {"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid}


def parsed(lines: list[bytes]) -> tuple[dict[str, Any], list[Operation]]:
    """The header and the operations of a commit, a JSON object on each line."""
    header: dict[str, Any] = {}
    operations = []
    for number, line in enumerate(filter(bytes.strip, lines), 1):
        try:
            item = json.loads(line)
            key, value = item["key"], item["value"]
        except (ValueError, TypeError, KeyError) as error:
            raise bad_request(f"line {number} of the commit is no operation") from error
        if not isinstance(value, dict):
            raise bad_request(f"line {number} of the commit is no operation")
        if key == "header":
            header = value
        else:
            operations.append((str(key), value))
    return header, operations


def applied(
    overlay: Overlay, files: dict[str, Blob], operations: list[Operation]
) -> dict[str, Blob]:
    """The files after the operations.

    Raises:
        HubError: a path that is none, a content that is missing, an operation that is unknown.
    """
    files = dict(files)
    for key, value in operations:
        path = _safe_path(value.get("path"))
        if key == "file":
            files[path] = overlay.put(_content(value))
        elif key == "lfsFile":
            sha256 = str(value.get("oid"))
            if not overlay.has(sha256):
                raise bad_request(f"{path}: its content was not uploaded")
            files[path] = overlay.blob(sha256, large=True)
        elif key == "deletedFile":
            if files.pop(path, None) is None:
                raise HubError(404, "EntryNotFound", f"there is no {path} to delete")
        elif key == "deletedFolder":
            inside = [name for name in files if name.startswith(f"{path.rstrip('/')}/")]
            for name in inside:
                del files[name]
        else:
            raise bad_request(f"{key!r} is no operation of a commit")
    return files


def _safe_path(path: object) -> str:
    """A path inside the repository; nothing that climbs out of it."""
    text = str(path or "").rstrip("/")
    parts = text.split("/")
    bad = any(part in ("", ".", "..", ".git") for part in parts)
    if bad or "\\" in text or "\0" in text or len(text) > 1000:
        raise bad_request(f"{text!r} cannot be a path in a repository")
    return text


def _content(value: dict[str, Any]) -> bytes:
    text = str(value.get("content", ""))
    if value.get("encoding") != "base64":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise bad_request("the content is no base64") from error

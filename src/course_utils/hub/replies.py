"""What the Hub answers: repository info, file entries, and errors with the Hub's own codes."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import JSONResponse

from course_utils.hub.store import File, Kind, Repo

__all__ = [
    "HubError",
    "bad_request",
    "conflict",
    "file_entry",
    "no_access",
    "no_entry",
    "no_repo",
    "no_revision",
    "repo_info",
]


class HubError(Exception):
    """An answer that is an error: its HTTP status, the Hub's code for it, and a sentence."""

    def __init__(self, status: int, code: str | None, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def response(self) -> JSONResponse:
        """The error as the Hub sends it: JSON body, code and message in headers."""
        # A header may hold printable ASCII only, and the message quotes what was asked for.
        headers = {"X-Error-Message": re.sub(r"[^ -~]", "?", self.message).strip()}
        if self.code:
            headers["X-Error-Code"] = self.code
        return JSONResponse({"error": self.message}, self.status, headers)


def no_repo(kind: str, repo_id: str) -> HubError:
    """The repository does not exist."""
    return HubError(404, "RepoNotFound", f"there is no {kind.removesuffix('s')} {repo_id}")


def no_revision(repo: Repo, revision: str) -> HubError:
    """The repository has no such revision."""
    return HubError(404, "RevisionNotFound", f"{repo.id} has no revision {revision}")


def no_entry(repo: Repo, path: str) -> HubError:
    """The repository has no such file or folder."""
    return HubError(404, "EntryNotFound", f"{repo.id} has no entry {path}")


def no_access(message: str, status: int = 403) -> HubError:
    """The token may not do this; 401 where there is none."""
    return HubError(status, None, message)


def conflict(message: str) -> HubError:
    """What is asked for contradicts what is there."""
    return HubError(409, None, message)


def bad_request(message: str) -> HubError:
    """The request cannot be understood."""
    return HubError(400, None, message)


def repo_info(repo: Repo, *, full: bool, blobs: bool = False) -> dict[str, Any]:
    """The info of a repository; `full` adds its files and card, `blobs` their sizes and ids."""
    card = repo.card
    info: dict[str, Any] = {
        "_id": repo.sha[:24],
        "id": repo.id,
        "author": repo.id.split("/")[0],
        "sha": repo.sha,
        "createdAt": repo.modified,
        "lastModified": repo.modified,
        "private": repo.history.private if repo.history else False,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": repo.tags,
    }
    info |= _KIND_FIELDS[repo.kind](repo)
    if full:
        info["cardData"] = card
        info["siblings"] = [_sibling(file, blobs) for file in repo.files]
    return info


def _model_fields(repo: Repo) -> dict[str, Any]:
    card = repo.card
    fields = {"modelId": repo.id, "pipeline_tag": card.get("pipeline_tag")}
    return fields | {"library_name": card.get("library_name")}


def _space_fields(repo: Repo) -> dict[str, Any]:
    return {"sdk": repo.card.get("sdk", "static")}


_KIND_FIELDS: dict[Kind, Any] = {
    "models": _model_fields,
    "datasets": lambda repo: {},
    "spaces": _space_fields,
}


def _sibling(file: File, blobs: bool) -> dict[str, Any]:
    if not blobs:
        return {"rfilename": file.path}
    return {"rfilename": file.path, "size": file.size, "blobId": file.oid}


def file_entry(file: File) -> dict[str, Any]:
    """A file as the tree and paths-info calls list it; size in bytes."""
    entry: dict[str, Any] = {"type": "file", "path": file.path, "size": file.size, "oid": file.oid}
    if file.sha256:
        entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": 134}
    return entry

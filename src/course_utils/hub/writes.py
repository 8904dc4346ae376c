"""The endpoints that write: repositories, commits, references, large files, discussions."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from course_utils.hub import threads
from course_utils.hub.card import parse_card
from course_utils.hub.history import MAIN, Blob, Commit, History
from course_utils.hub.overlay import Overlay, Overlays, Upload
from course_utils.hub.replies import (
    HubError,
    bad_request,
    conflict,
    no_access,
    no_repo,
    no_revision,
)
from course_utils.hub.requests import body_of, json_object, pieces_of, token_of
from course_utils.hub.store import KINDS, Kind, Repo, Store, is_repo_id

__all__ = ["Writes"]

USER = "learner"
LARGEST_COMMIT, LARGEST_FILE = 64 << 20, 2 << 30  # bytes
REGULAR_UP_TO = 1 << 20  # bytes; what is larger goes by the LFS route
LFS_SUFFIXES = (
    ".arrow", ".bin", ".gz", ".h5", ".model", ".msgpack", ".npy", ".npz", ".onnx", ".parquet",
    ".pt", ".pth", ".safetensors", ".tar", ".zip",
)  # fmt: skip
_REF = re.compile(r"[A-Za-z0-9][\w./-]{0,199}", re.ASCII)


class Writes:
    """Each endpoint changes the overlay of the request's token and nothing else."""

    def __init__(self, store: Store, overlays: Overlays) -> None:
        self.store, self.overlays = store, overlays

    async def create(self, request: Request) -> Response:
        """Create an empty repository in the learner's namespace."""
        body = await json_object(request)
        overlay = self._overlay(request)
        kind, repo_id = _named(body)
        _own(repo_id)
        url = _address(request, kind, repo_id)
        if self._seen(overlay).repo(kind, repo_id):
            return JSONResponse({"error": "You already created this repo", "url": url}, 409)
        history = History(private=_is_private(body))
        history.add(MAIN, Commit.on((), {}, "initial commit"))
        overlay.save(kind, repo_id, history)
        return JSONResponse({"url": url, "name": repo_id, "id": repo_id})

    async def delete(self, request: Request) -> Response:
        """Delete one of the learner's repositories."""
        kind, repo_id = _named(await json_object(request))
        overlay = self._overlay(request)
        self._repo(overlay, kind, repo_id)
        _own(repo_id)
        overlay.save(kind, repo_id, History(deleted=True))
        return JSONResponse({})

    async def move(self, request: Request) -> Response:
        """Rename one of the learner's repositories."""
        body = await json_object(request)
        kind = _kind(body.get("type"))
        source, target = str(body.get("fromRepo", "")), str(body.get("toRepo", ""))
        overlay = self._overlay(request)
        _own(target)
        if self._seen(overlay).repo(kind, target):
            raise conflict(f"{target} exists")
        with self._changing(request, kind, source) as (_, history):
            overlay.save(kind, target, history)
        overlay.save(kind, source, History(deleted=True))
        return JSONResponse({})

    async def settings(self, request: Request) -> Response:
        """Make a repository private or public."""
        body = await json_object(request)
        kind, repo_id = _asked(request)
        with self._changing(request, kind, repo_id) as (_, history):
            if "visibility" in body or "private" in body:
                history.private = _is_private(body)
        return JSONResponse({})

    async def validate_card(self, request: Request) -> Response:
        """Whether a card's front matter can be read."""
        content = str((await json_object(request)).get("content", ""))
        begins = content.startswith("---")
        wrong = begins and not parse_card(content) and len(content.split("---")[1].strip()) > 0
        errors = [{"message": "the front matter is no YAML"}] if wrong else []
        return JSONResponse({"errors": errors, "warnings": []}, 400 if errors else 200)

    async def preupload(self, request: Request) -> Response:
        """How each file is to come: inside the commit, or before it by the LFS route."""
        files = (await json_object(request)).get("files")
        kind, repo_id = _asked(request)
        repo = self._repo(self._overlay(request), kind, repo_id)
        if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
            raise bad_request("`files` is a list of objects")
        return JSONResponse({"files": [_route_of(file, repo) for file in files]})

    async def lfs_batch(self, request: Request) -> Response:
        """Where to put each large file; those that are there need no upload."""
        objects = (await json_object(request)).get("objects")
        overlay = self._overlay(request)
        if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
            raise bad_request("`objects` is a list of objects")
        answers = []
        for item in objects:
            sha256, size = str(item.get("oid", "")), item.get("size")
            if not re.fullmatch(r"[0-9a-f]{64}", sha256) or not isinstance(size, int):
                raise bad_request("an object has a sha256 as `oid` and a `size`")
            answer: dict[str, Any] = {"oid": sha256, "size": size}
            if not overlay.has(sha256):
                href = f"{_endpoint(request)}/_course/lfs/{overlay.name}/{sha256}"
                answer["actions"] = {"upload": {"href": href, "header": {}}}
            answers.append(answer)
        return JSONResponse({"transfer": "basic", "objects": answers})

    async def lfs_put(self, request: Request) -> Response:
        """Take a large file; it is kept only if its content has the hash it was announced with."""
        names = request.path_params
        if not re.fullmatch(r"[0-9a-f]{24}", names["overlay"]):
            raise bad_request("no such place for uploads")
        overlay = self.overlays.named(names["overlay"])
        with Upload(overlay) as upload:
            async for chunk in pieces_of(request, LARGEST_FILE):
                upload.write(chunk)
            if upload.sha256 != names["sha256"]:
                raise bad_request("the content has another hash than announced: upload it again")
        return Response(status_code=200)

    async def commit(self, request: Request) -> Response:
        """One commit, on a branch or as a new pull request."""
        overlay = self._overlay(request)
        lines = (await body_of(request, LARGEST_COMMIT)).splitlines()
        header, operations = _parsed(lines)
        kind, repo_id = _asked(request)
        pull = request.query_params.get("create_pr") in ("1", "true")
        revision = unquote(request.path_params["revision"])
        title = str(header.get("summary") or "Upload")
        text = str(header.get("description") or "")
        owned = not pull and not revision.startswith("refs/pr/")
        with self._changing(request, kind, repo_id, own=owned) as (repo, history):
            ref, thread = _reference(history, repo, revision), None
            if pull:
                thread = threads.open_thread(history, title, text, pull=True)
                ref = f"refs/pr/{thread['num']}"
            head = history.commits[history.refs[ref]]
            if header.get("parentCommit") not in (None, head.id):
                raise HubError(412, None, "A commit has happened since: the parent is not the head")
            files = _apply(overlay, dict(head.files), operations)
            made = Commit.on((head.id,), files, title, text)
            history.add(ref, made)
        url = _address(request, kind, repo_id)
        answer = {"success": True, "commitOid": made.id, "commitUrl": f"{url}/commit/{made.id}"}
        if thread:
            answer["pullRequestUrl"] = f"{url}/discussions/{thread['num']}"
        return JSONResponse({**answer, "hookOutput": ""})

    async def create_branch(self, request: Request) -> Response:
        """A branch from a revision, from `main` if none is given."""
        body = await json_object(request)
        return self._new_ref(request, "heads", str(body.get("startingPoint") or "main"))

    async def create_tag(self, request: Request) -> Response:
        """A tag on a revision."""
        body = await json_object(request)
        request.path_params["name_of_ref"] = str(body.get("tag", ""))
        return self._new_ref(request, "tags", request.path_params["revision"])

    async def delete_branch(self, request: Request) -> Response:
        """Remove a branch; the main branch stays."""
        return self._drop_ref(request, "heads")

    async def delete_tag(self, request: Request) -> Response:
        """Remove a tag."""
        return self._drop_ref(request, "tags")

    async def discussions(self, request: Request) -> Response:
        """One page of the discussions that match."""
        kind, repo_id = _asked(request)
        token = token_of(request)
        overlay = self.overlays.of(token) if token else None
        store = self._seen(overlay) if overlay else self.store
        repo = store.repo(kind, repo_id)
        if repo is None:
            raise no_repo(kind, repo_id)
        found = repo.history.discussions if repo.history else []
        asked = request.query_params
        if asked.get("type") in ("discussion", "pull_request"):
            found = [t for t in found if t["isPullRequest"] == (asked["type"] == "pull_request")]
        if asked.get("status") in ("open", "closed"):
            wanted = asked["status"] == "open"
            found = [t for t in found if (t["status"] in threads.OPEN) == wanted]
        if author := asked.get("author"):
            found = [t for t in found if t["author"]["name"] == author]
        name = {"name": repo_id, "type": kind.removesuffix("s")}
        shown = [{**thread, "repo": name, "events": []} for thread in reversed(found)]
        return JSONResponse({"discussions": shown, "count": len(shown), "start": 0})

    async def open_discussion(self, request: Request) -> Response:
        """Open a discussion, or a draft of a pull request."""
        body = await json_object(request)
        kind, repo_id = _asked(request)
        pull = bool(body.get("pullRequest"))
        with self._changing(request, kind, repo_id, own=False) as (_, history):
            title, text = str(body.get("title", "")), str(body.get("description") or "")
            status = "draft" if pull else "open"
            thread = threads.open_thread(history, title, text, pull=pull, status=status)
        return JSONResponse({"num": thread["num"], "pullRequest": pull})

    async def discussion(self, request: Request) -> Response:
        """One discussion with its events."""
        kind, repo_id = _asked(request)
        repo = self._repo(self._overlay(request), kind, repo_id)
        history = repo.history or History()
        thread = threads.find_thread(history, request.path_params["num"])
        name = {"name": repo_id, "type": kind.removesuffix("s")}
        return JSONResponse(threads.details(history, thread, name))

    async def discuss(self, request: Request) -> Response:
        """Comment on a discussion, rename it, change its status, or merge it."""
        body = await json_object(request)
        kind, repo_id = _asked(request)
        what = request.path_params["what"]
        with self._changing(request, kind, repo_id, own=what == "merge") as (_, history):
            thread = threads.find_thread(history, request.path_params["num"])
            answer = _discuss(history, thread, what, body)
        return JSONResponse(answer)

    def _new_ref(self, request: Request, folder: str, start: str) -> Response:
        kind, repo_id = _asked(request)
        name = unquote(request.path_params["name_of_ref"])
        if not _REF.fullmatch(name) or ".." in name:
            raise bad_request(f"{name!r} cannot name a {_REF_WORDS[folder]}")
        with self._changing(request, kind, repo_id) as (repo, history):
            commit = history.resolve(unquote(start))
            if commit is None:
                raise no_revision(repo, start)
            if f"refs/{folder}/{name}" in history.refs:
                raise conflict(f"Reference {name} exists already")
            history.refs[f"refs/{folder}/{name}"] = commit.id
        return JSONResponse({})

    def _drop_ref(self, request: Request, folder: str) -> Response:
        kind, repo_id = _asked(request)
        name = unquote(request.path_params["name_of_ref"])
        with self._changing(request, kind, repo_id) as (repo, history):
            ref = f"refs/{folder}/{name}"
            if ref == MAIN:
                raise no_access("the main branch cannot be deleted")
            if history.refs.pop(ref, None) is None:
                raise no_revision(repo, name)
        return JSONResponse({})

    def _overlay(self, request: Request) -> Overlay:
        token = token_of(request)
        if token is None:
            raise no_access("writing needs a token: log in with any made-up one", 401)
        return self.overlays.of(token)

    def _seen(self, overlay: Overlay) -> Store:
        return self.store.under(overlay)

    def _repo(self, overlay: Overlay, kind: Kind, repo_id: str) -> Repo:
        repo = self._seen(overlay).repo(kind, repo_id)
        if repo is None:
            raise no_repo(kind, repo_id)
        return repo

    @contextmanager
    def _changing(
        self, request: Request, kind: Kind, repo_id: str, *, own: bool = True
    ) -> Iterator[tuple[Repo, History]]:
        """A repository and its history to change; with `own`, one of the learner's."""
        overlay = self._overlay(request)
        repo = self._repo(overlay, kind, repo_id)
        if own:
            _own(repo_id)
        with overlay.changing(repo) as history:
            yield repo, history


_REF_WORDS = {"heads": "branch", "tags": "tag"}


def _discuss(
    history: History, thread: dict[str, Any], what: str, body: dict[str, Any]
) -> dict[str, Any]:
    text = str(body.get("comment") or "")
    if what == "comment":
        made = threads.comment(text)
        answer = {"newMessage": made}
    elif what == "title":
        made = threads.event("title-change", **{"from": thread["title"], "to": body.get("title")})
        thread["title"] = str(body.get("title"))
        answer = {"newTitle": made}
    elif what == "status" and body.get("status") in ("open", "closed"):
        thread["status"] = body["status"]
        made = threads.event("status-change", status=body["status"])
        answer = {"newStatus": made}
    elif what == "merge":
        threads.merge(history, thread, text)
        return {}
    else:
        raise bad_request(f"a discussion has no {what}")
    thread["events"].append(made)
    return answer


def _asked(request: Request) -> tuple[Kind, str]:
    names = request.path_params
    return request.state.kind, f"{names['org']}/{names['name']}"


def _kind(name: object) -> Kind:
    kind = f"{name or 'model'}s"
    if kind not in KINDS:
        raise bad_request(f"{name!r} is no kind of repository")
    return kind


def _named(body: dict[str, Any]) -> tuple[Kind, str]:
    repo_id = f"{body.get('organization') or USER}/{body.get('name')}"
    if not is_repo_id(repo_id):
        raise bad_request(f"{repo_id!r} cannot name a repository")
    return _kind(body.get("type")), repo_id


def _is_private(body: dict[str, Any]) -> bool:
    return body.get("visibility") == "private" or bool(body.get("private"))


def _own(repo_id: str) -> None:
    """Only the learner's own namespace can be written to, as on the Hub."""
    if not is_repo_id(repo_id) or repo_id.split("/")[0] != USER:
        own = f"{USER}/{repo_id.split('/')[-1]}"
        raise no_access(f"{repo_id} is not yours: create {own}, or open a pull request")


def _endpoint(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _address(request: Request, kind: Kind, repo_id: str) -> str:
    prefix = "" if kind == "models" else f"{kind}/"
    return f"{_endpoint(request)}/{prefix}{repo_id}"


def _route_of(file: dict[str, Any], repo: Repo) -> dict[str, Any]:
    path, size = str(file.get("path", "")), file.get("size")
    large = path.endswith(LFS_SUFFIXES) or (isinstance(size, int) and size > REGULAR_UP_TO)
    known = repo.file(path)
    mode = "lfs" if large else "regular"
    oid = known.sha256 or known.oid if known else None
    return {"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid}


def _parsed(lines: list[bytes]) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
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


def _reference(history: History, repo: Repo, revision: str) -> str:
    """The branch or pull request that a commit goes to."""
    for ref in (revision, f"refs/heads/{revision}"):
        if ref in history.refs and not ref.startswith("refs/tags/"):
            return ref
    raise no_revision(repo, revision)


def _apply(
    overlay: Overlay, files: dict[str, Blob], operations: list[tuple[str, dict[str, Any]]]
) -> dict[str, Blob]:
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

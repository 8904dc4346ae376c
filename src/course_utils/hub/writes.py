"""The endpoints that write repositories, commits, references and large files."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from course_utils.hub import threads
from course_utils.hub.access import USER, Access, asked_for, check_own
from course_utils.hub.card import parse_card
from course_utils.hub.commits import applied, parsed, route_of
from course_utils.hub.history import MAIN, Commit, History
from course_utils.hub.overlay import Upload
from course_utils.hub.replies import (
    HubError,
    bad_request,
    conflict,
    no_access,
    no_revision,
)
from course_utils.hub.requests import body_of, json_object, pieces_of
from course_utils.hub.store import KINDS, Kind, Repo, is_repo_id

__all__ = ["Writes"]

LARGEST_COMMIT, LARGEST_FILE = 64 << 20, 2 << 30  # bytes
_REF = re.compile(r"[A-Za-z0-9][\w./-]{0,199}", re.ASCII)


class Writes:
    """Each endpoint changes the overlay of the request's token and nothing else."""

    def __init__(self, access: Access) -> None:
        self.access = access

    async def create(self, request: Request) -> Response:
        """Create an empty repository in the learner's namespace."""
        body = await json_object(request)
        overlay = self.access.overlay(request)
        kind, repo_id = _named(body)
        check_own(repo_id)
        url = _address(request, kind, repo_id)
        if self.access.seen_by(request).repo(kind, repo_id):
            return JSONResponse({"error": "You already created this repo", "url": url}, 409)
        history = History(private=_is_private(body))
        history.add(MAIN, Commit.on((), {}, "initial commit"))
        overlay.save(kind, repo_id, history)
        return JSONResponse({"url": url, "name": repo_id, "id": repo_id})

    async def delete(self, request: Request) -> Response:
        """Delete one of the learner's repositories."""
        kind, repo_id = _named(await json_object(request))
        overlay = self.access.overlay(request)
        self.access.repo(request, kind, repo_id)
        check_own(repo_id)
        overlay.save(kind, repo_id, History(deleted=True))
        return JSONResponse({})

    async def move(self, request: Request) -> Response:
        """Rename one of the learner's repositories."""
        body = await json_object(request)
        kind = _kind(body.get("type"))
        source, target = str(body.get("fromRepo", "")), str(body.get("toRepo", ""))
        overlay = self.access.overlay(request)
        check_own(target)
        if self.access.seen_by(request).repo(kind, target):
            raise conflict(f"{target} exists")
        with self.access.changing(request, kind, source) as (_, history):
            overlay.save(kind, target, history)
        overlay.save(kind, source, History(deleted=True))
        return JSONResponse({})

    async def settings(self, request: Request) -> Response:
        """Make a repository private or public."""
        body = await json_object(request)
        kind, repo_id = asked_for(request)
        with self.access.changing(request, kind, repo_id) as (_, history):
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
        kind, repo_id = asked_for(request)
        repo = self.access.repo(request, kind, repo_id)
        if not isinstance(files, list) or not all(isinstance(file, dict) for file in files):
            raise bad_request("`files` is a list of objects")
        return JSONResponse({"files": [route_of(file, repo) for file in files]})

    async def lfs_batch(self, request: Request) -> Response:
        """Where to put each large file; those that are there need no upload."""
        objects = (await json_object(request)).get("objects")
        overlay = self.access.overlay(request)
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
        overlay = self.access.overlays.named(names["overlay"])
        with Upload(overlay) as upload:
            async for chunk in pieces_of(request, LARGEST_FILE):
                upload.write(chunk)
            if upload.sha256 != names["sha256"]:
                raise bad_request("the content has another hash than announced: upload it again")
        return Response(status_code=200)

    async def commit(self, request: Request) -> Response:
        """One commit, on a branch or as a new pull request."""
        overlay = self.access.overlay(request)
        lines = (await body_of(request, LARGEST_COMMIT)).splitlines()
        header, operations = parsed(lines)
        kind, repo_id = asked_for(request)
        pull = request.query_params.get("create_pr") in ("1", "true")
        revision = unquote(request.path_params["revision"])
        title = str(header.get("summary") or "Upload")
        text = str(header.get("description") or "")
        owned = not pull and not revision.startswith("refs/pr/")
        with self.access.changing(request, kind, repo_id, own=owned) as (repo, history):
            ref, thread = _reference(history, repo, revision), None
            if pull:
                thread = threads.open_thread(history, title, text, pull=True)
                ref = f"refs/pr/{thread['num']}"
            head = history.commits[history.refs[ref]]
            if header.get("parentCommit") not in (None, head.id):
                raise HubError(412, None, "A commit has happened since: the parent is not the head")
            files = applied(overlay, head.files, operations)
            made = Commit.on((head.id,), files, title, text)
            history.add(ref, made)
        url = _address(request, kind, repo_id)
        answer = {"success": True, "commitOid": made.id, "commitUrl": f"{url}/commit/{made.id}"}
        if thread:
            answer["pullRequestUrl"] = f"{url}/discussions/{thread['num']}"
        return JSONResponse({**answer, "hookOutput": ""})

    async def squash(self, request: Request) -> Response:
        """Replace the history of a branch by one commit with the same files."""
        body = await json_object(request)
        kind, repo_id = asked_for(request)
        branch = unquote(request.path_params["name_of_ref"])
        with self.access.changing(request, kind, repo_id) as (repo, history):
            ref = f"refs/heads/{branch}"
            if ref not in history.refs:
                raise no_revision(repo, branch)
            title = str(body.get("message") or f"Super-squash branch '{branch}'")
            history.add(ref, Commit.on((), history.commits[history.refs[ref]].files, title))
        return JSONResponse({})

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

    def _new_ref(self, request: Request, folder: str, start: str) -> Response:
        kind, repo_id = asked_for(request)
        name = unquote(request.path_params["name_of_ref"])
        if not _REF.fullmatch(name) or ".." in name:
            raise bad_request(f"{name!r} cannot name a {_REF_WORDS[folder]}")
        with self.access.changing(request, kind, repo_id) as (repo, history):
            commit = history.resolve(unquote(start))
            if commit is None:
                raise no_revision(repo, start)
            if f"refs/{folder}/{name}" in history.refs:
                raise conflict(f"Reference {name} exists already")
            history.refs[f"refs/{folder}/{name}"] = commit.id
        return JSONResponse({})

    def _drop_ref(self, request: Request, folder: str) -> Response:
        kind, repo_id = asked_for(request)
        name = unquote(request.path_params["name_of_ref"])
        with self.access.changing(request, kind, repo_id) as (repo, history):
            ref = f"refs/{folder}/{name}"
            if ref == MAIN:
                raise no_access("the main branch cannot be deleted")
            if history.refs.pop(ref, None) is None:
                raise no_revision(repo, name)
        return JSONResponse({})


_REF_WORDS = {"heads": "branch", "tags": "tag"}


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


def _endpoint(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _address(request: Request, kind: Kind, repo_id: str) -> str:
    prefix = "" if kind == "models" else f"{kind}/"
    return f"{_endpoint(request)}/{prefix}{repo_id}"


def _reference(history: History, repo: Repo, revision: str) -> str:
    """The branch or pull request that a commit goes to."""
    for ref in (revision, f"refs/heads/{revision}"):
        if ref in history.refs and not ref.startswith("refs/tags/"):
            return ref
    raise no_revision(repo, revision)

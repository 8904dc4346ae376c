"""The Hub's HTTP interface: its routes, and the endpoints that read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from course_utils.hub.access import USER, Access
from course_utils.hub.discussions import Discussions
from course_utils.hub.history import MAIN, Commit
from course_utils.hub.overlay import Overlays
from course_utils.hub.reads import Reads, current_digest
from course_utils.hub.replies import (
    HubError,
    bad_request,
    file_entry,
    no_entry,
    no_repo,
    no_revision,
    repo_info,
)
from course_utils.hub.requests import json_of, posted_paths, token_of
from course_utils.hub.search import BadQueryError, Query, find, result_digest
from course_utils.hub.store import KINDS, File, Kind, Repo, Store
from course_utils.hub.writes import Writes

__all__ = ["make_app"]

#: What the answer to `refs` calls each folder of references.
REF_KINDS = {"heads": "branches", "tags": "tags", "pr": "pullRequests"}

Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(store: Store, overlays: Overlays) -> Starlette:
    """The ASGI application that serves `store`, and keeps what each token writes in `overlays`."""
    access = Access(store, overlays)
    hub, writes, discussions = _Hub(access), Writes(access), Discussions(access)
    routes = [
        Route("/api/whoami-v2", hub.whoami),
        Route("/_course/reads", hub.reads_of_token),
        Route("/_course/digests", hub.digests, methods=["POST"]),
        Route("/_course/lfs/{overlay}/{sha256}", writes.lfs_put, methods=["PUT"]),
        Route("/api/repos/create", writes.create, methods=["POST"]),
        Route("/api/repos/delete", writes.delete, methods=["DELETE"]),
        Route("/api/repos/move", writes.move, methods=["POST"]),
        Route("/api/validate-yaml", writes.validate_card, methods=["POST"]),
    ]
    for kind in KINDS:
        api = f"/api/{kind}"
        repo = f"{api}/{{org}}/{{name}}"
        files = "/{org}/{name}" if kind == "models" else f"/{kind}/{{org}}/{{name}}"
        routes += [
            _route(kind, api, hub.search),
            _route(kind, f"{api}/{{name}}", hub.bare_name),
            _route(kind, repo, hub.info),
            _route(kind, f"{repo}/revision/{{revision:path}}", hub.info),
            _route(kind, f"{repo}/tree/{{revision}}", hub.tree),
            _route(kind, f"{repo}/tree/{{revision}}/{{path:path}}", hub.tree),
            _route(kind, f"{repo}/refs", hub.refs),
            _route(kind, f"{repo}/commits/{{revision:path}}", hub.commits),
            _route(kind, f"{repo}/paths-info/{{revision:path}}", hub.paths_info, "POST"),
            _route(kind, f"{files}/resolve/{{revision}}/{{path:path}}", hub.resolve),
            _route(kind, f"{files}.git/info/lfs/objects/batch", writes.lfs_batch, "POST"),
            _route(kind, f"{repo}/settings", writes.settings, "PUT"),
            _route(kind, f"{repo}/preupload/{{revision:path}}", writes.preupload, "POST"),
            _route(kind, f"{repo}/commit/{{revision:path}}", writes.commit, "POST"),
            _route(kind, f"{repo}/branch/{{name_of_ref:path}}", writes.create_branch, "POST"),
            _route(kind, f"{repo}/branch/{{name_of_ref:path}}", writes.delete_branch, "DELETE"),
            _route(kind, f"{repo}/tag/{{revision:path}}", writes.create_tag, "POST"),
            _route(kind, f"{repo}/tag/{{name_of_ref:path}}", writes.delete_tag, "DELETE"),
            _route(kind, f"{repo}/super-squash/{{name_of_ref:path}}", writes.squash, "POST"),
            _route(kind, f"{repo}/discussions", discussions.list),
            _route(kind, f"{repo}/discussions", discussions.open, "POST"),
            _route(kind, f"{repo}/discussions/{{num:int}}", discussions.show),
            _route(kind, f"{repo}/discussions/{{num:int}}/{{what}}", discussions.change, "POST"),
            _route(
                kind,
                f"{repo}/discussions/{{num:int}}/comment/{{comment}}/{{how}}",
                discussions.change_comment,
                "POST",
            ),
        ]
    return Starlette(
        routes=routes,
        exception_handlers={HubError: _error, OSError: _no_room, 404: _unknown_page},
        middleware=[Middleware(_QuotedSlashes)],
    )


class _QuotedSlashes:
    """Keeps ``%2F`` as it is: in refs%2Fpr%2F1 the slashes belong to the revision."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path", b"")
        if b"%2F" in raw or b"%2f" in raw:
            text = raw.decode("ascii", "replace").replace("%2F", "%252F").replace("%2f", "%252F")
            scope = {**scope, "path": unquote(text)}
        await self.app(scope, receive, send)


def _route(kind: Kind, path: str, endpoint: Endpoint, method: str = "GET") -> Route:
    async def with_kind(request: Request) -> Response:
        request.state.kind = kind
        return await endpoint(request)

    return Route(path, with_kind, methods=[method])


async def _error(_: Request, error: Exception) -> Response:
    return cast(HubError, error).response()


async def _no_room(_: Request, error: Exception) -> Response:
    """The overlay could not be written: nothing of the request was kept."""
    why = cast(OSError, error).strerror or str(error)
    return HubError(507, None, f"the pocket Hub cannot write its folder: {why}").response()


async def _unknown_page(request: Request, _: Exception) -> Response:
    return HubError(404, None, f"the pocket Hub does not serve {request.url.path}").response()


class _Hub:
    """The endpoints; each notes what the request's token read."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.store = access.store  # without what any token wrote
        self.reads = Reads()

    async def whoami(self, request: Request) -> Response:
        """Any made-up token belongs to the learner."""
        if token_of(request) is None:
            return HubError(401, None, "Invalid username or password.").response()
        auth = {"accessToken": {"displayName": "course", "role": "write"}}
        who = {"type": "user", "name": USER, "fullname": "Learner", "orgs": []}
        return JSONResponse({**who, "id": USER, "isPro": False, "auth": auth})

    async def search(self, request: Request) -> Response:
        """One page of the repositories that match, the next one linked in a header."""
        query_string = request.url.query
        try:
            query = Query.parse(query_string)
        except BadQueryError as error:
            raise bad_request(str(error)) from error
        kind = request.state.kind
        repos = find(self.access.seen_by(request), kind, query)
        key = f"search:/api/{kind}?{query_string}"
        # What the token wrote itself is no reason to run it again.
        digest = result_digest(find(self.store, kind, query))
        self.reads.note(token_of(request), key, digest)
        end = query.start + query.limit
        full = any(name in request.query_params for name in ("full", "cardData", "expand"))
        page = [repo_info(repo, full=full) for repo in repos[query.start : end]]
        headers = {}
        if end < len(repos):
            link = request.url.replace(query=query.next_page(query_string))
            headers["Link"] = f'<{link}>; rel="next"'
        return JSONResponse(page, headers=headers)

    async def bare_name(self, request: Request) -> Response:
        """No repository lacks a namespace here."""
        raise no_repo(request.state.kind, request.path_params["name"])

    async def info(self, request: Request) -> Response:
        """Everything about one repository."""
        blobs = request.query_params.get("blobs", "").lower() in ("true", "1")
        return JSONResponse(repo_info(self._repo(request), full=True, blobs=blobs))

    async def tree(self, request: Request) -> Response:
        """The entries of one folder, or of all below it."""
        repo = self._repo(request)
        folder = request.path_params.get("path", "").strip("/")
        recursive = request.query_params.get("recursive", "").lower() in ("true", "1")
        entries = _tree(repo, folder, recursive)
        if folder and not entries:
            raise no_entry(repo, folder)
        return JSONResponse(entries)

    async def refs(self, request: Request) -> Response:
        """The branches, tags and pull requests."""
        repo = self._repo(request)
        refs = repo.history.refs if repo.history else {MAIN: repo.sha}
        found: dict[str, list[dict[str, str]]] = {kind: [] for kind in REF_KINDS.values()}
        for ref, commit in refs.items():
            folder, _, name = ref.removeprefix("refs/").partition("/")
            shown = ref if folder == "pr" else name
            found[REF_KINDS[folder]].append({"name": shown, "ref": ref, "targetCommit": commit})
        return JSONResponse({**found, "converts": []})

    async def commits(self, request: Request) -> Response:
        """The history, newest first; of a folder, the one commit there is."""
        repo = self._repo(request)
        commit = repo.history.resolve(repo.sha) if repo.history else None
        if repo.history is None or commit is None:
            commit = Commit(repo.sha, (), "content of this folder", "", repo.modified, {})
            log = [commit]
        else:
            log = repo.history.log(commit)
        authors = [{"user": repo.id.split("/")[0]}]
        return JSONResponse(
            [
                {"id": c.id, "title": c.title, "message": c.message, "date": c.date}
                | {"authors": authors}
                for c in log
            ]
        )

    async def paths_info(self, request: Request) -> Response:
        """The entries at the paths named in a form or JSON body; unknown ones are left out."""
        repo = self._repo(request)
        entries = []
        for path in await posted_paths(request):
            file = repo.file(path)
            if file:
                entries.append(file_entry(file))
            elif _tree(repo, path, recursive=False):
                entries.append(_folder_entry(repo, path))
        return JSONResponse(entries)

    async def resolve(self, request: Request) -> Response:
        """The bytes of a file; ranges and conditional requests are honoured."""
        repo = self._repo(request)
        path = request.path_params["path"]
        file = repo.file(path)
        if file is None:
            raise no_entry(repo, path)
        headers = {"ETag": f'"{file.oid}"', "X-Repo-Commit": repo.sha, "Accept-Ranges": "bytes"}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return _file_response(file, headers)

    async def reads_of_token(self, request: Request) -> Response:
        """What the token of this request has read."""
        return JSONResponse(self.reads.of(token_of(request)))

    async def digests(self, request: Request) -> Response:
        """The digests that the posted keys have now."""
        keys = await json_of(request)
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise bad_request("post a JSON list of keys")
        return JSONResponse({key: current_digest(self.store, key) for key in keys})

    def _repo(self, request: Request) -> Repo:
        kind, names, token = request.state.kind, request.path_params, token_of(request)
        repo_id = f"{names['org']}/{names['name']}"
        beneath = self.store.repo(kind, repo_id)
        self.reads.note(token, f"{kind}/{repo_id}", beneath.sha if beneath else "absent")
        repo = self.access.repo(request, kind, repo_id)
        revision = unquote(names.get("revision", "main"))
        found = self._at(request, repo, revision)
        if found is None:
            raise no_revision(repo, revision)
        return found

    def _at(self, request: Request, repo: Repo, revision: str) -> Repo | None:
        if repo.history is None:
            return repo if repo.has_revision(revision) else None
        commit = repo.history.resolve(revision)
        overlay = self.access.overlay(request)
        return overlay.snapshot(repo.kind, repo.id, repo.history, commit) if commit else None


def _tree(repo: Repo, folder: str, recursive: bool) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    inside = [file for file in repo.files if file.path.startswith(prefix)]
    depth = prefix.count("/")
    parents = {
        "/".join(parts[:level])
        for parts in (file.path.split("/") for file in inside)
        for level in range(depth + 1, len(parts))
        if recursive or level == depth + 1
    }
    entries = [_folder_entry(repo, path) for path in sorted(parents)]
    return entries + [
        file_entry(file) for file in inside if recursive or file.path.count("/") == depth
    ]


def _folder_entry(repo: Repo, path: str) -> dict[str, Any]:
    return {"type": "directory", "path": path, "oid": repo.sha, "size": 0}


def _file_response(file: File, headers: dict[str, str]) -> FileResponse:
    media_type = "application/octet-stream" if file.path.endswith(_BINARY) else None
    return FileResponse(file.location, headers=headers, media_type=media_type)


_BINARY = (".safetensors", ".parquet", ".bin")

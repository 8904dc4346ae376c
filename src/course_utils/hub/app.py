"""The Hub's HTTP interface, read side, over a store of repositories."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, cast
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

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
from course_utils.hub.search import BadQueryError, Query, find, result_digest
from course_utils.hub.store import KINDS, File, Kind, Repo, Store

__all__ = ["make_app"]

LARGEST_BODY = 1 << 20

Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(store: Store) -> Starlette:
    """The ASGI application that serves `store`."""
    hub = _Hub(store)
    routes = [
        Route("/api/whoami-v2", hub.whoami),
        Route("/_course/reads", hub.reads_of_token),
        Route("/_course/digests", hub.digests, methods=["POST"]),
    ]
    for kind in KINDS:
        api = f"/api/{kind}"
        repo = f"{api}/{{org}}/{{name}}"
        files = "/{org}/{name}" if kind == "models" else f"/{kind}/{{org}}/{{name}}"
        routes += [
            _route(kind, api, hub.search),
            _route(kind, repo, hub.info),
            _route(kind, f"{repo}/revision/{{revision:path}}", hub.info),
            _route(kind, f"{repo}/tree/{{revision}}", hub.tree),
            _route(kind, f"{repo}/tree/{{revision}}/{{path:path}}", hub.tree),
            _route(kind, f"{repo}/refs", hub.refs),
            _route(kind, f"{repo}/commits/{{revision:path}}", hub.commits),
            _route(kind, f"{repo}/paths-info/{{revision:path}}", hub.paths_info, "POST"),
            _route(kind, f"{files}/resolve/{{revision}}/{{path:path}}", hub.resolve),
        ]
    return Starlette(routes=routes, exception_handlers={HubError: _error, 404: _unknown_page})


def _route(kind: Kind, path: str, endpoint: Endpoint, method: str = "GET") -> Route:
    async def with_kind(request: Request) -> Response:
        request.state.kind = kind
        return await endpoint(request)

    return Route(path, with_kind, methods=[method])


async def _error(_: Request, error: Exception) -> Response:
    return cast(HubError, error).response()


async def _unknown_page(request: Request, _: Exception) -> Response:
    return HubError(404, None, f"the pocket Hub does not serve {request.url.path}").response()


class _Hub:
    """The endpoints; each notes what the request's token read."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.reads = Reads()

    async def whoami(self, request: Request) -> Response:
        """Any made-up token belongs to the learner."""
        if _token(request) is None:
            return HubError(401, None, "Invalid username or password.").response()
        auth = {"accessToken": {"displayName": "course", "role": "write"}}
        who = {"type": "user", "name": "learner", "fullname": "Learner", "orgs": []}
        return JSONResponse({**who, "id": "learner", "isPro": False, "auth": auth})

    async def search(self, request: Request) -> Response:
        """One page of the repositories that match, the next one linked in a header."""
        query_string = request.url.query
        try:
            query = Query.parse(query_string)
        except BadQueryError as error:
            raise bad_request(str(error)) from error
        kind = request.state.kind
        repos = find(self.store, kind, query)
        key = f"search:/api/{kind}?{query_string}"
        self.reads.note(_token(request), key, result_digest(repos))
        end = query.start + query.limit
        full = any(name in request.query_params for name in ("full", "cardData", "expand"))
        page = [repo_info(repo, full=full) for repo in repos[query.start : end]]
        headers = {}
        if end < len(repos):
            link = request.url.replace(query=query.next_page(query_string))
            headers["Link"] = f'<{link}>; rel="next"'
        return JSONResponse(page, headers=headers)

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
        """The branches: `main` alone."""
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": self._repo(request).sha}
        return JSONResponse({"branches": [main], "converts": [], "tags": [], "pullRequests": []})

    async def commits(self, request: Request) -> Response:
        """The history: the one commit there is."""
        repo = self._repo(request)
        authors = [{"user": repo.id.split("/")[0]}]
        commit = {"id": repo.sha, "title": "content of this folder", "message": ""}
        return JSONResponse([{**commit, "date": repo.modified, "authors": authors}])

    async def paths_info(self, request: Request) -> Response:
        """The entries at the paths named in a form or JSON body; unknown ones are left out."""
        repo = self._repo(request)
        entries = []
        for path in await _posted_paths(request):
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
        return JSONResponse(self.reads.of(_token(request)))

    async def digests(self, request: Request) -> Response:
        """The digests that the posted keys have now."""
        keys = await _json_body(request)
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise bad_request("post a JSON list of keys")
        return JSONResponse({key: current_digest(self.store, key) for key in keys})

    def _repo(self, request: Request) -> Repo:
        kind, names = request.state.kind, request.path_params
        repo_id = f"{names['org']}/{names['name']}"
        repo = self.store.repo(kind, repo_id)
        digest = repo.sha if repo else "absent"
        self.reads.note(_token(request), f"{kind}/{repo_id}", digest)
        if repo is None:
            raise no_repo(kind, repo_id)
        revision = names.get("revision", "main")
        if not repo.has_revision(revision):
            raise no_revision(repo, revision)
        return repo


def _token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token or None if scheme.lower() == "bearer" else None


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


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HubError(413, None, f"a body may have {LARGEST_BODY:,} bytes at most")
    return body


async def _json_body(request: Request) -> object:
    try:
        return json.loads(await _body(request))
    except ValueError as error:
        raise bad_request("the body is no JSON") from error


async def _posted_paths(request: Request) -> list[str]:
    if "json" in request.headers.get("Content-Type", ""):
        body = await _json_body(request)
        paths = body.get("paths", []) if isinstance(body, dict) else []
        return [str(path) for path in paths] if isinstance(paths, list) else []
    return parse_qs((await _body(request)).decode("utf-8", "replace")).get("paths", [])

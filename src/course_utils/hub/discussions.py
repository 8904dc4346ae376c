"""The endpoints of discussions and pull requests."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from course_utils.hub import threads
from course_utils.hub.access import Access, asked_for
from course_utils.hub.history import History
from course_utils.hub.replies import bad_request
from course_utils.hub.requests import json_object

__all__ = ["Discussions"]


class Discussions:
    """Each endpoint changes the overlay of the request's token and nothing else."""

    def __init__(self, access: Access) -> None:
        self.access = access

    async def list(self, request: Request) -> Response:
        """One page of the discussions that match."""
        kind, repo_id = asked_for(request)
        repo = self.access.repo(request, kind, repo_id)
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

    async def open(self, request: Request) -> Response:
        """Open a discussion, or a draft of a pull request."""
        body = await json_object(request)
        kind, repo_id = asked_for(request)
        pull = bool(body.get("pullRequest"))
        with self.access.changing(request, kind, repo_id, own=False) as (_, history):
            title, text = str(body.get("title", "")), str(body.get("description") or "")
            status = "draft" if pull else "open"
            thread = threads.open_thread(history, title, text, pull=pull, status=status)
        return JSONResponse({"num": thread["num"], "pullRequest": pull})

    async def show(self, request: Request) -> Response:
        """One discussion with its events."""
        kind, repo_id = asked_for(request)
        repo = self.access.repo(request, kind, repo_id)
        history = repo.history or History()
        thread = threads.find_thread(history, request.path_params["num"])
        name = {"name": repo_id, "type": kind.removesuffix("s")}
        return JSONResponse(threads.details(history, thread, name))

    async def change(self, request: Request) -> Response:
        """Comment on a discussion, rename it, change its status, or merge it."""
        body = await json_object(request)
        kind, repo_id = asked_for(request)
        what = request.path_params["what"]
        with self.access.changing(request, kind, repo_id, own=what == "merge") as (_, history):
            thread = threads.find_thread(history, request.path_params["num"])
            answer = _change(history, thread, what, body)
        return JSONResponse(answer)

    async def change_comment(self, request: Request) -> Response:
        """Edit a comment of the learner's, or hide it."""
        body = await json_object(request)
        kind, repo_id = asked_for(request)
        names = request.path_params
        if names["how"] not in ("edit", "hide"):
            raise bad_request(f"a comment has no {names['how']}")
        text = str(body.get("content") or "") if names["how"] == "edit" else None
        with self.access.changing(request, kind, repo_id, own=False) as (_, history):
            thread = threads.find_thread(history, names["num"])
            changed = threads.changed_comment(thread, names["comment"], text)
        return JSONResponse({"updatedComment": changed})


def _change(
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

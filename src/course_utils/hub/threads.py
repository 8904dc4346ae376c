"""Discussions and pull requests of a written repository, as the Hub answers them."""

from __future__ import annotations

import uuid
from typing import Any

from course_utils.hub.history import MAIN, Blob, Commit, History, now
from course_utils.hub.replies import HubError, bad_request, conflict

__all__ = [
    "changed_comment",
    "comment",
    "conflicts",
    "details",
    "event",
    "find_thread",
    "merge",
    "open_thread",
]

AUTHOR = {"name": "learner", "type": "user"}
OPEN = ("open", "draft")


def event(kind: str, **data: Any) -> dict[str, Any]:
    """One event of a discussion: comment, status-change, title-change or commit."""
    author = dict(AUTHOR)
    name = uuid.uuid4().hex[:24]
    return {"id": name, "author": author, "createdAt": now(), "type": kind, "data": data}


def comment(text: str) -> dict[str, Any]:
    """A comment."""
    latest = {"raw": text, "html": "", "updatedAt": now(), "author": dict(AUTHOR)}
    return event("comment", edited=False, hidden=False, latest=latest, history=[latest])


def changed_comment(thread: dict[str, Any], name: str, text: str | None) -> dict[str, Any]:
    """Edit a comment, or hide it where `text` is None; return the event.

    Raises:
        HubError: the discussion has no such comment, or it is hidden already.
    """
    events: list[dict[str, Any]] = thread["events"]
    found = [e for e in events if e["id"] == name and e["type"] == "comment"]
    if not found:
        raise HubError(404, None, f"there is no comment {name}")
    data = found[0]["data"]
    if data["hidden"]:
        raise conflict("the comment is hidden")
    if text is None:
        data["hidden"] = True
        text = "This comment has been hidden"
    data["edited"] = True
    data["latest"] = comment(text)["data"]["latest"]
    data["history"] = [*data["history"], data["latest"]]
    return found[0]


def open_thread(
    history: History, title: str, description: str, *, pull: bool, status: str = "open"
) -> dict[str, Any]:
    """Open a discussion, or a pull request with its own reference, and return it."""
    if len(title.strip()) < 3:
        raise bad_request("a title has three characters or more")
    num = len(history.discussions) + 1
    thread = {
        "num": num,
        "title": title.strip(),
        "author": dict(AUTHOR),
        "createdAt": now(),
        "status": status,
        "isPullRequest": pull,
        "events": [comment(description)],
    }
    if pull:
        thread["changes"] = {"base": MAIN}
        history.refs[f"refs/pr/{num}"] = history.refs[MAIN]
    history.discussions.append(thread)
    return thread


def find_thread(history: History, num: int) -> dict[str, Any]:
    """The discussion of that number."""
    if not 1 <= num <= len(history.discussions):
        raise HubError(404, None, f"there is no discussion {num}")
    return history.discussions[num - 1]


def details(history: History, thread: dict[str, Any], repo: dict[str, str]) -> dict[str, Any]:
    """A discussion with its events; of a pull request also the files in conflict."""
    shown = {**thread, "repo": repo, "diff": ""}
    if thread["isPullRequest"]:
        shown["filesWithConflicts"] = sorted(conflicts(history, thread))
    return shown


def conflicts(history: History, thread: dict[str, Any]) -> set[str]:
    """The files that both the pull request and the main branch changed since it was opened."""
    if thread["status"] not in OPEN:
        return set()
    base, ours, theirs = _three(history, thread["num"])
    changed = _changed(base.files, theirs.files) & _changed(base.files, ours.files)
    return {path for path in changed if ours.files.get(path) != theirs.files.get(path)}


def merge(history: History, thread: dict[str, Any], text: str) -> None:
    """Merge a pull request into the main branch.

    Raises:
        HubError: it is none, it is closed, or both sides changed a file.
    """
    if not thread["isPullRequest"] or thread["status"] not in OPEN:
        raise conflict("only an open pull request can be merged")
    if clash := conflicts(history, thread):
        raise conflict(f"both sides changed {', '.join(sorted(clash))}")
    base, ours, theirs = _three(history, thread["num"])
    files = dict(ours.files)
    for path in _changed(base.files, theirs.files):
        if path in theirs.files:
            files[path] = theirs.files[path]
        else:
            files.pop(path, None)
    title = f"{thread['title']} (#{thread['num']})"
    commit = Commit.on((ours.id, theirs.id), files, title, text)
    history.add(MAIN, commit)
    thread["status"] = "merged"
    thread["changes"]["mergeCommitId"] = commit.id
    thread["events"] += [comment(text)] if text else []
    thread["events"].append(event("status-change", status="merged"))


def _three(history: History, num: int) -> tuple[Commit, Commit, Commit]:
    """The commit a pull request began at, the main branch, and the pull request."""
    ours = history.commits[history.refs[MAIN]]
    theirs = history.commits[history.refs[f"refs/pr/{num}"]]
    known = {commit.id for commit in history.log(ours)}
    base = next(commit for commit in history.log(theirs) if commit.id in known)
    return base, ours, theirs


def _changed(before: dict[str, Blob], after: dict[str, Blob]) -> set[str]:
    return {path for path in {**before, **after} if before.get(path) != after.get(path)}

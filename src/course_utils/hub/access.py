"""Who may write where: each token its own overlay, and in it the learner's namespace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from course_utils.hub.history import History
from course_utils.hub.overlay import Overlay, Overlays
from course_utils.hub.replies import no_access, no_repo
from course_utils.hub.requests import token_of
from course_utils.hub.store import Kind, Repo, Store, is_repo_id

__all__ = ["USER", "Access", "asked_for", "check_own"]

USER = "learner"


class Access:
    """What a request's token sees and may change."""

    def __init__(self, store: Store, overlays: Overlays) -> None:
        self.store, self.overlays = store, overlays

    def overlay(self, request: Request) -> Overlay:
        """Where the request's token writes; an error without a token."""
        token = token_of(request)
        if token is None:
            raise no_access("writing needs a token: log in with any made-up one", 401)
        return self.overlays.of(token)

    def seen_by(self, request: Request) -> Store:
        """The store with what the request's token wrote on top."""
        token = token_of(request)
        return self.store.under(self.overlays.of(token)) if token else self.store

    def repo(self, request: Request, kind: Kind, repo_id: str) -> Repo:
        """A repository as the request's token sees it."""
        repo = self.seen_by(request).repo(kind, repo_id)
        if repo is None:
            raise no_repo(kind, repo_id)
        return repo

    @contextmanager
    def changing(
        self, request: Request, kind: Kind, repo_id: str, *, own: bool = True
    ) -> Iterator[tuple[Repo, History]]:
        """A repository and its history to change; with `own`, one of the learner's."""
        overlay = self.overlay(request)
        repo = self.repo(request, kind, repo_id)
        if own:
            check_own(repo_id)
        with overlay.changing(repo) as history:
            yield repo, history


def asked_for(request: Request) -> tuple[Kind, str]:
    """The kind and the id of the repository in the request's path."""
    names = request.path_params
    return request.state.kind, f"{names['org']}/{names['name']}"


def check_own(repo_id: str) -> None:
    """Only the learner's own namespace can be written to, as on the Hub."""
    if not is_repo_id(repo_id) or repo_id.split("/")[0] != USER:
        own = f"{USER}/{repo_id.split('/')[-1]}"
        raise no_access(f"{repo_id} is not yours: create {own}, or open a pull request")

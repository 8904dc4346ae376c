"""The record of what each token read, by which an executed lesson knows when it is out of date."""

from __future__ import annotations

from collections import defaultdict

from course_utils.hub.search import Query, find, result_digest
from course_utils.hub.store import KINDS, Store

__all__ = ["Reads", "current_digest"]


class Reads:
    """Keys and digests of everything read, by token.

    A key is ``models/ORG/NAME`` (digest: the commit) or ``search:/api/models?QUERY``
    (digest: of the result). A repository looked for in vain has the digest "absent".
    """

    def __init__(self) -> None:
        self._by_token: dict[str, dict[str, str]] = defaultdict(dict)

    def note(self, token: str | None, key: str, digest: str) -> None:
        """Record one read; requests without a token are nobody's."""
        if token:
            self._by_token[token][key] = digest

    def of(self, token: str | None) -> dict[str, str]:
        """Everything `token` read so far."""
        return dict(self._by_token.get(token or "", {}))


def current_digest(store: Store, key: str) -> str | None:
    """What reading `key` would give now; None where the key is not one of ours."""
    if key.startswith("search:/api/"):
        path, _, query_string = key.removeprefix("search:/api/").partition("?")
        if path in KINDS:
            return result_digest(find(store, path, Query.parse(query_string)))
        return None
    kind, _, repo_id = key.partition("/")
    if kind not in KINDS:
        return None
    repo = store.repo(kind, repo_id)
    return repo.sha if repo else "absent"

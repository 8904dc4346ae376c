"""Finding repositories: the Hub's query parameters, applied to the repositories there are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from course_utils.hub.store import Kind, Repo, Store

__all__ = ["Query", "find", "result_digest"]

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 1000

_TAG_PARAMETERS = ("pipeline_tag", "library", "language")


class BadQueryError(ValueError):
    """A parameter the Hub would refuse with 400."""


@dataclass(frozen=True)
class Query:
    """What was asked for: all words and all tags must match."""

    words: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    author: str | None = None
    sort: str = "id"
    ascending: bool = False
    limit: int = DEFAULT_LIMIT
    start: int = 0

    @classmethod
    def parse(cls, query_string: str) -> Query:
        """Read the query string of ``/api/models`` or its siblings.

        Raises:
            BadQueryError: a number is not one.
        """
        values = parse_qs(query_string)
        named = [
            tag for key in ("pipeline_tag", "library", "language") for tag in values.get(key, [])
        ]
        return cls(
            words=tuple(word.lower() for text in values.get("search", []) for word in text.split()),
            tags=tuple(tag for text in values.get("filter", []) for tag in text.split(","))
            + tuple(named),
            author=_last(values, "author"),
            sort=_last(values, "sort") or "id",
            ascending=_last(values, "direction") == "1",
            limit=min(_number(values, "limit", DEFAULT_LIMIT), LARGEST_LIMIT),
            start=_number(values, "cursor", 0),
        )

    def next_page(self, query_string: str) -> str:
        """The query string of the page after this one."""
        values = {key: value for key, value in parse_qs(query_string).items() if key != "cursor"}
        return urlencode({**values, "cursor": self.start + self.limit}, doseq=True)

    def matches(self, repo: Repo) -> bool:
        """Whether `repo` meets every condition."""
        return (
            all(word in repo.id.lower() for word in self.words)
            and all(_has_tag(repo, tag) for tag in self.tags)
            and (self.author is None or repo.id.split("/")[0].lower() == self.author.lower())
        )


def find(store: Store, kind: Kind, query: Query) -> list[Repo]:
    """All repositories that match, in the order asked for; not yet cut into pages."""
    repos = [repo for repo in store.repos(kind) if query.matches(repo)]
    if query.sort in ("lastModified", "createdAt"):
        repos.sort(key=lambda repo: repo.modified, reverse=not query.ascending)
    return repos


def result_digest(repos: Sequence[Repo]) -> str:
    """A digest of what a search found: ids and commits, in order."""
    lines = "".join(f"{repo.key} {repo.sha}\n" for repo in repos)
    return hashlib.sha256(lines.encode()).hexdigest()


def _has_tag(repo: Repo, tag: str) -> bool:
    """The Hub accepts both ``language:fr`` and the bare value for the common prefixes."""
    known = repo.tags
    bare = tag.removeprefix("language:")
    return (
        tag in known
        or bare in known
        or any(f"{p}:{tag}" in known for p in ("language", "task_categories"))
    )


def _last(values: Mapping[str, Sequence[str]], key: str) -> str | None:
    return values[key][-1] if key in values else None


def _number(values: Mapping[str, Sequence[str]], key: str, default: int) -> int:
    text = _last(values, key)
    if text is None:
        return default
    if not text.isdecimal():
        raise BadQueryError(f"{key} must be a whole number, not {text!r}")
    return int(text)

"""Real repository ids under which a Hub serves pocket content of the same schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from course_utils.errors import CourseError
from course_utils.hub.store import Kind, Level, Repo, is_repo_id

__all__ = ["Aliases", "parse_aliases"]


class Aliases:
    """A layer of other names for repositories that are beneath it."""

    def __init__(self, names: Mapping[str, str], beneath: Sequence[Level]) -> None:
        self.names, self.beneath = dict(names), tuple(beneath)

    def repo(self, kind: Kind, repo_id: str) -> Repo | None:
        """The repository that the alias stands for, under the alias; any revision will do."""
        target = self.names.get(repo_id)
        found = (layer.repo(kind, target) for layer in self.beneath if target)
        repo = next(filter(None, found), None)
        return replace(repo, id=repo_id, any_revision=True) if repo else None

    def ids(self, kind: Kind) -> Iterator[str]:
        """The aliases that stand for a repository of that kind."""
        yield from (name for name in self.names if self.repo(kind, name))

    def hides(self, kind: Kind, repo_id: str) -> bool:
        """An alias hides nothing."""
        return False


def parse_aliases(texts: Sequence[str]) -> dict[str, str]:
    """Read ``REAL=POCKET`` pairs.

    Raises:
        CourseError: one is no such pair.
    """
    names = {}
    for text in texts:
        real, mark, pocket = text.partition("=")
        if not mark or not is_repo_id(real) or not is_repo_id(pocket):
            raise CourseError(f"--alias {text}: write REAL=POCKET, each as ORG/NAME")
        names[real] = pocket
    return names

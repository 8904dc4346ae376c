from pathlib import Path

import pytest

from course_utils.hub.search import BadQueryError, Query, find, result_digest
from course_utils.hub.store import Kind, Store


def ids(repos: Path, kind: Kind, query: str) -> list[str]:
    return [repo.id for repo in find(Store.over([repos]), kind, Query.parse(query))]


@pytest.mark.parametrize(
    ("kind", "query", "expected"),
    [
        ("models", "", ["made/net", "made/other"]),
        ("models", "search=NET", ["made/net"]),
        ("models", "filter=fill-mask", ["made/net"]),
        ("models", "pipeline_tag=fill-mask&filter=tiny", ["made/net"]),
        ("models", "filter=fill-mask&filter=huge", []),
        ("models", "filter=dataset:made/rows", ["made/net"]),
        ("models", "filter=en", ["made/net"]),
        ("models", "author=nobody", []),
        ("datasets", "filter=language:fr", ["made/rows"]),
        ("datasets", "filter=task_categories:text-classification", ["made/rows"]),
        ("datasets", "filter=text-classification", ["made/rows"]),
        ("datasets", "filter=license:mit", []),
    ],
)
def test_queries(repos: Path, kind: Kind, query: str, expected: list[str]) -> None:
    assert ids(repos, kind, query) == expected


def test_a_number_that_is_none() -> None:
    with pytest.raises(BadQueryError, match="limit must be a whole number"):
        Query.parse("limit=many")


def test_the_digest_tells_results_apart(repos: Path) -> None:
    store = Store.over([repos])
    every = find(store, "models", Query())
    assert result_digest(every) != result_digest(every[:1])
    assert result_digest(every) == result_digest(find(store, "models", Query()))

import json
import urllib.request
from pathlib import Path

import pytest

from course_utils.errors import CourseError
from course_utils.hub import launch
from course_utils.hub.alias import Aliases, parse_aliases
from course_utils.hub.store import Layer, Store


def test_a_repository_is_served_under_its_real_id(repos: Path) -> None:
    with launch([repos], aliases={"real/net": "made/net"}) as hub:
        for path in ("real/net", "made/net", "real/net/revision/refs%2Fconvert%2Fparquet"):
            with urllib.request.urlopen(f"{hub.endpoint}/api/models/{path}", timeout=20) as answer:
                assert json.load(answer)["id"] == "/".join(path.split("/")[:2])
        place = f"{hub.endpoint}/real/net/resolve/main/sub/deep/note.txt"
        with urllib.request.urlopen(place, timeout=20) as answer:
            assert answer.read() == b"deep\n"


def test_an_alias_has_the_kind_of_what_it_stands_for(repos: Path) -> None:
    layers = (Layer(repos),)
    store = Store(layers).under(Aliases({"real/rows": "made/rows", "real/none": "made/no"}, layers))
    assert store.repo("models", "real/rows") is None
    assert store.repo("datasets", "real/none") is None
    assert "real/rows" in [repo.id for repo in store.repos("datasets")]
    repo, target = store.repo("datasets", "real/rows"), store.repo("datasets", "made/rows")
    assert repo is not None
    assert target is not None
    assert repo.sha == target.sha
    assert repo.has_revision("anything")


def test_pairs_are_read() -> None:
    assert parse_aliases(["a/b=c/d"]) == {"a/b": "c/d"}


@pytest.mark.parametrize("text", ["a/b", "a=c/d", "a/b=c", "=", "../x=c/d"])
def test_what_is_no_pair_is_an_error(text: str) -> None:
    with pytest.raises(CourseError, match="REAL=POCKET"):
        parse_aliases([text])

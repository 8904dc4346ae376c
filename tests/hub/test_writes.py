"""What the Hub does with writes that no client library would send, and with many at once."""

import base64
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.hub import RunningHub, launch

TOKEN = "hf_course_writer"
Answer = tuple[int, Any]


def send(
    hub: RunningHub, method: str, path: str, body: Any = None, token: str | None = TOKEN
) -> Answer:
    """Send JSON, bytes or nothing; the status and the answer."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(hub.endpoint + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            content = response.read()
            status = response.status
    except urllib.error.HTTPError as error:
        with error:
            content, status = error.read(), error.code
    try:
        return status, json.loads(content)
    except ValueError:
        return status, content


def operation(key: str, **value: Any) -> tuple[str, dict[str, Any]]:
    return key, value


def added(path: str, content: bytes = b"x") -> tuple[str, dict[str, Any]]:
    text = base64.b64encode(content).decode()
    return operation("file", path=path, content=text, encoding="base64")


def commit(hub: RunningHub, repo: str, *operations: tuple[str, Any], **header: Any) -> Answer:
    items = [("header", {"summary": "s", **header}), *operations]
    lines = [json.dumps({"key": key, "value": value}) for key, value in items]
    return send(hub, "POST", f"/api/models/{repo}/commit/main", "\n".join(lines).encode())


def files(hub: RunningHub, repo: str, token: str = TOKEN) -> list[str]:
    _, info = send(hub, "GET", f"/api/models/{repo}", token=token)
    return [file["rfilename"] for file in info.get("siblings", [])]


def create(hub: RunningHub, name: str) -> str:
    assert send(hub, "POST", "/api/repos/create", {"name": name})[0] == 200
    return f"learner/{name}"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def writable(repos: Path, data: Path) -> Iterator[RunningHub]:
    with launch([repos], data=data) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/repos/create"),
        ("DELETE", "/api/repos/delete"),
        ("POST", "/api/models/made/net/commit/main"),
        ("POST", "/api/models/made/net/discussions"),
        ("POST", "/made/net.git/info/lfs/objects/batch"),
    ],
)
def test_without_a_token_nothing_is_written(writable: RunningHub, method: str, path: str) -> None:
    body = {"name": "x", "title": "a title", "objects": []}
    status, answer = send(writable, method, path, body, token=None)
    assert status == 401
    assert "any made-up one" in answer["error"]


@pytest.mark.parametrize("path", ["../up", "/root", "a/../b", "a//b", ".git/config", "a\\b", ""])
def test_no_path_climbs_out(writable: RunningHub, path: str) -> None:
    repo = create(writable, f"climb-{path.encode().hex()}")
    assert commit(writable, repo, added(path))[0] == 400
    assert files(writable, repo) == []


@pytest.mark.parametrize("name", ["../x", "", "a b", "x" * 200, "über", None, 7, "a/b/c"])
def test_names_that_are_none_are_refused(writable: RunningHub, name: Any) -> None:
    status, _ = send(writable, "POST", "/api/repos/create", {"name": name})
    assert status in ((200,) if name in (None, 7) else (400, 403))


def test_a_commit_is_all_or_nothing(writable: RunningHub) -> None:
    repo = create(writable, "whole")
    status, _ = commit(writable, repo, added("good.txt"), operation("deletedFile", path="none"))
    assert status == 404
    assert files(writable, repo) == []


def test_a_large_file_needs_the_content_it_was_announced_with(writable: RunningHub) -> None:
    repo, content = create(writable, "large"), b"weights" * 1000
    sha256 = hashlib.sha256(content).hexdigest()
    pointer = operation("lfsFile", path="w.bin", algo="sha256", oid=sha256, size=len(content))
    assert commit(writable, repo, pointer)[0] == 400
    batch = {"operation": "upload", "objects": [{"oid": sha256, "size": len(content)}]}
    _, answer = send(writable, "POST", f"/{repo}.git/info/lfs/objects/batch", batch)
    place = answer["objects"][0]["actions"]["upload"]["href"].removeprefix(writable.endpoint)
    assert send(writable, "PUT", place, content + b"!", token=None)[0] == 400
    assert commit(writable, repo, pointer)[0] == 400
    assert send(writable, "PUT", place, content, token=None)[0] == 200
    assert commit(writable, repo, pointer)[0] == 200
    _, again = send(writable, "POST", f"/{repo}.git/info/lfs/objects/batch", batch)
    assert "actions" not in again["objects"][0]


def test_what_a_token_writes_nobody_else_sees(writable: RunningHub) -> None:
    repo = create(writable, "mine")
    commit(writable, repo, added("secret.txt"))
    assert files(writable, repo) == ["secret.txt"]
    assert send(writable, "GET", f"/api/models/{repo}", token="hf_other")[0] == 404
    assert send(writable, "GET", f"/api/models/{repo}", token=None)[0] == 404


def test_what_was_written_outlives_the_hub(repos: Path, tmp_path: Path) -> None:
    with launch([repos], data=tmp_path) as first:
        commit(first, create(first, "kept"), added("a.txt"))
    with launch([repos], data=tmp_path) as second:
        assert files(second, "learner/kept") == ["a.txt"]


def test_fifty_pushes_at_once_are_all_there(writable: RunningHub) -> None:
    repo = create(writable, "busy")
    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(lambda n: commit(writable, repo, added(f"{n}.txt")), range(50)))
    assert {status for status, _ in done} == {200}
    assert set(files(writable, repo)) == {f"{n}.txt" for n in range(50)}
    _, log = send(writable, "GET", f"/api/models/{repo}/commits/main")
    assert len({entry["id"] for entry in log}) == 51


def test_two_hubs_on_one_folder_lose_nothing(repos: Path, tmp_path: Path) -> None:
    with launch([repos], data=tmp_path) as one, launch([repos], data=tmp_path) as two:
        repo = create(one, "shared")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: commit((one, two)[n % 2], repo, added(f"{n}")), range(30)))
        assert len(files(one, repo)) == len(files(two, repo)) == 30


def test_two_hundred_downloads_at_once_are_whole(writable: RunningHub) -> None:
    def digest(_: int) -> str:
        status, content = send(writable, "GET", "/made/net/resolve/main/weights.bin")
        return hashlib.sha256(content).hexdigest() if status == 200 else str(status)

    with ThreadPoolExecutor(32) as pool:
        found = set(pool.map(digest, range(200)))
    assert found == {hashlib.sha256(bytes(range(256)) * 40).hexdigest()}


def test_a_body_that_is_too_large_is_refused(writable: RunningHub) -> None:
    status, _ = send(writable, "POST", "/api/repos/create", b" " * (1 << 21))
    assert status == 413


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=200) | st.text(max_size=80).map(lambda t: t.encode()))
def test_no_commit_body_breaks_the_hub(writable: RunningHub, body: bytes) -> None:
    status, _ = send(writable, "POST", "/api/models/made/net/commit/main?create_pr=1", body)
    assert status in (200, 400)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


@settings(max_examples=80, deadline=None)
@given(
    path=st.sampled_from(
        ["repos/create", "repos/move", "models/made/net/preupload/main", "validate-yaml",
         "models/made/net/branch/x", "models/made/net/tag/main", "models/made/net/discussions",
         "models/made/net/discussions/1/comment", "models/made/net/settings"]
    ),
    body=st.dictionaries(
        st.sampled_from(["name", "type", "organization", "files", "title", "tag", "content",
                         "fromRepo", "toRepo", "startingPoint", "comment", "status"]),
        json_values,
    ),
)  # fmt: skip
def test_no_json_breaks_the_hub(writable: RunningHub, path: str, body: dict[str, Any]) -> None:
    status, _ = send(writable, "POST", f"/api/{path}", body)
    assert status < 500

import hashlib
import json
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.hub import RunningHub

Answer = tuple[int, Message, bytes]


def ask(
    hub: RunningHub, path: str, method: str = "GET", body: Any = None, **headers: str
) -> Answer:
    data = json.dumps(body).encode() if body is not None else None
    if data:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(hub.endpoint + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_info_lists_files_and_tags(hub: RunningHub) -> None:
    status, _, body = ask(hub, "/api/models/made/net?blobs=true")
    info = json.loads(body)
    assert status == 200
    assert info["pipeline_tag"] == "fill-mask"
    assert info["cardData"]["datasets"] == ["made/rows"]
    sizes = {file["rfilename"]: file["size"] for file in info["siblings"]}
    assert sizes["weights.bin"] == 10240


def test_resolve_has_etag_commit_and_length(hub: RunningHub, repos: Path) -> None:
    content = (repos / "models/made/net/weights.bin").read_bytes()
    status, headers, body = ask(hub, "/made/net/resolve/main/weights.bin")
    oid = hashlib.sha1(b"blob 10240\0" + content, usedforsecurity=False).hexdigest()
    assert (status, body) == (200, content)
    assert headers["ETag"] == f'"{oid}"'
    status, head, body = ask(hub, "/made/net/resolve/main/weights.bin", "HEAD")
    assert (status, body, head["Content-Length"]) == (200, b"", "10240")
    sha = head["X-Repo-Commit"]
    assert ask(hub, f"/made/net/resolve/{sha}/weights.bin")[2] == content


def test_ranges_and_conditions(hub: RunningHub) -> None:
    path = "/made/net/resolve/main/weights.bin"
    status, headers, body = ask(hub, path, Range="bytes=10-13")
    assert (status, body) == (206, bytes([10, 11, 12, 13]))
    assert headers["Content-Range"] == "bytes 10-13/10240"
    assert ask(hub, path, Range="bytes=99999-")[0] == 416
    etag = headers["ETag"]
    assert ask(hub, path, **{"If-None-Match": etag})[0] == 304


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/models/made/nothing", "RepoNotFound"),
        ("/made/nothing/resolve/main/a", "RepoNotFound"),
        ("/api/models/made/net/revision/v2", "RevisionNotFound"),
        ("/made/net/resolve/v2/README.md", "RevisionNotFound"),
        ("/made/net/resolve/main/none.txt", "EntryNotFound"),
        ("/made/net/resolve/main/..%2F..%2Fother%2Fconfig.json", "EntryNotFound"),
        ("/made/net/resolve/main/%2Fetc%2Fpasswd", "EntryNotFound"),
        ("/datasets/made/net/resolve/main/README.md", "RepoNotFound"),
        ("/api/models/made/net/tree/main/none", "EntryNotFound"),
    ],
)
def test_what_is_not_there_has_the_hubs_error_code(hub: RunningHub, path: str, code: str) -> None:
    status, headers, body = ask(hub, path)
    assert status == 404
    assert headers["X-Error-Code"] == code
    assert json.loads(body)["error"]


def test_bad_requests(hub: RunningHub) -> None:
    assert ask(hub, "/api/models?limit=many")[0] == 400
    assert ask(hub, "/_course/digests", "POST", {"no": "list"})[0] == 400
    assert ask(hub, "/api/models/made/net/paths-info/main", "POST", ["x" * (1 << 20)])[0] == 413
    assert ask(hub, "/api/whoami-v2")[0] == 401
    assert ask(hub, "/nowhere")[0] == 404


def test_pages_are_linked(hub: RunningHub) -> None:
    _, headers, body = ask(hub, "/api/models?limit=1")
    assert [repo["id"] for repo in json.loads(body)] == ["made/net"]
    following = headers["Link"].split(">")[0].lstrip("<").removeprefix(hub.endpoint)
    _, headers, body = ask(hub, following)
    assert [repo["id"] for repo in json.loads(body)] == ["made/other"]
    assert "Link" not in headers


def test_trees(hub: RunningHub) -> None:
    _, _, body = ask(hub, "/api/models/made/net/tree/main")
    assert {e["path"]: e["type"] for e in json.loads(body)} == {
        "README.md": "file",
        "weights.bin": "file",
        "sub": "directory",
    }
    _, _, body = ask(hub, "/api/models/made/net/tree/main?recursive=true")
    paths = {entry["path"] for entry in json.loads(body)}
    assert paths == {"README.md", "weights.bin", "sub", "sub/deep", "sub/deep/note.txt"}


def test_reads_are_recorded_by_token_and_can_be_checked(hub: RunningHub) -> None:
    mine = {"Authorization": "Bearer hf_mine"}
    ask(hub, "/api/datasets/made/rows", **mine)
    ask(hub, "/api/models?filter=tiny", **mine)
    ask(hub, "/api/models/made/none", **mine)
    reads = json.loads(ask(hub, "/_course/reads", **mine)[2])
    keys = {"datasets/made/rows", "search:/api/models?filter=tiny", "models/made/none"}
    assert set(reads) == keys
    assert reads["models/made/none"] == "absent"
    assert json.loads(ask(hub, "/_course/digests", "POST", list(reads))[2]) == reads
    unknown = ["elsewhere", "search:/api/x?y"]
    digests = json.loads(ask(hub, "/_course/digests", "POST", unknown)[2])
    assert digests == {"elsewhere": None, "search:/api/x?y": None}
    other = ask(hub, "/_course/reads", Authorization="Bearer hf_other")[2]
    assert json.loads(other) == {}


def test_fifty_downloads_at_once_are_all_whole(hub: RunningHub, repos: Path) -> None:
    content = (repos / "models/made/net/weights.bin").read_bytes()
    with ThreadPoolExecutor(50) as pool:
        paths = ["/made/net/resolve/main/weights.bin"] * 50
        assert all(body == content for _, _, body in pool.map(lambda p: ask(hub, p), paths))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_no_path_makes_it_fail_or_leave_its_folder(hub: RunningHub, text: str) -> None:
    path = urllib.parse.quote(text, safe="/.")
    for start in ("/made/net/resolve/main/", "/api/models/", "/"):
        status, _, body = ask(hub, start + path)
        assert status in (200, 307, 400, 404, 405), (start, text)
        assert b"root:" not in body

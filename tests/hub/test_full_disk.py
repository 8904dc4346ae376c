"""What the Hub answers when its folder cannot be written."""

import errno
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from course_utils.hub import overlay
from course_utils.hub.app import make_app
from course_utils.hub.overlay import Overlays
from course_utils.hub.store import Store

WRITER = {"Authorization": "Bearer hf_course_writer"}


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return TestClient(make_app(Store(()), Overlays(tmp_path)), headers=WRITER)


def commit(client: TestClient, path: str) -> tuple[int, dict[str, object]]:
    lines = [
        {"key": "header", "value": {"summary": "s"}},
        {"key": "file", "value": {"path": path, "content": "eA==", "encoding": "base64"}},
    ]
    body = "\n".join(map(json.dumps, lines))
    answer = client.post("/api/models/learner/demo/commit/main", content=body)
    return answer.status_code, answer.json()


def files(client: TestClient) -> list[str]:
    info = client.get("/api/models/learner/demo").json()
    return [file["rfilename"] for file in info["siblings"]]


def test_a_full_disk_is_a_clear_answer_and_what_was_there_stays(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/api/repos/create", json={"name": "demo"})
    assert commit(client, "a")[0] == 200

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(overlay, "_replace", full)
        status, answer = commit(client, "b")
    assert status == 507
    assert "No space left on device" in str(answer["error"])
    assert files(client) == ["a"]
    assert commit(client, "c")[0] == 200
    assert files(client) == ["a", "c"]

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_utils import hub as hubs
from course_utils.errors import CourseError


def test_it_listens_on_loopback_only(hub: hubs.RunningHub) -> None:
    assert hub.endpoint.startswith("http://127.0.0.1:")


def test_a_port_in_use_is_named(repos: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CourseError, match=f"port {port} is in use: choose another"):
            hubs.launch([repos], port)


def test_a_missing_root_is_named(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="is no folder"):
        hubs.launch([tmp_path / "none"])


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL: runs on Linux and macOS")
def test_it_ends_with_a_parent_that_is_killed(repos: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom course_utils import hub\n"
        f"running = hub.launch([Path({str(repos)!r})])\n"
        "print(running.endpoint, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline().rpartition(":")[2])
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _answers(port):
        assert time.monotonic() < deadline, "the Hub outlived its parent"
        time.sleep(0.05)


def test_the_pocket_hub_has_its_repositories() -> None:
    ids = {str(repo["id"]) for repo in hubs.list_repos()}
    assert {"pocket/bert-mini", "pocket/entities", "pocket/reviews"} <= ids
    assert {f"evaluate-metric/{name}" for name in ("accuracy", "f1", "seqeval")} <= ids


def test_start_needs_to_come_first() -> None:
    program = (
        "import huggingface_hub\nfrom course_utils import hub\n"
        "try:\n    hub.start()\nexcept Exception as error:\n    print(error)\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "HF_ENDPOINT"}
    result = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert "must come before the first Hugging Face import" in result.stdout


def test_start_leaves_a_configured_hub_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    hubs.start()
    assert os.environ["HF_ENDPOINT"] == "http://127.0.0.1:1"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

"""Hostile submissions win nothing, harm no sibling, leave nothing behind and read nothing."""

import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from grade_helpers import COURSE, HONEST, require, sandbox_processes
from hostile import FILES, SCRIPTS, plant

from course_utils.grade import Record, grade

SECRET = "the canary sings 1729"
# What each of these must be called: the status tells why nothing was earned.
STATUS = {
    "endless loop": "timeout",
    "endless loop in a call": "timeout",
    "sleeps": "timeout",
    "memory of many processes": "memory",
    "exit": "crashed",
    "segmentation fault": "crashed",
    "forged replies": "policy",
    "huge reply": "policy",
    "empty.ipynb": "malformed",
    "deep.ipynb": "malformed",
    "link.py": "policy",
    "pipe.py": "policy",
    "stranger": "policy",
    "twice": "malformed",
    "gone.py": "malformed",
}


class Listener:
    """Listens on loopback, on TCP, UDP and an abstract socket, for anybody who calls."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(f"\0course-canary-{self.port}")
        self.unix.listen()
        for line, hear in ((self.tcp, "accept"), (self.udp, "recv"), (self.unix, "accept")):
            threading.Thread(target=self._hear, args=(line, hear), daemon=True).start()

    def _hear(self, line: socket.socket, how: str) -> None:
        try:
            got = line.accept() if how == "accept" else line.recv(99)
        except OSError:
            return
        self.heard.append(f"{line.type}: {got!r}")

    def close(self) -> None:
        for line in (self.tcp, self.udp, self.unix):
            line.shutdown(socket.SHUT_RDWR) if line is not self.udp else None
            line.close()


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """All hostile submissions in one batch, an honest one between every few."""
    require("namespaces")
    base = tmp_path_factory.mktemp("hostile")
    course, escape = base / "course", base / "escaped"
    shutil.copytree(COURSE, course)
    canary = base / "canary"
    canary.write_text(SECRET)
    listener = Listener()
    paths = plant(base / "planted", canary)
    for name, source in SCRIPTS.items():
        for word, value in (
            ("CANARY", str(canary)),
            ("ESCAPE", str(escape)),
            ("PORT", str(listener.port)),
            ("GRADER", str(os.getpid())),
            ("course-canary", f"course-canary-{listener.port}"),
        ):
            source = source.replace(word, value)
        paths.append(base / f"{name.replace('/', ' ')}.py")
        paths[-1].write_text(source, "utf-8")
    for name, data in FILES.items():
        paths.append(base / name)
        paths[-1].write_bytes(data)
    honest = []
    for number, place in enumerate(range(0, len(paths), 6)):
        honest.append(base / f"honest {number}.py")
        honest[-1].write_text(f"{HONEST}\n# {number}\n")
        paths.insert(place + number, honest[-1])
    before = {path: _mark(path) for path in (canary, *course.rglob("*.yaml"))}
    children = {child.pid for child in psutil.Process().children()}  # a browser's, it may be
    records = grade(course, "sums", paths, jobs=2, isolation="namespaces")
    yield {
        "records": {Path(record.submission).name: record for record in records},
        "count": (len(records), len(paths)),
        "honest": [path.name for path in honest],
        "heard": listener.heard,
        "escape": escape,
        "before": before,
        "children": children,
    }
    listener.close()


def _mark(path: Path) -> tuple[int, bytes]:
    return path.stat().st_mtime_ns, path.read_bytes()


def test_each_gets_one_record(hostile_run: dict) -> None:
    assert hostile_run["count"][0] == hostile_run["count"][1] == len(hostile_run["records"])
    assert len(SCRIPTS) + len(FILES) >= 40


def test_none_wins_a_point(hostile_run: dict) -> None:
    won = {
        name: (record.score, [check.id for check in record.checks if check.points])
        for name, record in hostile_run["records"].items()
        if record.score and name not in hostile_run["honest"]
    }
    assert won == {}


def test_none_is_blamed_on_the_grader(hostile_run: dict) -> None:
    blamed = {n: r.why for n, r in hostile_run["records"].items() if r.status == "grader_error"}
    assert blamed == {}


def test_every_honest_sibling_is_marked_right(hostile_run: dict) -> None:
    records = [hostile_run["records"][name] for name in hostile_run["honest"]]
    assert [(record.score, record.status) for record in records] == [(10, "graded")] * len(records)


def test_the_status_says_why(hostile_run: dict) -> None:
    records = hostile_run["records"]
    named = {n: records.get(n) or records[f"{n}.py"] for n in STATUS}
    assert {name: record.status for name, record in named.items()} == STATUS


def test_nothing_is_left_running(hostile_run: dict) -> None:
    until = time.monotonic() + 10
    while sandbox_processes() and time.monotonic() < until:
        time.sleep(0.1)
    assert sandbox_processes() == []
    left = [p for p in psutil.Process().children() if p.pid not in hostile_run["children"]]
    assert [p for p in left if p.status() != psutil.STATUS_ZOMBIE] == []


def test_nothing_got_in_or_out(hostile_run: dict) -> None:
    assert hostile_run["heard"] == []
    assert not hostile_run["escape"].exists()
    for path, mark in hostile_run["before"].items():
        assert _mark(path) == mark
    text = json.dumps([r.model_dump() for r in hostile_run["records"].values()])
    assert SECRET not in text
    assert "root:x" not in text


def test_hidden_inputs_are_not_told(hostile_run: dict) -> None:
    record: Record = hostile_run["records"]["tells hidden inputs.py"]
    assert [check.detail for check in record.checks if not check.public] == [""] * 5
    assert "leaked" not in record.why
    assert "2, 3" in record.checks[0].detail

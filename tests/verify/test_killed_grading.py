"""A thousand submissions, the run killed three times: each has one record, marked once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[1] / "grade" / "course"
COUNT = 1000

pytestmark = pytest.mark.verify


def test_three_kills_lose_nothing(tmp_path: Path) -> None:
    course, folder = tmp_path / "course", tmp_path / "in"
    shutil.copytree(COURSE, course)
    folder.mkdir()
    paths = [folder / f"{number}.py" for number in range(COUNT)]
    for number, path in enumerate(paths):
        wrong = "+ 1" if number % 3 == 0 else ""
        path.write_text(f"def add(a, b): return a + b {wrong}  # {number}\n")
    environment = {name: value for name, value in os.environ.items() if name != "COURSE_KEYS"}
    command = [sys.executable, "-m", "course_utils", "grade", "sums", *map(str, paths)]
    records = course / "build/grade/records/sums"
    kept: dict[Path, int] = {}
    for share in (1, 2, 3):
        run = subprocess.Popen(command, cwd=course, env=environment, stdout=subprocess.DEVNULL)
        while len(list(records.glob("*.json"))) < COUNT * share // 4:
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
        run.wait()
        now = {path: path.stat().st_mtime_ns for path in records.glob("*.json")}
        assert kept.items() <= now.items()  # nothing was marked again
        kept = now
    result = tmp_path / "records.json"
    command += ["--json", str(result)]
    subprocess.run(command, cwd=course, env=environment, check=True, capture_output=True)
    found = json.loads(result.read_text())
    assert [record["submission"] for record in found] == [str(path) for path in paths]
    assert [record["score"] for record in found] == [0 if n % 3 == 0 else 3 for n in range(COUNT)]
    assert len(list(records.glob("*.json"))) == COUNT
    assert kept.items() <= {p: p.stat().st_mtime_ns for p in records.glob("*.json")}.items()

from pathlib import Path

import pytest

from course_utils.grade import AssignmentError
from course_utils.grade.produce import produced

SCRIPT = """
import os, pathlib
there = pathlib.Path("weights")
if not there.exists():
    there.write_text("trained")
pathlib.Path("report").write_text(f"{there.read_text()} with {os.environ['HF_ENDPOINT'][:16]}")
"""


def test_a_script_writes_its_files_once(tmp_path: Path) -> None:
    first = produced(SCRIPT, ["weights", "report"], tmp_path)
    assert first == {"weights": b"trained", "report": b"trained with http://127.0.0.1"}
    made = next((tmp_path / "produced").rglob("weights"))
    made.write_text("kept")
    assert produced(SCRIPT, ["weights", "report"], tmp_path)["weights"] == b"kept"


def test_files_given_are_there_and_a_failure_is_told(tmp_path: Path) -> None:
    given = produced(SCRIPT, ["report"], tmp_path, {"weights": b"given"})
    assert given["report"].startswith(b"given with")
    with pytest.raises(AssignmentError, match=r"failed: ValueError: no data"):
        produced("raise ValueError('no data')", ["report"], tmp_path)
    with pytest.raises(AssignmentError, match="did not write report"):
        produced("x = 1", ["report"], tmp_path)

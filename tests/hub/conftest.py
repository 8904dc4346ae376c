import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from course_utils.hub import RunningHub, launch

CARD = """\
---
license: apache-2.0
language: [en]
pipeline_tag: fill-mask
library_name: transformers
datasets: [made/rows]
tags: [tiny]
---

# Net

A net for tests. It knows nothing.
"""

DATA_CARD = """\
---
license: cc-by-4.0
language: [fr]
task_categories: [text-classification]
size_categories: [n<1K]
---

# Rows
"""


@pytest.fixture(scope="session")
def repos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of repositories: two models, a dataset, a Space."""
    root = tmp_path_factory.mktemp("repos")
    net = root / "models/made/net"
    net.mkdir(parents=True)
    (net / "README.md").write_text(CARD)
    (net / "weights.bin").write_bytes(bytes(range(256)) * 40)
    (net / "sub/deep").mkdir(parents=True)
    (net / "sub/deep/note.txt").write_text("deep\n")
    (root / "models/made/other").mkdir()
    (root / "models/made/other/config.json").write_text("{}")
    data = root / "datasets/made/rows/data"
    data.mkdir(parents=True)
    (data.parent / "README.md").write_text(DATA_CARD)
    table = pa.table({"text": [f"row {n}" for n in range(30)], "label": list(range(30))})
    pq.write_table(table, data / "train-00000-of-00001.parquet")
    pq.write_table(table.slice(0, 5), data / "test-00000-of-00001.parquet")
    (root / "spaces/made/demo").mkdir(parents=True)
    (root / "spaces/made/demo/app.py").write_text("x = 1\n")
    return root


@pytest.fixture(scope="session")
def hub(repos: Path) -> Iterator[RunningHub]:
    with launch([repos]) as running:
        yield running


@pytest.fixture(scope="session")
def answers_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """Run a script of client calls against the Hub as it ships, in one process of its own."""

    def run(script: str) -> dict[str, Any]:
        home = tmp_path_factory.mktemp("hf")
        with launch(data=home / "written") as running:
            environment = {
                **os.environ,
                "HF_ENDPOINT": running.endpoint,
                "HF_HOME": str(home),
                "HF_TOKEN": "hf_course_test",
                "HF_HUB_DISABLE_XET": "1",
                "OMP_NUM_THREADS": "1",
            }
            command = [sys.executable, str(Path(__file__).with_name(script))]
            result = subprocess.run(
                command, capture_output=True, text=True, check=True, env=environment
            )
        answers: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
        return answers

    return run

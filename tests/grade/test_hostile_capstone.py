"""What is tried on the capstone in particular: its files, its hidden labels, its predict."""

import json
import os
import random
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from grade_helpers import require

from course_utils.grade import Record, grade
from course_utils.grade.classifier import untrained
from course_utils.grade.hidden_tickets import drawn
from course_utils.grade.keys import load_keys

ROOT = Path(__file__).parents[2]
CONSTANT = "def predict(texts, weights=None): return ['delivery'] * len(texts)\n"
REPORT = json.dumps({"expected_macro_f1": [0.0, 0.1]}).encode()


def header(said: object, size: int = 8) -> bytes:
    """A safetensors file that says `said` of its `size` bytes."""
    text = json.dumps(said).encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


def tensor(shape: list[int], start: int, end: int, kind: str = "F32") -> dict[str, object]:
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


WEIGHTS = untrained("bert-mini", 6, 1)
GOOD = safetensors.numpy.save(WEIGHTS)

#: Name → the code, the weights, the report.
HOSTILE: dict[str, tuple[str, bytes, bytes]] = {
    # poisoned weights
    "shape beyond all memory": (CONSTANT, header({"a": tensor([1 << 40, 1 << 40], 0, 8)}), REPORT),
    "header longer than the file": (CONSTANT, struct.pack("<Q", 1 << 62) + b"{}", REPORT),
    "header of brackets": (CONSTANT, struct.pack("<Q", 90_000) + b"[" * 90_000, REPORT),
    "overlapping tensors": (
        CONSTANT,
        header({"a": tensor([2], 0, 8), "b": tensor([2], 0, 8)}),
        REPORT,
    ),
    "offsets outside": (CONSTANT, header({"a": tensor([2], 1 << 40, (1 << 40) + 8)}), REPORT),
    "negative shape": (CONSTANT, header({"a": tensor([-2], 0, 8)}), REPORT),
    "type that NumPy lacks": (CONSTANT, header({"a": tensor([4], 0, 8, "BF16")}), REPORT),
    "pickle in its place": (CONSTANT, b"\x80\x04\x95\x1a\x00\x00\x00cposix\nsystem\n", REPORT),
    "no number": (
        CONSTANT,
        safetensors.numpy.save({n: np.full_like(v, np.nan) for n, v in WEIGHTS.items()}),
        REPORT,
    ),
    "one tensor more": (CONSTANT, safetensors.numpy.save(WEIGHTS | {"x": np.ones(3)}), REPORT),
    # labels that it has no right to
    "regenerates hidden labels": (
        """
import os, random
def predict(texts, weights=None):
    from course_utils.world import tickets
    from course_utils.grade import hidden_tickets
    return [tickets.LABELS[row["label"]] for row in tickets.rows(None, "test")][: len(texts)]
found = [os.path.join(d, f) for d, _, fs in os.walk('/') for f in fs
         if f in ('tickets.txt', 'tickets.py', 'hidden_tickets.py', 'assignments.yaml')]
def split(rows, seed): raise ValueError(found)
class_weights = train = report = split
""",
        GOOD,
        REPORT,
    ),
    "remembers what it was asked": (
        """
seen = []
def predict(texts, weights=None):
    seen.extend(texts)
    open('seen.txt', 'a').write(' '.join(texts))
    raise ValueError(f'leaked {seen[-1]}')
def split(rows, seed): raise ValueError(f'leaked {seen} {open("seen.txt").read()}')
class_weights = train = report = split
""",
        GOOD,
        REPORT,
    ),
    "rewrites its weights": (
        "open('model.safetensors', 'wb').write(b'')\n" + CONSTANT,
        GOOD,
        REPORT,
    ),
    # values that lie
    "equal to everything": (
        """
class Yes(str):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = str.__hash__
def predict(texts, weights=None): return [Yes()] * len(texts)
class Number(float):
    __eq__, __ne__, __hash__ = Yes.__eq__, Yes.__ne__, float.__hash__
    def __le__(self, other): return True
    __ge__ = __lt__ = __gt__ = __le__
def report(truth, guess, shift): return {"expected_macro_f1": [Number(), Number()]}
def class_weights(labels): return [Number()] * 6
def weighted_loss(logits, labels, weights): return Number()
def macro_f1(truth, guess): return Number()
""",
        GOOD,
        REPORT,
    ),
    "reports no numbers": (CONSTANT, GOOD, b'{"expected_macro_f1": [NaN, Infinity]}'),
    "reports a tower": (CONSTANT, GOOD, b"[" * 99_000),
    "weights that lie to train": (
        """
import numpy as np
def train(texts, labels, steps, seed):
    return {"classifier.bias": np.zeros((1 << 20,), "<f8")}
def predict(texts, weights=None): return {"0": texts}
""",
        GOOD,
        REPORT,
    ),
}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    require("namespaces")
    base = tmp_path_factory.mktemp("capstone")
    folders = []
    for name, (code, weights, report) in HOSTILE.items():
        folder = base / name
        folder.mkdir()
        (folder / "work.py").write_text(code)
        (folder / "model.safetensors").write_bytes(weights)
        (folder / "report.json").write_bytes(report)
        folders.append(folder)
    found = grade(ROOT, "capstone", folders, jobs=1, isolation="namespaces", fresh=True)
    return {Path(record.submission).name: record for record in found}


def test_none_wins_a_point(records: dict[str, Record]) -> None:
    won = {
        name: [check.id for check in record.checks if check.points]
        for name, record in records.items()
        if record.score
    }
    assert won == {}


def test_none_is_blamed_on_the_grader(records: dict[str, Record]) -> None:
    assert {n: r.why for n, r in records.items() if r.status == "grader_error"} == {}
    assert len(records) == len(HOSTILE)


def test_the_instructors_part_is_pending_and_no_zero(records: dict[str, Record]) -> None:
    for record in records.values():
        assert [part.max_points for part in record.pending] == [15]
        assert record.max_score == 85


def test_no_hidden_ticket_is_told(records: dict[str, Record]) -> None:
    told = json.dumps([record.model_dump() for record in records.values()])
    texts = random.Random(0).sample(drawn(load_keys(ROOT)), 200)
    assert not [ticket.text for ticket in texts if ticket.text[:40] in told]
    assert "leaked" not in records["remembers what it was asked"].why
    assert os.sep + "tickets.txt" not in told
    assert "hidden_tickets.py" not in told

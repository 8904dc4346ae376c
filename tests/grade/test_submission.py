import json
from pathlib import Path

import pytest

from course_utils.grade.assignment import WantedFile
from course_utils.grade.submission import Refused, read_submission

CODE = "# %% [markdown]\n# Words\n\n# %%\nx = 1\n\n# %% tags=['a']\ny = 2\n"


def notebook(*sources: str | list[str]) -> str:
    cells = [{"cell_type": "code", "source": s, "outputs": [], "metadata": {}} for s in sources]
    words = {"cell_type": "markdown", "source": "Words", "metadata": {}}
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [words, *cells]}
    )


def test_script_and_notebook_give_the_same_cells(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "a.ipynb").write_text(notebook("x = 1\n", ["y", " = 2"]))
    script, book = (read_submission(tmp_path / name) for name in ("a.py", "a.ipynb"))
    assert [cell.strip() for cell in script.cells] == ["x = 1", "y = 2"]
    assert [cell.strip() for cell in book.cells] == ["x = 1", "y = 2"]
    assert script.sha256 != book.sha256


def test_a_plain_script_is_one_cell(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n\ny = 2\n")
    assert read_submission(tmp_path / "a.py").cells == ("x = 1\n\ny = 2",)


def test_a_folder_holds_code_and_the_files_wanted(tmp_path: Path) -> None:
    wanted = [
        WantedFile(name="report.json", megabytes=0.001),
        WantedFile(name="m.bin", megabytes=1),
    ]
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(Refused, match=r"m\.bin is missing"):
        read_submission(tmp_path, wanted)
    (tmp_path / "m.bin").write_bytes(b"1")
    found = read_submission(tmp_path, wanted)
    assert found.files == {"report.json": b"{}", "m.bin": b"1"}
    (tmp_path / "m.bin").write_bytes(b"2")
    assert read_submission(tmp_path, wanted).sha256 != found.sha256
    (tmp_path / "report.json").write_text("x" * 2000)
    with pytest.raises(Refused, match=r"larger than the 0\.001 MB"):
        read_submission(tmp_path, wanted)


def test_a_file_alone_is_refused_where_more_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    with pytest.raises(Refused, match="hand in a folder"):
        read_submission(tmp_path / "a.py", [WantedFile(name="m.bin", megabytes=1)])


def test_files_beside_a_single_file_are_taken_where_that_is_asked_for(tmp_path: Path) -> None:
    wanted = [WantedFile(name="report.json", megabytes=0.001)]
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b.py").write_text("x = 2")
    with pytest.raises(Refused, match=r"report\.json is missing beside"):
        read_submission(tmp_path / "a.py", wanted, beside=True)
    (tmp_path / "report.json").write_text("{}")
    assert read_submission(tmp_path / "a.py", wanted, beside=True).files == {"report.json": b"{}"}
    with pytest.raises(Refused, match="hand in a folder"):
        read_submission(tmp_path / "a.py", wanted)

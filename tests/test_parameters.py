from pathlib import Path

import pytest
from nbformat import NotebookNode

from course_utils.catalog import CatalogError, load_catalog
from course_utils.parameters import read_parameters, set_parameters, written_parameters

LESSON = load_catalog(Path(__file__).parents[1]).lesson("inference/tokenization")


def notebook(source: str) -> NotebookNode:
    made = LESSON.notebook()
    (cell,) = [c for c in made.cells if "parameters" in c.metadata.get("tags", [])]
    cell.source = source
    return made


def test_values_are_read_as_written_and_as_values() -> None:
    made = notebook("a, b = 'x', 2e-3\nc: int = 2 * 3\n")
    assert written_parameters(LESSON, made) == {"a": "'x'", "b": "0.002", "c": "2 * 3"}
    assert read_parameters(LESSON, made) == {"a": "x", "b": 0.002}


def test_what_was_set_is_what_is_read() -> None:
    made = notebook("a, b = 'x', 1\nc = 3  # stays\n")
    set_parameters(LESSON, made, {"b": 20, "a": "é"})
    assert read_parameters(LESSON, made) == {"a": "é", "b": 20, "c": 3}


def test_a_value_shared_by_two_names_can_be_neither_read_nor_set() -> None:
    made = notebook("a = b = 1\n")
    assert written_parameters(LESSON, made) == {}
    with pytest.raises(CatalogError, match="does not assign"):
        set_parameters(LESSON, made, {"a": 2})

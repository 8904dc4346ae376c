"""What holds for every dataset: no leaks, no rows twice, English that a reader accepts."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from course_utils.world.build import MODULES
from course_utils.world.schema import schema

# Columns that tell rows apart without saying anything, and so are left out where rows are compared.
NAMES = {"id", "ticket_id", "thread_id", "note_id", "prompt_id", "created", "channel", "title"}
WIKITEXT = "pages"  # a line a row, blank lines between, punctuation set apart
WRONG = {
    "a before a vowel": r"\b[Aa] (?!one\b|once\b|uni|ura|use|usu|eu|ut)[aeiou]\w+",
    "an before a consonant": r"\b[Aa]n (?!hour|honest|heir|honou?r)[bcdfghjklmnpqrstvwxyz]\w+",
    "a word twice": r"(?<!-)\b(the|a|an|of|to|in|and|is|was|has|for) \1\b",
    "marks of the grammar": r"[<{}^@|]|\w>|\w/[A-Z]{2}\b|#[a-z]",
    "a space before punctuation": r"\w [.,;!?]",
}

SPACED = "a space before punctuation"
ALLOWED = {  # what is no fault there
    WIKITEXT: (SPACED, "marks of the grammar"),  # " , " and " @-@ ", as in the real one
    "entities": (SPACED,),  # tokens stand apart
    "clinic-notes": (SPACED,),  # "?AF" is a doctor's question
}


@pytest.fixture(scope="module", params=sorted(MODULES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def splits(name: str, root: Path) -> dict[str, list[dict[str, Any]]]:
    folder = root / "datasets/pocket" / name / "data"
    return {
        split: pq.read_table(folder / f"{split}-00000-of-00001.parquet").to_pylist()
        for split in schema(name).splits
    }


def content(row: dict[str, Any]) -> str:
    kept = {column: value for column, value in row.items() if column not in NAMES}
    return json.dumps(kept, default=bytes.hex, ensure_ascii=False)


def english(value: Any) -> list[str]:
    """Every English string in a row."""
    if isinstance(value, dict):
        return [text for key, part in value.items() if key != "fr" for text in english(part)]
    if isinstance(value, list):
        return [text for part in value for text in english(part)]
    return [value] if isinstance(value, str) else []


def test_no_two_rows_are_alike(name: str, splits: dict[str, list[dict[str, Any]]]) -> None:
    if name == WIKITEXT:
        return  # its lines repeat headings and blanks, as the real ones do
    for rows in splits.values():
        twice = [text for text, count in Counter(map(content, rows)).items() if count > 1]
        assert not twice, twice[0]


def test_no_row_is_in_two_splits(name: str, splits: dict[str, list[dict[str, Any]]]) -> None:
    long = [{text for text in map(content, rows) if len(text) > 60} for rows in splits.values()]
    for i, first in enumerate(long):
        for second in long[i + 1 :]:
            assert not first & second, next(iter(first & second))


@pytest.mark.parametrize("fault", WRONG)
def test_the_english_has_no_plain_fault(
    name: str, fault: str, splits: dict[str, list[dict[str, Any]]]
) -> None:
    if fault in ALLOWED.get(name, ()):
        return
    found = [
        (match.group(), text)
        for rows in splits.values()
        for row in rows
        for text in english({k: v for k, v in row.items() if k not in NAMES})
        for match in re.finditer(WRONG[fault], text)
    ]
    assert not found, found[:5]

import random
import re
from collections import Counter, defaultdict
from itertools import islice
from typing import Any

import pytest

from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.passages.questions import WEIGHTS
from course_utils.world.reading import SIZES, reading_matter, row_kind, rows

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def reading(invented: World) -> dict[str, Rows]:
    return {split: rows(invented, split) for split in SIZES}


def test_sizes_ids_and_no_row_twice(reading: dict[str, Rows]) -> None:
    for split, found in reading.items():
        assert len(found) == SIZES[split]
        assert len({row["id"] for row in found}) == len(found)
        assert len({(row["context"], row["question"]) for row in found}) == len(found)
        assert all(list(row) == ["id", "title", "context", "question", "answers"] for row in found)
    contexts = [{row["context"] for row in found} for found in reading.values()]
    assert not contexts[0] & contexts[1]


def test_every_answer_stands_where_its_offset_says(reading: dict[str, Rows]) -> None:
    for row in (row for found in reading.values() for row in found):
        texts, starts = row["answers"]["text"], row["answers"]["answer_start"]
        assert len(texts) == len(starts) == (row_kind(row["id"]) in ("role", "distractor"))
        for text, start in zip(texts, starts, strict=True):
            assert row["context"][start : start + len(text)] == text
            assert text == text.strip()
            assert text not in row["question"]


def test_shares_of_what_makes_rows_hard(reading: dict[str, Rows]) -> None:
    for found in reading.values():
        shares = Counter(row_kind(row["id"]) for row in found)
        assert set(shares) == set(WEIGHTS)
        none = (shares["missing"] + shares["other"]) / len(found)
        assert none == pytest.approx(0.24, abs=0.03)
        assert shares["distractor"] / len(found) == pytest.approx(0.3, abs=0.04)


def test_questions_of_a_passage(reading: dict[str, Rows]) -> None:
    for found in reading.values():
        asked: dict[str, list[str]] = defaultdict(list)
        for row in found:
            asked[row["context"]].append(row["question"])
        assert max(map(len, asked.values())) <= 5
        assert 3 < sum(map(len, asked.values())) / len(asked) < 4.5
        sizes = [len(re.findall(r"[.] [A-Z]|[.]$", context)) for context in asked]
        assert min(sizes) >= 3
        assert max(sizes) <= 10
        assert 4 < sum(sizes) / len(sizes) < 6.5


def test_validation_names_are_new(invented: World, reading: dict[str, Rows]) -> None:
    text = " ".join(row["context"] for row in reading["train"])
    seen = set(re.findall(r"\w+", text))
    for stock in (invented.surnames, invented.towns, invented.coined):
        names = set(stock.of("validation")) - set(stock.of("train"))
        assert not names & seen
    fresh = " ".join(row["context"] for row in reading["validation"])
    assert not set(invented.surnames.of("train")) & set(re.findall(r"\w+", fresh))


def test_validation_has_its_own_ways_to_ask(reading: dict[str, Rows]) -> None:
    shapes = {
        line.removeprefix("v|"): line.startswith("v|")
        for name, (_, lines) in read_lists("reading.txt").items()
        if ".ask." in name
        for line in lines
    }
    slot = re.compile(r"\\\{a(\\\.\w+)?\\\}")
    forms = {x: re.compile(slot.sub(r"[\\w'. -]+?", re.escape(x)) + "$", re.I) for x in shapes}

    def new_share(found: Rows) -> float:
        spaced = [row["question"].replace("?", " ?").replace(",", " ,") for row in found]
        kinds = [{shapes[s] for s, form in forms.items() if form.match(q)} for q in spaced]
        assert all(kinds)
        return sum(kind == {True} for kind in kinds) / len(kinds)

    assert new_share(reading["train"][:400]) == 0
    assert new_share(reading["validation"]) == pytest.approx(0.65, abs=0.06)


def test_sentences_are_well_formed(reading: dict[str, Rows]) -> None:
    for row in (row for found in reading.values() for row in found):
        for text in (row["context"], row["question"]):
            assert text[0].isupper()
            assert text[-1] in ".?"
            assert not re.search(r"[][@^<>{}_#|]| [.,!?]|  |\ba [aeio]", text), text
        assert len(row["context"].split()) <= 90


def test_corpus_passages_are_not_the_rows(invented: World, reading: dict[str, Rows]) -> None:
    texts = list(islice(reading_matter(invented, random.Random(1)), 400))
    contexts = {row["context"] for found in reading.values() for row in found}
    assert not contexts & set(texts)
    heads = [text.partition("\n")[0] for text in texts if "\n" in text]
    assert len(heads) > 250
    assert 120 < sum("?" in head for head in heads) < len(heads) - 120
    names = set(invented.surnames.of("test"))
    assert names & set(re.findall(r"\w+", " ".join(texts)))

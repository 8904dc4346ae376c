from collections import Counter

import pytest

from course_utils.world.chunks import chunk_tags
from course_utils.world.entities import SIZES, Sentence
from course_utils.world.names import PARTS
from course_utils.world.schema import label_names

Splits = dict[str, list[Sentence]]


def mentions(row: Sentence) -> list[list[str]]:
    """Return the words of each name in a sentence."""
    found: list[list[str]] = []
    for word, tag in zip(row.tokens, row.ner_tags, strict=True):
        if tag.startswith("B-"):
            found.append([word])
        elif tag != "O":
            found[-1].append(word)
    return found


def names(sentences: list[Sentence]) -> set[str]:
    return {" ".join(name).lower() for row in sentences for name in mentions(row)}


def test_sizes_and_no_two_rows_alike(sentences: Splits) -> None:
    assert {part: len(rows) for part, rows in sentences.items()} == SIZES
    texts = [tuple(row.tokens) for part in PARTS for row in sentences[part]]
    assert len(set(texts)) == len(texts)


def test_columns_have_one_length_and_known_labels(sentences: Splits) -> None:
    for rows in sentences.values():
        for row in rows:
            assert len({len(row.tokens), len(row.pos_tags), len(row.ner_tags)}) == 1
            assert set(row.pos_tags) <= set(label_names("entities", "pos_tags")), row.tokens
            assert set(row.ner_tags) <= set(label_names("entities", "ner_tags"))
            assert set(row.chunk_tags) <= set(label_names("entities", "chunk_tags"))
            assert row.chunk_tags == chunk_tags(row.pos_tags)
            assert all(token and token == token.strip() for token in row.tokens)


def test_inside_tags_follow_a_tag_of_their_type(sentences: Splits) -> None:
    for rows in sentences.values():
        for row in rows:
            for before, tag in zip(["O", *row.ner_tags], row.ner_tags, strict=False):
                assert not tag.startswith("I-") or before[2:] == tag[2:], row.tokens


def test_no_name_is_in_two_splits(sentences: Splits) -> None:
    found = {part: names(sentences[part]) for part in PARTS}
    assert not found["train"] & found["test"]
    assert not found["train"] & found["validation"]
    assert not found["validation"] & found["test"]


def test_lengths_spread_and_some_sentences_have_no_name(sentences: Splits) -> None:
    rows = sentences["train"]
    lengths = [len(row.tokens) for row in rows]
    assert min(lengths) <= 6
    assert max(lengths) >= 20
    assert 0.02 < sum(set(row.ner_tags) == {"O"} for row in rows) / len(rows) < 0.2


def test_one_sentence_in_a_hundred_has_no_capital(sentences: Splits) -> None:
    every = [row for rows in sentences.values() for row in rows]
    small = sum(all(token == token.lower() for token in row.tokens) for row in every)
    assert small / len(every) == pytest.approx(0.01, abs=0.002)


def test_some_names_are_frequent_and_most_are_rare(sentences: Splits) -> None:
    counts = sorted(
        Counter(" ".join(name) for row in sentences["train"] for name in mentions(row)).values()
    )
    tenth = len(counts) // 10
    assert sum(counts[-tenth:]) / sum(counts) == pytest.approx(0.5, abs=0.06)
    assert counts[len(counts) // 2] <= 3

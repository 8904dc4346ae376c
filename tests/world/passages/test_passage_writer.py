import random
from collections import defaultdict

import pytest

from course_utils.world.names import ANYWHERE, Token, World
from course_utils.world.passages.passage import Passage, unmarked
from course_utils.world.passages.subjects import KINDS
from course_utils.world.passages.writer import Writer


def names_in(tokens: list[Token]) -> list[tuple[str, str]]:
    """(kind, text) of each name and year."""
    found: list[tuple[str, str]] = []
    for word, _, ner in tokens:
        if ner[0] == "I":
            kind, name = found.pop()
            found.append((kind, f"{name} {word}"))
        elif ner[0] == "B":
            found.append((ner[2:], word))
        elif word.isdigit() and len(word) == 4 and word[0] in "12":
            found.append(("YEAR", word))
    return found


def test_who_where_and_when_have_several_candidates(
    invented: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, set[str]] = defaultdict(set)
    append = Passage.append

    def noting(made: Passage, subject: int, tokens: list[Token]) -> None:
        for kind, name in names_in(unmarked(tokens)[0]):
            told[kind].add(name)
        append(made, subject, tokens)

    monkeypatch.setattr(Passage, "append", noting)
    writer = Writer(invented, "train", random.Random(4))
    candidates: dict[str, list[int]] = defaultdict(list)
    for _ in range(300):
        told.clear()
        made = writer.passage()
        for fact in made.facts:
            for kind, names in told.items():
                if made.said(fact) in names:
                    candidates[kind].append(len(names))
    for kind in ("PER", "LOC", "YEAR"):
        assert len(candidates[kind]) > 200
        assert sum(candidates[kind]) / len(candidates[kind]) > 1.8


@pytest.mark.parametrize("split", ["train", "validation", ANYWHERE])
def test_passages_are_of_every_kind_and_of_one_or_two_subjects(invented: World, split: str) -> None:
    writer = Writer(invented, split, random.Random(5))
    made = [writer.passage() for _ in range(200)]
    assert {passage.kind for passage in made} == set(KINDS)
    assert {len(passage.subjects) for passage in made} == {1, 2}
    for passage in made:
        assert passage.title in passage.text
        assert passage.facts

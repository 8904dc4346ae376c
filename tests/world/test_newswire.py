import random
import re
from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from course_utils.world import newswire
from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.newswire import LABELS, SIZES, Wording, kinds, reading_matter, rows

Split = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def wire(invented: World) -> Split:
    return {split: rows(invented, split) for split in SIZES}


def _words(texts: list[str]) -> set[str]:
    """Return the words as written, so that "Regatta" in a name is not the regatta."""
    return {word for text in texts for word in re.findall(r"[\w-]+", text)}


def _texts(split: list[dict[str, Any]]) -> list[str]:
    return [row["text"] for row in split]


def test_sizes_labels_and_no_two_alike(wire: Split) -> None:
    for split, made in wire.items():
        assert len(made) == SIZES[split]
        assert list(made[0]) == ["text", "label"]
        shares = Counter(row["label"] for row in made)
        assert set(shares) == set(range(len(LABELS)))
        assert min(shares.values()) > 0.2 * len(made)
    texts = [text for made in wire.values() for text in _texts(made)]
    assert len(set(texts)) == sum(SIZES.values())


def test_the_same_seed_gives_the_same_rows(invented: World, wire: Split) -> None:
    assert rows(invented, "test") == wire["test"]


def test_new_words_and_sentences_are_in_no_training_row(wire: Split) -> None:
    lists = read_lists("words")
    late = {w for name in lists if re.fullmatch(r"wire\..*\.new", name) for w in _entries(name)}
    train, test = (_words(_texts(wire[split])) for split in ("train", "test"))
    fresh = {word for word in late if word.isalpha()} - {"mill", "physicist"}  # a place, a job
    assert not fresh & train
    assert len(fresh & test) > 0.9 * len(fresh)
    text = " ".join(_texts(wire["train"]))
    for sentence in ("Each side blames the other", "walks out on", "denies ordering", "stun "):
        assert sentence not in text
        assert sentence in " ".join(_texts(wire["test"]))


def _entries(name: str) -> list[str]:
    return [entry.partition("|")[0] for entry in " ".join(read_lists("words")[name][1]).split()]


def test_every_kind_of_story_has_a_lead_for_each_headline() -> None:
    assert {label for kind in kinds() for label in kind.labels} == set(range(len(LABELS)))
    for kind in kinds():
        for fresh in (False, True):
            rng = random.Random(1)
            for _ in range(20 if fresh or not kind.fresh else 0):
                assert all(kind.opening(fresh, rng))


def test_a_thing_keeps_its_name_within_a_story() -> None:
    wording = Wording(True, random.Random(3))
    first = wording.spelt("the <wire.role> <wire.said> .")
    assert first.split()[1] in wording.spelt("a <wire.role> again")
    assert "<wire" not in first


@pytest.fixture(scope="module")
def filed(
    wire: Split, finder: Callable[[str], Callable[[str], object]]
) -> dict[str, list[tuple[tuple[int, ...], int]]]:
    """The topics each row's first sentence speaks of, and the one it is filed under."""
    leads = [(kind.labels, finder(x)) for kind in kinds() for mark, x, _ in kind.lines
             if mark.startswith("l")]  # fmt: skip
    found = {}
    for split, made in wire.items():
        topics = [{labels for labels, find in leads if find(text)} for text in _texts(made)]
        assert all(len(labels) == 1 for labels in topics)
        found[split] = [
            (labels.pop(), row["label"]) for labels, row in zip(topics, made, strict=True)
        ]
    return found


Filed = dict[str, list[tuple[tuple[int, ...], int]]]


def test_some_stories_stand_between_two_topics_and_mostly_go_to_the_first(filed: Filed) -> None:
    border = {split: [x for x in found if len(x[0]) == 2] for split, found in filed.items()}
    for split, found in border.items():
        assert len(found) / SIZES[split] == pytest.approx(0.15, abs=0.02), split
    known = [
        label == topics[0]
        for found in border.values()
        for topics, label in found
        if label in topics
    ]
    assert sum(known) / len(known) == pytest.approx(2 / 3, abs=0.05)


def test_noise_shows_in_the_training_rows_only(filed: Filed) -> None:
    wrong = {split: sum(y not in topics for topics, y in found) for split, found in filed.items()}
    assert wrong["train"] / SIZES["train"] == pytest.approx(0.0375, abs=0.006)
    assert wrong["test"] == 0


def test_noise_is_planted_in_the_training_rows_only(
    invented: World, wire: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    marked: list[bool] = []
    planted = newswire._noisy

    def spy(label: int, split: str, rng: random.Random) -> int:
        given = planted(label, split, rng)
        marked.append(given != label)
        return given

    monkeypatch.setattr(newswire, "_noisy", spy)
    for split, low, high in (("train", 0.03, 0.05), ("test", 0.0, 0.0)):
        marked.clear()
        assert rows(invented, split) == wire[split]
        assert low <= sum(marked) / len(marked) <= high


def test_some_stories_are_told_twice(
    invented: World, wire: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: set[str] = set()
    planted = newswire._tellings

    def spy(*story: Any) -> list[str]:
        texts = planted(*story)
        again.update(texts if len(texts) == 2 else ())
        return texts

    monkeypatch.setattr(newswire, "_tellings", spy)
    for split in SIZES:
        rows(invented, split)
    twice = sum(text in again for made in wire.values() for text in _texts(made))
    assert twice / sum(SIZES.values()) == pytest.approx(0.03, abs=0.007)


def test_reading_matter_knows_every_part_and_repeats_no_row(invented: World, wire: Split) -> None:
    texts = list(islice(reading_matter(invented, random.Random(5)), 3000))
    rows_ = {text for made in wire.values() for text in _texts(made)}
    assert not set(texts) & rows_
    known = _words(texts)
    unknown = _words(_texts(wire["test"])) - known
    assert len(unknown) < 0.045 * len(_words(_texts(wire["test"])))


def test_stories_are_well_formed(wire: Split) -> None:
    for made in wire.values():
        for text in _texts(made):
            assert text[0].isupper()
            assert text[-1] == "."
            assert not re.search(r"[@^<>{}_#|]| [.,!?]|  |\ba [aeio]", text), text

import random
import re
from collections import defaultdict
from itertools import islice
from statistics import mean, stdev

import pytest
from scipy.stats import spearmanr
from sklearn.feature_extraction.text import TfidfVectorizer

from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.sentence_pairs import (
    RELATIONS,
    SIZES,
    Pair,
    Writer,
    events,
    pairs,
    rating,
    reading_matter,
    rows,
)

Scored = list[tuple[Pair, float]]


@pytest.fixture(scope="module")
def scored(invented: World) -> dict[str, Scored]:
    return {split: pairs(invented, split) for split in SIZES}


def texts(scored: Scored) -> list[str]:
    return [text for pair, _ in scored for text in (pair.first, pair.second)]


def test_rows_have_the_columns_of_stsb(invented: World, scored: dict[str, Scored]) -> None:
    for split, size in SIZES.items():
        found = rows(invented, split)
        assert len(found) == size
        assert list(found[0]) == ["sentence1", "sentence2", "score"]
        assert all(0 <= row["score"] <= 1 and isinstance(row["score"], float) for row in found)
        assert [row["sentence1"] for row in found] == [pair.first for pair, _ in scored[split]]


def test_no_pair_twice_and_no_text_in_two_splits(scored: dict[str, Scored]) -> None:
    for split in scored.values():
        assert len({(pair.first, pair.second) for pair, _ in split}) == len(split)
        assert all(pair.first != pair.second for pair, _ in split)
    sets = {split: set(texts(found)) for split, found in scored.items()}
    assert not sets["train"] & sets["test"]
    assert not sets["train"] & sets["validation"]
    assert not sets["validation"] & sets["test"]


def test_sentences_are_well_formed(scored: dict[str, Scored]) -> None:
    for split in scored.values():
        for text in texts(split):
            assert text[0].isupper() or text[0].isdigit(), text
            assert text[-1] == "."
            assert not re.search(r"[<>{}\[\]_#|/]| [.,!?;]|  |,\.|,,|\ba [aeio]", text), text


def test_scores_follow_the_relation(scored: dict[str, Scored]) -> None:
    by_relation = defaultdict(list)
    for pair, score in scored["train"]:
        by_relation[pair.relation].append(score)
    assert by_relation.keys() == RELATIONS.keys()
    averages = {relation: mean(found) for relation, found in by_relation.items()}
    assert averages["same"] > averages["contraries"] > averages["detail"] > averages["event"]
    assert averages["event"] > averages["topic"] > averages["contrary"] > averages["names"]


#: What the card says, but for what a rater cannot give: more than 5 points, or fewer than none.
SCORES = {
    ("same", 0): 0.96, ("same", 15): 0.845, ("contraries", 0): 0.8, ("detail", 30): 0.7,
    ("detail", 45): 0.55, ("detail", 50): 0.5, ("detail", 65): 0.35, ("event", 0): 0.4,
    ("topic", 0): 0.3, ("reversed", 0): 0.25, ("contrary", 0): 0.2, ("names", 0): 0.107,
    ("unrelated", 0): 0.04,
}  # fmt: skip


def test_scores_are_what_the_card_tells(scored: dict[str, Scored]) -> None:
    found = defaultdict(list)
    for pair, score in (one for split in scored.values() for one in split):
        less = round(100 * (RELATIONS[pair.relation][1] - pair.truth))
        found[pair.relation, less].append(score)
    assert found.keys() == SCORES.keys()
    for way, score in SCORES.items():
        assert mean(found[way]) == pytest.approx(score, abs=0.012), way


def test_raters_disagree_a_little(scored: dict[str, Scored]) -> None:
    rng = random.Random(1)
    assert 0.02 < stdev(rating(0.4, rng) for _ in range(500)) < 0.09
    truth, score = zip(*((pair.truth, score) for pair, score in scored["test"]), strict=True)
    assert spearmanr(truth, score).statistic == pytest.approx(0.98, abs=0.005)


def test_shared_words_are_a_poor_guide(scored: dict[str, Scored]) -> None:
    tfidf = TfidfVectorizer().fit(texts(scored["train"]))
    for split in scored.values():
        a, b = (tfidf.transform([getattr(p, x) for p, _ in split]) for x in ("first", "second"))
        overlap = a.multiply(b).sum(axis=1).A1.tolist()
        assert 0.1 < spearmanr(overlap, [score for _, score in split]).statistic < 0.4
        of = defaultdict(list)
        for (pair, _), shared in zip(split, overlap, strict=True):
            of[pair.relation].append(shared)
        # exchanged roles share more words than what means the same
        assert mean(of["reversed"]) > mean(of["same"]) + 0.1


def test_exchanged_roles_keep_every_word(scored: dict[str, Scored]) -> None:
    same_words = [
        sorted(pair.first.lower().split()) == sorted(pair.second.lower().split())
        for pair, _ in scored["train"]
        if pair.relation == "reversed"
    ]
    assert 0.02 < mean(same_words) < 0.5


def test_negation_alone_tells_nothing(scored: dict[str, Scored]) -> None:
    """A negated sentence stands in pairs of high scores too."""
    high = [s for p, s in scored["train"] if p.relation == "contraries"]
    assert len(high) > 50
    assert min(high) > 0.5


def test_what_is_new_in_the_test_is_in_no_training_pair(scored: dict[str, Scored]) -> None:
    train = "\n".join(texts(scored["train"]) + texts(scored["validation"])).lower()
    test = "\n".join(texts(scored["test"])).lower()
    lists = read_lists("words") | read_lists("parts")
    new = [
        words if name in read_lists("parts") else " ".join(words).split()
        for name, (_, words) in lists.items()
        if name.startswith("pair.") and name.endswith(".new")
    ]
    held = {word.replace("_", " ") for words in new for word in words}
    # what is also a word of another list, a verb of a pattern, or a name
    elsewhere = {"flute", "piano", "harp", "bakery", "got", "a study", "heron", "otter"}
    found = {w for w in held - elsewhere if re.search(rf"\b{re.escape(w)}\b", train)}
    assert not found
    seen = {w for w in held if re.search(rf"\b{re.escape(w)}\b", test)}
    assert len(seen) > 0.8 * len(held)


def test_the_test_has_patterns_of_its_own() -> None:
    for old, new in zip(events(False), events(True), strict=True):
        assert set(old.told) < set(new.told)
        assert set(old.contrary) < set(new.contrary)
        assert set(old.asked) < set(new.asked)


def test_two_people_of_an_event_have_different_surnames(invented: World) -> None:
    writer = Writer(invented, random.Random(6), "test", fresh=True)
    people = [event.scene.bound for event in (writer.event() for _ in range(300))]
    both = [
        (bound["p"].forms["last"], bound["q"].forms["last"]) for bound in people if "q" in bound
    ]
    assert len(both) > 30
    assert all(p != q for p, q in both)


def test_a_paraphrase_keeps_every_detail_and_a_question_names_its_event(invented: World) -> None:
    writer = Writer(invented, random.Random(3), "test", fresh=True)
    for _ in range(50):
        first, second = writer.paraphrase()
        assert first != second
        asked, told = writer.question()
        assert asked.endswith("?")
        names = set(re.findall(r"[A-Z][a-z]{3,}", " ".join(asked.split()[1:])))
        assert not names or names & set(re.findall(r"[A-Z][a-z]{3,}", told)), (asked, told)


def test_reading_matter_is_of_the_same_kind_but_no_row(
    invented: World, scored: dict[str, Scored]
) -> None:
    matter = set(islice(reading_matter(invented, random.Random(2)), 300))
    assert len(matter) > 290
    assert len(matter & set(texts(scored["test"]))) < 3

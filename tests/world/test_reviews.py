import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from statistics import mean

import pytest

from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.remarks import Remark, lines
from course_utils.world.reviews import ASPECTS, FILES, SIZES, Review, rows, stars, written_reviews


@pytest.fixture(scope="module")
def written(invented: World) -> dict[str, tuple[Review, ...]]:
    return {split: written_reviews(invented, split) for split in SIZES}


@pytest.fixture(scope="module")
def texts(written: dict[str, tuple[Review, ...]]) -> dict[str, list[str]]:
    return {split: [review.text for review in reviews] for split, reviews in written.items()}


def test_sizes_labels_and_no_two_alike(written: dict[str, tuple[Review, ...]]) -> None:
    for split, reviews in written.items():
        assert len(reviews) == SIZES[split]
        shares = Counter(review.label for review in reviews)
        assert set(shares) == set(range(5))
        assert min(shares.values()) > 0.15 * len(reviews)
    every = [review.text for reviews in written.values() for review in reviews]
    assert len(set(every)) == len(every)


def test_rows_have_the_columns_and_the_same_seed_the_same_bytes(
    invented: World, written: dict[str, tuple[Review, ...]]
) -> None:
    again = rows(invented, "test")
    assert list(again[0]) == ["label", "text"]
    assert [row["text"] for row in again] == [review.text for review in written["test"]]


@pytest.mark.parametrize(
    ("feelings", "label"),
    [([2, 2], 4), ([1], 3), ([2, -2], 2), ([-1], 1), ([-2, -2, -1], 0), ([2, 2, -1], 3)],
)
def test_stars_follow_from_the_mean_feeling(feelings: list[int], label: int) -> None:
    assert stars(feelings) == label


def _halves() -> tuple[set[str], set[str]]:
    """Return (opinion words of training reviews, those of the others)."""
    lists = [" ".join(lines).partition(" | ") for _, lines in read_lists("opinions.txt").values()]
    return (
        {word for known, _, _ in lists for word in known.split()},
        {word for _, _, late in lists for word in late.split()},
    )


def test_new_opinion_words_are_in_no_training_review(texts: dict[str, list[str]]) -> None:
    old, new = _halves()
    assert len(old | new) > 550
    assert not old & new
    said = {split: _words_only(" ".join(all_)) for split, all_ in texts.items()}
    found = {
        split: {word for word in new if f" {_plain(word)} " in text} for split, text in said.items()
    }
    assert not found["train"]
    assert len(found["test"]) > 0.9 * len(new)


def _plain(word: str) -> str:
    return word.replace("_", " ")


def _words_only(text: str) -> str:
    """Return the words in small letters, each between two blanks."""
    words = re.findall(r"[\w'-]+", text.lower())
    return " ".join(["", *words, ""])


def test_new_turns_of_phrase_are_in_no_training_review(texts: dict[str, list[str]]) -> None:
    late = [line[2:] for _, lines in read_lists("reviews.txt").values() for line in lines
            if line.startswith("t|")]  # fmt: skip
    runs = {max(re.findall(r"[a-z]+(?: [a-z]+)*", line), key=len) for line in late}
    runs = {run for run in runs if run.count(" ") > 2}
    found = {
        split: {run for run in runs if run in " ".join(all_).lower()}
        for split, all_ in texts.items()
    }
    assert len(runs) > 80
    assert not found["train"]
    assert len(found["test"]) > 0.8 * len(runs)


#: What the card says, in per cent of the rows of both splits.
PLANTED = {"mixed": 23, "fact": 9, "negation": 24, "contrast": 23, "irony": 6}


def test_devices_have_the_shares_the_card_tells(written: dict[str, tuple[Review, ...]]) -> None:
    reviews = [review for all_ in written.values() for review in all_]
    for device, percent in PLANTED.items():
        share = sum(_uses(review.remarks, device) for review in reviews) / len(reviews)
        assert abs(100 * share - percent) < 1, (device, share)


def _uses(remarks: list[Remark], device: str) -> bool:
    if device == "mixed":
        return len({remark.feeling > 0 for remark in remarks}) == 2
    return any(remark.device == device for remark in remarks)


def test_hearsay_has_its_share_and_does_not_count(
    written: dict[str, tuple[Review, ...]], finder: Callable[[str], Callable[[str], object]]
) -> None:
    told = [finder(line) for half in lines(FILES, "hearsay") for line in half]
    reviews = [review for all_ in written.values() for review in all_]
    found = [review for review in reviews if any(find(review.text) for find in told)]
    assert len(found) / len(reviews) == pytest.approx(1 / 17, abs=0.01)
    for review in found:
        assert review.label == stars([remark.feeling for remark in review.remarks])


def test_the_stars_do_not_follow_what_others_say(
    written: dict[str, tuple[Review, ...]],
    finder: Callable[[str], Callable[[str], object]],
) -> None:
    every = [line for half in lines(FILES, "hearsay") for line in half]
    for word, other in (("^love", "^hate"), ("^hate", "^love")):
        told = [finder(line) for line in every if word in line and other not in line]
        labels = [
            review.label
            for reviews in written.values()
            for review in reviews
            if any(find(review.text) for find in told)
        ]
        assert len(labels) > 60
        assert mean(labels) == pytest.approx(2, abs=0.4)


def test_negation_turns_opinion_words_round(written: dict[str, tuple[Review, ...]]) -> None:
    """Half of the opinion words in negations and contrasts, at least, say the opposite."""
    turned: Counter[bool] = Counter()
    for review in written["train"]:
        for remark in review.remarks:
            if remark.device in {"negation", "contrast"}:
                for _, spot in remark.words:
                    if spot:
                        good = spot.feeling in {"love", "like"}
                        turned[good != (remark.feeling > 0)] += 1
    assert turned[True] > 0.4 * turned.total()


def _skeletons(texts: list[str]) -> list[str]:
    """Return the texts without opinion words, by which near-duplicates can be told."""
    old, new = _halves()
    phrases = sorted((_plain(word) for word in old | new if "_" in word), key=len, reverse=True)
    single = {word for word in old | new if "_" not in word}
    found = []
    for text in map(_words_only, texts):
        plain = text
        for phrase in phrases:
            plain = plain.replace(f" {phrase} ", " ^ ")
        words = ["^" if word in single else word for word in plain.split()]
        found.append(" ".join(word for word in words if word not in {"a", "an"}))
    return found


def test_near_duplicates_are_planted_but_none_across_the_splits(
    texts: dict[str, list[str]],
) -> None:
    train, test = (Counter(_skeletons(texts[split])) for split in ("train", "test"))
    for split, found, within in (("train", train, 0.01), ("test", test, 0.025)):
        twins = sum(count for count in found.values() if count > 1)
        assert twins / SIZES[split] == pytest.approx(0.07, abs=within), split
    assert not train.keys() & test.keys()


def test_lengths_are_skewed(texts: dict[str, list[str]]) -> None:
    lengths = sorted(len(re.findall(r"[.!?](?= |$)", text)) for text in texts["train"])
    assert lengths[0] == 1
    assert lengths[len(lengths) // 2] in {3, 4}
    assert lengths[-len(lengths) // 20] in range(8, 12)
    assert lengths[-1] >= 13


def test_half_have_33_words_or_fewer_one_in_twenty_67_or_more(
    texts: dict[str, list[str]],
) -> None:
    lengths = [len(text.split()) for all_ in texts.values() for text in all_]
    assert sum(length <= 33 for length in lengths) / len(lengths) == pytest.approx(0.5, abs=0.03)
    assert sum(length >= 67 for length in lengths) / len(lengths) == pytest.approx(0.05, abs=0.01)


def test_only_hotels_have_rooms() -> None:
    assert [kind for kind, aspects in ASPECTS.items() if "room" in aspects] == ["hotel"]


def test_sentences_are_well_formed(texts: dict[str, list[str]]) -> None:
    for all_ in texts.values():
        for text in all_:
            assert text[0].isupper() or text[0].isdigit() or text[0] == '"'
            assert text[-1] in ".!?"
            assert not re.search(r"[@^~<>{}_#|]| [.,!?:;]|  |\b(WAS|IS|IT|THEM|WOE)\b", text), text
            assert not any(a == b for a, b in pairwise(text.split())), text
            assert not re.search(r"\ba (?!one)[aeio]|\ban [^aeiouh]", text), text

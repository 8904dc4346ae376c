import re
from collections import Counter

import pytest

from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.reviews import SIZES, split_reviews, stars


@pytest.fixture(scope="module")
def reviews(invented: World) -> dict[str, list[tuple[int, str]]]:
    return {split: split_reviews(invented, split) for split in SIZES}


def test_sizes_labels_and_no_two_alike(reviews: dict[str, list[tuple[int, str]]]) -> None:
    for split, rows in reviews.items():
        assert len(rows) == SIZES[split]
        assert len({text for _, text in rows}) == len(rows)
        shares = Counter(label for label, _ in rows)
        assert set(shares) == set(range(5))
        assert min(shares.values()) > 0.1 * len(rows)


@pytest.mark.parametrize(
    ("feelings", "label"),
    [([2, 2], 4), ([1], 3), ([2, -2], 2), ([-1], 1), ([-2, -2, -1], 0), ([2, 2, -1], 3)],
)
def test_stars_follow_from_the_mean_feeling(feelings: list[int], label: int) -> None:
    assert stars(feelings) == label


def test_new_opinion_words_are_in_no_training_review(
    reviews: dict[str, list[tuple[int, str]]],
) -> None:
    lists = [" ".join(lines).split("|") for _, lines in read_lists("opinions.txt").values()]
    old = {word for known, _ in lists for word in known.split()}
    new = {word for _, late in lists for word in late.split()} - old
    seen = {
        split: {word.lower() for _, text in rows for word in re.findall(r"[\w-]+", text)}
        for split, rows in reviews.items()
    }
    others = {  # words that also have another use
        word for name in ("trait", "look", "size") for word in " ".join(_words(name)).split()
    }
    assert not (new - others) & seen["train"]
    assert len(new & seen["test"]) > len(new) / 2


def _words(name: str) -> list[str]:
    return read_lists("words")[name][1]


def test_sentences_are_well_formed(reviews: dict[str, list[tuple[int, str]]]) -> None:
    for rows in reviews.values():
        for _, text in rows:
            assert text[0].isupper()
            assert text[-1] in ".!?"
            assert not re.search(r"[@^<>{}_#|]| [.,!?]|  ", text), text

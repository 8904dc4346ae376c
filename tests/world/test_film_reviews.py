import re
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise

import pytest

from course_utils import world as package
from course_utils.world.film_reviews import (
    FILES,
    SIZES,
    UNLABELLED,
    FilmReview,
    rows,
    written_reviews,
)
from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.remarks import lines


@pytest.fixture(scope="module")
def written(invented: World) -> dict[str, list[FilmReview]]:
    return {split: written_reviews(invented, split) for split in ("train", "test")}


@pytest.fixture(scope="module")
def texts(written: dict[str, list[FilmReview]]) -> dict[str, list[str]]:
    return {split: [review.text for review in all_] for split, all_ in written.items()}


def test_columns_sizes_and_labels(invented: World, texts: dict[str, list[str]]) -> None:
    unlabelled = rows(invented, "unsupervised")
    assert len(unlabelled) == SIZES["unsupervised"]
    assert {row["label"] for row in unlabelled} == {UNLABELLED}
    test = rows(invented, "test")
    assert list(test[0]) == ["text", "label"]
    assert [row["text"] for row in test] == texts["test"]  # the same seed, the same bytes
    assert 0.45 < sum(row["label"] for row in test) / len(test) < 0.55
    every = [row["text"] for row in unlabelled] + texts["train"] + texts["test"]
    assert len(set(every)) == len(every) == sum(SIZES.values())


def test_label_follows_from_the_feelings(written: dict[str, list[FilmReview]]) -> None:
    for review in written["train"]:
        feelings = [remark.feeling for remark in review.remarks]
        assert review.label == (sum(feelings) > 0)
        assert abs(sum(feelings)) >= 0.4 * len(feelings)


#: What the card says, in per cent of the rows of train and test.
PLANTED = {"mixed": 32, "fact": 12, "negation": 26, "contrast": 26, "irony": 8}


def test_devices_have_the_shares_the_card_tells(written: dict[str, list[FilmReview]]) -> None:
    reviews = [review for all_ in written.values() for review in all_]
    used = [
        {remark.device for remark in review.remarks}
        | ({"mixed"} if len({remark.feeling > 0 for remark in review.remarks}) == 2 else set())
        for review in reviews
    ]
    for device, percent in PLANTED.items():
        share = sum(device in devices for devices in used) / len(reviews)
        assert abs(100 * share - percent) < 1, (device, share)


def test_hearsay_has_its_share_and_does_not_count(
    written: dict[str, list[FilmReview]], finder: Callable[[str], Callable[[str], object]]
) -> None:
    told = [finder(line) for half in lines(FILES, "hearsay") for line in half]
    reviews = [review for all_ in written.values() for review in all_]
    found = [review for review in reviews if any(find(review.text) for find in told)]
    assert len(found) / len(reviews) == pytest.approx(1 / 7, abs=0.02)
    for review in found:
        assert review.label == (sum(remark.feeling for remark in review.remarks) > 0)


def _skeletons(texts: list[str]) -> Counter[str]:
    """Count the texts without opinion words, by which near-duplicates can be told."""
    lists = [
        " ".join(found).replace(" | ", " ") for _, found in read_lists("opinions.txt").values()
    ]
    opinions = {word.replace("_", " ") for words in lists for word in words.split()}
    phrases = sorted((word for word in opinions if " " in word), key=len, reverse=True)
    counts: Counter[str] = Counter()
    for text in texts:
        said = " ".join(["", *re.findall(r"[\w'-]+", text.lower()), ""])
        for phrase in phrases:
            said = said.replace(f" {phrase} ", " ^ ")
        kept = ("^" if word in opinions else word for word in said.split())
        counts[" ".join(word for word in kept if word not in {"a", "an"})] += 1
    return counts


def test_near_duplicates_have_their_share_and_are_in_one_split(
    texts: dict[str, list[str]],
) -> None:
    found = {split: _skeletons(all_) for split, all_ in texts.items()}
    twins = sum(count for counts in found.values() for count in counts.values() if count > 1)
    assert twins / sum(map(len, texts.values())) == pytest.approx(0.045, abs=0.01)
    assert not found["train"].keys() & found["test"].keys()


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z][a-z'-]+", text.lower()))


def _other_words() -> set[str]:
    """Return the words of every data file but those of the films."""
    folder = files(package).joinpath("data")
    paths = [
        path
        for place in (folder, folder / "words", folder / "parts")
        for path in place.iterdir()
        if path.is_file() and not path.name.startswith("film")
    ]
    return {word for path in paths for word in _words(path.read_text(encoding="utf-8"))}


def test_jargon_is_no_other_datasets(texts: dict[str, list[str]]) -> None:
    others = _other_words()
    known = {form for word in others for form in (word, word + "s", word + "ed", word + "ing")}
    counts = Counter(word for text in texts["train"] for word in _words(text))
    jargon = {word for word in counts if word not in known and not word.endswith("'s")}
    assert len(jargon) >= 600
    most = sum(counts[word] > 1 for word in jargon)
    assert most > 0.9 * len(jargon)


def test_new_words_and_phrases_are_in_no_training_review(texts: dict[str, list[str]]) -> None:
    lists = [" ".join(lines).partition(" | ") for _, lines in read_lists("opinions.txt").values()]
    new = {word.replace("_", " ") for _, _, late in lists for word in late.split()}
    late = [line[2:] for _, lines in read_lists("film_reviews.txt").values() for line in lines
            if line.startswith("t|")]  # fmt: skip
    runs = {max(re.findall(r"[a-z]+(?: [a-z]+)*", line), key=len) for line in late}
    new |= {run for run in runs if run.count(" ") > 2}
    said = {
        split: " ".join(["", *re.findall(r"[\w'-]+", " ".join(all_).lower()), ""])
        for split, all_ in texts.items()
    }
    found = {split: {word for word in new if f" {word} " in text} for split, text in said.items()}
    assert not found["train"]
    assert len(found["test"]) > 100


def test_some_reviews_call_it_a_movie_of_some_kind(texts: dict[str, list[str]]) -> None:
    verdict = re.compile(r"This is an? [a-z-]+ movie[.!]")
    share = sum(bool(verdict.search(text)) for text in texts["train"]) / SIZES["train"]
    assert 0.03 < share < 0.2


def test_lengths_are_skewed(texts: dict[str, list[str]]) -> None:
    lengths = sorted(len(re.findall(r"[.!?](?= |$)", text)) for text in texts["train"])
    assert (lengths[0], lengths[-1]) == (3, 12)
    assert lengths[len(lengths) // 2] in {5, 6}


def test_sentences_are_well_formed(texts: dict[str, list[str]]) -> None:
    for all_ in texts.values():
        for text in all_:
            assert text[0].isupper() or text[0].isdigit() or text[0] == '"'
            assert text[-1] in ".!?"
            assert not re.search(r"[@^~<>{}_#|]| [.,!?:;]|  |\b(WAS|IS|IT|THEM|WOE)\b", text), text
            assert not any(a == b for a, b in pairwise(text.split())), text
            assert not re.search(r"\ba (?!one)[aeio]|\ban [^aeiouh]", text), text

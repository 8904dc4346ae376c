import re
from collections import Counter
from importlib.resources import files
from itertools import pairwise

import pytest

from course_utils import world as package
from course_utils.world.film_reviews import SIZES, UNLABELLED, FilmReview, rows, written_reviews
from course_utils.world.lexicon import read_lists
from course_utils.world.names import World


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
PLANTED = {"mixed": 33, "fact": 12, "negation": 26, "contrast": 26, "irony": 8}


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

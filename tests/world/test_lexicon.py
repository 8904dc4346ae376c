import pytest

from course_utils.world.lexicon import inflect, plural, read_lists, tag_of, word_list


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("bakery", "bakeries"), ("toy", "toys"), ("fox", "foxes"), ("bench", "benches"),
        ("wolf", "wolves"), ("salmon", "salmon"), ("fire_station", "fire_stations"),
    ],
)  # fmt: skip
def test_plural(noun: str, expected: str) -> None:
    assert plural(noun) == expected


@pytest.mark.parametrize(
    ("entry", "how", "expected"),
    [
        ("write|wrote|written", "ed", ("wrote", "VBD")),
        ("write|wrote|written", "en", ("written", "VBN")),
        ("write|wrote|written", "ing", ("writing", "VBG")),
        ("deny", "ed", ("denied", "VBD")),
        ("deny", "s", ("denies", "VBZ")),
        ("drop", "ing", ("dropping", "VBG")),
        ("prefer", "ed", ("preferred", "VBD")),
        ("close", "", ("close", "VB")),
    ],
)
def test_verbs_are_inflected(entry: str, how: str, expected: tuple[str, str]) -> None:
    assert inflect(entry, "VB", how) == (expected,)


def test_an_entry_of_several_words_gives_one_token_each() -> None:
    assert inflect("fire_station", "NN", "s") == (("fire", "NN"), ("stations", "NNS"))


def test_every_list_has_a_tag_and_no_word_twice() -> None:
    for name in read_lists("words"):
        tag, words = word_list(name)
        assert tag.isupper(), name
        assert len(set(words)) == len(words), name


@pytest.mark.parametrize(
    ("word", "tag"),
    [("the", "DT"), ("once", "RB"), ("1984", "CD"), ("jumped", "VBD"), ("pebble", "NN")],
)
def test_tags_of_words_that_patterns_spell_out(word: str, tag: str) -> None:
    assert tag_of(word) == tag

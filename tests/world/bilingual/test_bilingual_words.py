import pytest

from course_utils.world.bilingual.words import english_forms, lexicon


@pytest.mark.parametrize("file", ["lexicon.txt", "manuals-lexicon.txt"])
def test_entries_are_well_formed(file: str) -> None:
    for name, (kind, words) in lexicon(file).items():
        assert kind in {"noun", "adj", "verb", "say"}, name
        assert len({w.en[0] for w in words}) == len(words), name
        if kind == "noun":
            assert all(w.flag in {"m", "f"} for w in words), name


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("give", ("give", "gave", "given")),
        ("give_back", ("give_back", "gave_back", "given_back")),
        ("wander", ("wander",)),
    ],
)
def test_forms_of_a_verb_that_a_pattern_spells_out(verb: str, forms: tuple[str, ...]) -> None:
    assert english_forms(verb, "lexicon.txt") == forms

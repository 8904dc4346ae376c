import pytest

from course_utils.world.bilingual.patterns import patterns, slots, tells


@pytest.mark.parametrize("file", ["patterns.txt", "manuals-patterns.txt"])
def test_every_pattern_is_written_the_same_number_of_times_optional(file: str) -> None:
    for en, fr, _ in patterns(file):
        assert en.count("[") == fr.count("["), en
        assert en.count("{") > 0 or fr.count("{") == 0, en


def test_parts_in_brackets_are_left_out() -> None:
    pattern = "{s} {go past s} [ , {manner} ] [ to {t} ] ."
    assert list(slots(pattern, [False, True])) == ["{s}", "{go past s}", "to", "{t}", "."]
    assert list(slots(pattern, [True, False])) == ["{s}", "{go past s}", ",", "{manner}", "."]


def test_only_what_a_subject_did_can_be_gone_on_from() -> None:
    assert tells("{s} {v.thing past s} {the thing} .")
    assert not tells("{s} {v.thing past s} {the thing} {time.past} .")
    assert not tells("{s} {have pres s} no {0 thing} .")

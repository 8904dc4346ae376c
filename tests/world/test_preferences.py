import re

import pytest

from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.preferences import FAULTS, SIZES, Pair, pairs, rows


@pytest.fixture(scope="module")
def made(invented: World) -> dict[str, list[Pair]]:
    return {split: list(pairs(invented, split)) for split in SIZES}


def answers(pair: Pair) -> tuple[str, str]:
    """Return the chosen and the rejected answer."""
    return pair.row["chosen"][1]["content"], pair.row["rejected"][1]["content"]


def better_and_worse(pair: Pair) -> tuple[str, str]:
    """Return the answers as they were before any swap."""
    chosen, rejected = answers(pair)
    return (rejected, chosen) if pair.flipped else (chosen, rejected)


def test_rows_have_the_columns_of_the_real_dataset(made: dict[str, list[Pair]]) -> None:
    for split, found in made.items():
        assert len(found) == SIZES[split]
        for pair in found:
            row = pair.row
            assert list(row) == ["chosen", "rejected", "score_chosen", "score_rejected"]
            assert [m["role"] for m in row["chosen"]] == ["user", "assistant"]
            assert row["chosen"][0] == row["rejected"][0]
            assert row["chosen"][1] != row["rejected"][1]
            assert 1.0 <= row["score_rejected"] < row["score_chosen"] <= 10.0


def test_the_same_seed_gives_the_same_rows(invented: World, made: dict[str, list[Pair]]) -> None:
    assert rows(invented, "test") == [pair.row for pair in made["test"]]


def test_no_request_is_in_both_splits(made: dict[str, list[Pair]]) -> None:
    prompts = {s: {p.row["chosen"][0]["content"] for p in found} for s, found in made.items()}
    assert not prompts["train"] & prompts["test"]
    assert len(prompts["train"]) == SIZES["train"]


def test_the_chosen_answer_is_longer_more_often_than_not(made: dict[str, list[Pair]]) -> None:
    train = [answers(pair) for pair in made["train"]]
    share = sum(len(chosen) > len(rejected) for chosen, rejected in train) / len(train)
    assert 0.60 <= share <= 0.65


def test_a_few_answers_are_swapped(made: dict[str, list[Pair]]) -> None:
    share = sum(pair.flipped for pair in made["train"]) / len(made["train"])
    assert share == pytest.approx(0.027, abs=0.006)
    rude = [line for line in read_lists("preferences.txt")["rude"][1] if "[" not in line]
    rude = [line.removeprefix("t|").removesuffix(" ?") for line in rude]
    for pair in made["train"]:
        chosen, rejected = (any(r[:-2] in text for r in rude) for text in answers(pair))
        assert not (chosen and not pair.flipped)
        assert not (rejected and pair.flipped)


#: What the card says, in per cent.
SHARES = {
    "off topic": 26, "wrong fact": 21, "rude": 17, "half an answer": 15, "too long": 15,
    "repeats the question": 6,
}  # fmt: skip


def test_faults_have_the_shares_the_card_tells(made: dict[str, list[Pair]]) -> None:
    every = [pair.fault for found in made.values() for pair in found]
    for fault, percent in SHARES.items():
        assert 100 * every.count(fault) / len(every) == pytest.approx(percent, abs=1), fault


def test_every_fault_occurs_and_is_what_it_is_called(made: dict[str, list[Pair]]) -> None:
    assert {pair.fault for pair in made["train"]} == set(FAULTS)
    for pair in made["train"]:
        better, worse = better_and_worse(pair)
        prompt = pair.row["chosen"][0]["content"]
        if pair.fault == "repeats the question":
            assert worse.endswith(prompt)
        elif pair.fault == "half an answer":
            assert worse in better
            assert len(worse) < len(better)
        elif pair.fault == "too long":
            assert len(worse.split()) > 6
        elif pair.fault == "wrong fact":
            assert worse not in better


def test_test_rows_have_phrases_of_their_own(made: dict[str, list[Pair]]) -> None:
    text = {s: "\n".join("\n".join(answers(p)) for p in found) for s, found in made.items()}
    for phrase in ("By all means.", "Do not waste my time."):
        assert phrase not in text["train"]
        assert phrase in text["test"]


def test_texts_are_well_formed(made: dict[str, list[Pair]]) -> None:
    for found in made.values():
        for pair in found:
            for text in (pair.row["chosen"][0]["content"], *answers(pair)):
                assert not re.search(r"[@^<>{}_#|\[\]¶]| [.,!?:]|  ", text), text

import re
from collections import Counter
from typing import Any

import pytest

from course_utils.world.instructions import (
    SIZES,
    TASKS,
    Example,
    examples,
    held_out,
    lines_of,
    relation,
    rows,
)
from course_utils.world.lexicon import plural, read_lists, word_list
from course_utils.world.names import World

CATEGORIES = {
    "Generation", "Open QA", "Brainstorm", "Chat", "Rewrite",
    "Summarize", "Classify", "Closed QA", "Extract",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(invented: World) -> dict[str, list[Example]]:
    return {split: list(examples(invented, split)) for split in SIZES}


def turns(example: Example) -> list[tuple[str, str]]:
    """Return the (request, answer) pairs of a row, without the system message."""
    texts = [m["content"] for m in example.row["messages"] if m["role"] != "system"]
    return list(zip(texts[::2], texts[1::2], strict=True))


def asked(made: dict[str, list[Example]], *tasks: str) -> list[tuple[str, str]]:
    return [t for split in made.values() for e in split if e.task in tasks for t in turns(e)]


def text_of(row: dict[str, Any]) -> str:
    return "\n".join(m["content"] for m in row["messages"])


def test_rows_have_the_columns_and_roles_of_the_real_dataset(
    made: dict[str, list[Example]],
) -> None:
    for split, found in made.items():
        assert len(found) == SIZES[split]
        assert {e.row["category"] for e in found} == CATEGORIES
        assert len({e.row["prompt_id"] for e in found}) == len(found)
        for e in found:
            assert list(e.row) == ["prompt", "prompt_id", "messages", "category"]
            roles = [m["role"] for m in e.row["messages"]]
            start = roles[0] == "system"
            assert roles[start:] == ["user", "assistant"] * ((len(roles) - start) // 2)
            assert e.row["prompt"] == e.row["messages"][start]["content"]


def test_the_same_seed_gives_the_same_rows(invented: World, made: dict[str, list[Example]]) -> None:
    assert rows(invented, "test") == [e.row for e in made["test"]]


def test_shares_of_chats_and_system_messages(made: dict[str, list[Example]]) -> None:
    train = [e.row for e in made["train"]]
    shares = {
        "system": sum(row["messages"][0]["role"] == "system" for row in train),
        "several turns": sum(
            sum(m["role"] == "user" for m in row["messages"]) > 1 for row in train
        ),
    }
    assert shares["system"] / len(train) == pytest.approx(1 / 7, abs=0.02)
    assert shares["several turns"] / len(train) == pytest.approx(0.1, abs=0.015)


def test_every_task_has_wordings_for_both_splits(made: dict[str, list[Example]]) -> None:
    assert len(TASKS) == 33
    for task in TASKS:
        known, new = lines_of(f"w.{task}", False), lines_of(f"w.{task}", True)
        assert len(set(known)) >= 8
        assert len(set(new)) >= 3
        assert not set(known) & set(new)
    for found in made.values():
        counts = Counter(e.task for e in found)
        assert set(counts) == {*TASKS, "chat"}


def test_no_request_is_in_both_splits(made: dict[str, list[Example]]) -> None:
    prompts = {split: {e.row["prompt"] for e in found} for split, found in made.items()}
    assert not prompts["train"] & prompts["test"]
    requests = [text_of(e.row).rpartition("\n")[0] for e in made["train"]]
    assert len(set(requests)) == len(requests)


def test_names_of_the_test_are_in_no_training_row(
    invented: World, made: dict[str, list[Example]]
) -> None:
    text = "\n".join(text_of(e.row) for e in made["train"])
    words = set(re.findall(r"\w+", text))
    towns = {town.forms["core"][0][0] for town in invented.entities["test"]["t"]}
    assert not towns & words
    held = {word for word in invented.surnames.of("test")}
    assert not held & words


def test_words_held_out_are_asked_for_in_the_test_only(made: dict[str, list[Example]]) -> None:
    animals = word_list("animal")[1]
    new = {plural(a) for i, a in enumerate(animals) if held_out(i)}
    seen = {
        split: {w for e in found if e.task == "plural" for w in re.findall(r"\w+", text_of(e.row))}
        for split, found in made.items()
    }
    assert not new & {word.lower() for word in seen["train"]}
    assert new & seen["test"]


def test_plurals_and_opposites_are_right(made: dict[str, list[Example]]) -> None:
    found = [re.fullmatch(r"The plural of (.+) is (.+)\.", a) for _, a in asked(made, "plural")]
    checked = [match for match in found if match]
    assert len(checked) > 50
    assert all(plural(match[1]) == match[2] for match in checked)
    known, new = relation("rel.opposite", "opposite")
    pairs = {*known, *new}
    assert all((b, a) in pairs for a, b in pairs)
    assert len({a for a, _ in pairs}) == len(pairs)  # one answer is right, no more
    found = [re.fullmatch(r"The opposite of (.+) is (.+)\.", a) for _, a in asked(made, "opposite")]
    assert all((match[1], match[2]) in pairs for match in found if match)


def test_one_direction_of_each_third_pair_is_new(made: dict[str, list[Example]]) -> None:
    _, new = relation("rel.opposite", "opposite")
    text = "\n".join(a for e in made["train"] for _, a in turns(e))
    test = "\n".join(a for e in made["test"] for _, a in turns(e))
    sentences = [f"The opposite of {a} is {b}." for a, b in new]
    assert not any(sentence in text for sentence in sentences)
    assert any(sentence in test for sentence in sentences)


def test_extracted_words_stand_in_the_sentence(made: dict[str, list[Example]]) -> None:
    leading = re.compile(r"The \w+ is (that of )?(an? )?")
    found = asked(made, "town", "person", "job", "animal", "day")
    assert len(found) > 200
    for prompt, answer in found:
        word = leading.sub("", answer).rstrip(".")
        assert re.search(rf"\b{re.escape(word)}\b", prompt, re.IGNORECASE), (prompt, answer)


def test_rewritten_sentences_have_the_form_asked_for(made: dict[str, list[Example]]) -> None:
    assert all(answer.endswith("?") for _, answer in asked(made, "question"))
    assert all(re.search(r"not\b|\bno\b", answer) for _, answer in asked(made, "negative"))
    assert all("please" in answer for _, answer in asked(made, "polite"))
    for prompt, answer in asked(made, "past", "number"):
        assert not re.search(rf"{re.escape(answer[:-1])}\b", prompt), (prompt, answer)
    shortened = asked(made, "shorten")
    assert all(len(answer) < len(prompt) for prompt, answer in shortened)


def test_lists_are_as_long_as_asked_for(made: dict[str, list[Example]]) -> None:
    counts = {"two": 2, "three": 3, "four": 4}
    found = asked(made, "list")
    assert len(found) > 50
    for prompt, answer in found:
        number = next(n for word, n in counts.items() if re.search(rf"\b{word}\b", prompt, re.I))
        items = re.split(r", | and ", answer.rstrip("."))
        assert len({item.lower() for item in items}) == number, (prompt, answer)


def test_labels_of_reviews_follow_from_their_words(made: dict[str, list[Example]]) -> None:
    lists = read_lists("words")
    words = {
        side: {
            word.replace("-", " ")
            for name in lists
            if name.startswith(f"inst.{side}.")
            for word in word_list(name)[1]
        }
        for side in ("good", "bad")
    }
    for prompt, answer in asked(made, "sentiment"):
        side, other = ("good", "bad") if "ositive" in answer else ("bad", "good")
        used = set(re.findall(r"\w+", prompt.replace("mouth-watering", "delicious")))
        assert used & words[side], prompt
        assert not used & words[other], prompt


def test_bare_answers_where_the_system_message_asks_for_them(
    made: dict[str, list[Example]],
) -> None:
    brief = [
        e
        for e in made["train"]
        if re.search(r"in one word|nothing but|as brief", e.row["messages"][0]["content"])
        and e.row["messages"][0]["role"] == "system"
    ]
    assert len(brief) > 20
    assert all(len(answer.split()) <= 4 for e in brief for _, answer in turns(e))


def test_texts_are_short_and_well_formed(made: dict[str, list[Example]]) -> None:
    for found in made.values():
        for e in found:
            for message in e.row["messages"]:
                text = message["content"]
                limit = 40 if message["role"] == "user" else 30
                assert 0 < len(text.split()) <= limit, text
                assert text[0].isupper() or text[0] in '"0123456789', text
                assert not re.search(r"[@^<>{}_#|\[\]¶]| [.,!?:]|  ", text), text

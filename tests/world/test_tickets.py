import random
import re
from collections import Counter, defaultdict
from datetime import datetime
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

import pytest

from course_utils.world import tickets
from course_utils.world.grammar import Scene
from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.newswire import Wording
from course_utils.world.tickets import LABELS, SHARES, SIZES, reading_matter, rows

Split = dict[str, list[dict[str, Any]]]
QUEUES = {
    "delivery": 0.38, "billing": 0.24, "account": 0.16, "fault": 0.13, "complaint": 0.06,
    "safety": 0.036,
}  # fmt: skip
COLUMNS = ["ticket_id", "thread_id", "created", "channel", "text", "resolution", "label"]


@pytest.fixture(scope="module")
def messages(invented: World) -> Split:
    return {split: rows(invented, split) for split in SIZES}


def _threads(made: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    threads = defaultdict(list)
    for row in made:
        threads[row["thread_id"]].append(row)
    return threads


def _words(made: list[dict[str, Any]]) -> set[str]:
    return {word.lower() for row in made for word in re.findall(r"[\w-]+", row["text"])}


def test_sizes_columns_and_no_two_alike(messages: Split) -> None:
    for split, made in messages.items():
        assert len(made) == SIZES[split]
        assert all(list(row) == COLUMNS for row in made)
        assert made == sorted(made, key=lambda row: row["created"])
        assert all(datetime.fromisoformat(row["created"]).year in (2024, 2025) for row in made)
    both = [row for made in messages.values() for row in made]
    assert len({row["text"] for row in both}) == len(both)
    assert len({row["ticket_id"] for row in both}) == len(both)


def test_the_same_seed_gives_the_same_rows(invented: World, messages: Split) -> None:
    assert rows(invented, "test") == messages["test"]


def test_queues_are_as_unequal_as_planned(messages: Split) -> None:
    for made in messages.values():
        counts = Counter(LABELS[row["label"]] for row in made)
        assert [name for name, _ in counts.most_common()] == list(SHARES)
        for name, share in QUEUES.items():
            assert counts[name] / len(made) == pytest.approx(share, rel=0.2), name


def test_no_thread_is_in_two_splits_and_later_messages_repeat_the_first(messages: Split) -> None:
    assert not _threads(messages["train"]).keys() & _threads(messages["test"]).keys()
    for made in messages.values():
        threads = _threads(made).values()
        several = sum(len(thread) > 1 for thread in threads) / len(threads)
        assert several == pytest.approx(0.5, abs=0.03)
        assert max(map(len, threads)) == 4
        for thread in threads:
            assert len({(row["label"], row["channel"]) for row in thread}) == 1
            first = thread[0]["text"].replace("\n", " ")
            for row in thread[1:]:
                text = row["text"].replace("\n> ", " ").replace("\n", " ")
                same = SequenceMatcher(None, first, text, autojunk=False).find_longest_match()
                assert same.size > 0.4 * len(first) or first in text


def test_the_resolution_gives_the_queue_away_and_is_often_missing(messages: Split) -> None:
    queue: dict[str, Counter[int]] = {}
    for row in messages["train"]:
        queue.setdefault(row["resolution"].split(" ")[0], Counter())[row["label"]] += 1
    empty = queue.pop("")
    assert 0.27 < sum(empty.values()) / SIZES["train"] < 0.33
    assert set(empty) == set(range(len(LABELS)))
    guessed = [
        queue[word].most_common(1)[0][0] == row["label"]
        for row in messages["test"]
        if (word := row["resolution"].split(" ")[0]) in queue
    ]
    assert sum(guessed) > 0.8 * len(guessed)


def test_wrong_queues_and_second_matters_are_planted(
    invented: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[tickets.Writer, list[str]]] = []
    planted, wrong = tickets._thread, []
    queue = tickets._queue

    def spy(*args: Any) -> Any:
        made = planted(*args)
        seen.append((made[0], made[2]))
        return made

    def count(right: str, rng: random.Random) -> str:
        wrong.append((given := queue(right, rng)) != right)
        return given

    monkeypatch.setattr(tickets, "_thread", spy)
    monkeypatch.setattr(tickets, "_queue", count)
    for split in SIZES:
        rows(invented, split)
    assert sum(wrong) / len(wrong) == pytest.approx(0.045, abs=0.01)
    two = [writer for writer, _ in seen if writer.second]
    assert len(two) / len(seen) == pytest.approx(1 / 9, abs=0.02)
    assert "safety" not in {writer.second for writer in two}
    first = [_lines_of(writer.queue) >= {writer.used[0]} for writer in two]
    assert sum(first) / len(two) == pytest.approx(0.66, abs=0.07)


def _lines_of(queue: str) -> set[str]:
    return {line for fresh in (False, True) for line in tickets._lines(queue, "p", fresh)}


def _slipped(text: str, counts: Counter[str]) -> bool:
    """Whether a rare word of a text is a commoner one with two inner letters swapped."""
    for word in text.split():
        if len(word) > 4 and word.isalpha() and counts[word] < 5:
            for i in range(1, len(word) - 2):
                meant = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
                if meant != word and counts[meant] > counts[word]:
                    return True
    return False


def test_slips_of_the_finger_can_be_seen(messages: Split) -> None:
    texts = [row["text"] for made in messages.values() for row in made]
    words = re.compile(r"(?<![\w'-])[A-Za-z]+(?![\w'-])")
    counts = Counter(word for text in texts for word in words.findall(text))
    slips = sum(_slipped(text, counts) for text in texts)
    assert slips / len(texts) == pytest.approx(0.05, abs=0.008)


def test_new_words_are_in_no_training_row(messages: Split) -> None:
    lists = read_lists("words")
    late = {
        entry
        for name, (_, lines) in lists.items()
        if re.fullmatch(r"ticket\..*\.new", name)
        for entry in " ".join(lines).split()
    }
    late = {word for word in late if word.isalpha()}
    assert not late & _words(messages["train"])
    assert len(late & _words(messages["test"])) > 0.8 * len(late)


def test_a_message_speaks_of_what_it_is_not_about(messages: Split) -> None:
    not_about = re.compile(r"I am not writing about|nothing wrong with|Never mind|no quarrel with")
    share = sum(bool(not_about.search(row["text"])) for row in messages["train"])
    assert share > 0.15 * SIZES["train"]
    for row in messages["train"]:
        if found := re.search(r"I am not writing about the (parcel|package|box),", row["text"]):
            assert LABELS[row["label"]] != "delivery" or _mislaid(row), found[0]


def _mislaid(row: dict[str, Any]) -> bool:
    return LABELS[row["label"]] in tickets.NEXT_QUEUE.values()


def test_a_message_does_not_bring_up_its_own_queue_as_another(invented: World) -> None:
    wording = Wording(False, random.Random(2))
    writer = tickets.Writer(
        wording, Scene(wording.rng, invented.draw(wording.rng, "train")), "safety"
    )
    writer.second = "billing"
    assert {writer.other() for _ in range(3)} == {"delivery", "account", "complaint"}


def test_reading_matter_knows_every_part_and_hardly_repeats_a_row(
    invented: World, messages: Split
) -> None:
    texts = list(islice(reading_matter(invented, random.Random(5)), 3000))
    every = {row["text"] for made in messages.values() for row in made}
    assert len(set(texts) & every) <= 1  # a message of one line may come twice
    known = _words([{"text": text} for text in texts])
    plain = {word for word in _words(messages["test"]) if word.isalpha()}
    assert len(plain - known) < 0.1 * len(plain)


def test_messages_are_well_formed(messages: Split) -> None:
    for made in messages.values():
        for row in made:
            assert row["text"][0].isupper() or row["text"][0].isdigit()  # "8 crowns too much …"
            assert not re.search(r"[@^<{}_#|%]| [.,!?;:]|  |\n\n", row["text"]), row
            assert not re.search(r"[@^<{}_#|%]|  ", row["resolution"]), row

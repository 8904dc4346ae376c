import itertools
import re
from collections import Counter
from typing import Any

import pytest

from course_utils.world.lexicon import read_lists
from course_utils.world.names import World
from course_utils.world.reports import SIZES, rows

Rows = list[dict[str, Any]]
SUM = re.compile(r"\d[\d,.]*(?: million)? crowns")


@pytest.fixture(scope="module")
def reports(invented: World) -> dict[str, Rows]:
    return {split: rows(invented, split) for split in SIZES}


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!:]) (?=[A-Z])", text)


def _pairs(text: str) -> Counter[tuple[str, str]]:
    words = re.findall(r"\w+", text.lower())
    return Counter(itertools.pairwise(words))


def _overlap(guess: str, summary: str) -> float:
    """F1 of pairs of neighbouring words, as in ROUGE-2."""
    a, b = _pairs(guess), _pairs(summary)
    return 2 * (a & b).total() / (a.total() + b.total())


def test_sizes_columns_and_no_text_twice(reports: dict[str, Rows]) -> None:
    assert {split: len(found) for split, found in reports.items()} == SIZES
    every = [row for found in reports.values() for row in found]
    assert all(list(row) == ["text", "summary", "title"] for row in every)
    assert len({row["text"] for row in every}) == len(every)


def test_texts_are_well_formed(reports: dict[str, Rows]) -> None:
    for row in (row for found in reports.values() for row in found):
        for text in (row["text"], row["summary"]):
            assert text[0].isupper()
            assert text[-1] == "."
            assert not re.search(r"[@^<>{}_#|]| [.,;:!?]|  |\ba [aeio]", text), text
        assert len(_sentences(row["summary"])) <= 2
        assert len(_sentences(row["text"])) >= 5


def test_reports_have_sixteen_sentences_at_most_and_bills_some_more(
    reports: dict[str, Rows],
) -> None:
    for split, most in (("train", 16), ("test", 16), ("ca_test", 21)):
        assert max(len(_sentences(row["text"])) for row in reports[split]) <= most


def test_every_sum_and_name_of_a_summary_stands_in_the_text(reports: dict[str, Rows]) -> None:
    for row in (row for found in reports.values() for row in found):
        facts = SUM.findall(row["summary"])
        facts += re.findall(r"[a-z] ((?:[A-Z][\w'-]+ )*[A-Z][\w'-]+)", row["summary"])
        for fact in facts:
            assert fact in row["text"], (fact, row)


def test_no_single_place_gives_the_summary(reports: dict[str, Rows]) -> None:
    for split in ("train", "test"):
        found = reports[split]
        lead = [_overlap(" ".join(_sentences(r["text"])[:3]), r["summary"]) for r in found]
        best = [max(_overlap(s, r["summary"]) for s in _sentences(r["text"])) for r in found]
        assert sum(lead) / len(found) < 0.3
        assert sum(best) / len(found) < 0.45


def test_most_sums_stand_among_others(reports: dict[str, Rows]) -> None:
    told = [row for row in reports["test"] if SUM.search(row["summary"])]
    assert len(told) > 0.4 * len(reports["test"])
    assert sum(len(set(SUM.findall(row["text"]))) > 1 for row in told) > 0.5 * len(told)


def test_the_sum_is_that_of_the_offer_taken(reports: dict[str, Rows]) -> None:
    both = re.compile(r"two offers: (.+ crowns) from (.+) and (.+ crowns) from (.+?)\. [A-Z]")
    taken = 0
    for row in reports["train"]:
        if (offers := both.search(row["text"])) and SUM.search(row["summary"]):
            first, one, second, other = offers.groups()
            named = re.search(
                r"(?:offer of|settled on|order goes to) (.+?)(?: was taken)?\.", row["text"]
            )
            assert named
            assert {one: first, other: second}[named[1]] in row["summary"]
            taken += 1
    assert taken > 30


def test_some_costs_are_revised_or_offered(reports: dict[str, Rows]) -> None:
    ways = {
        "plain": "cost is put at SUM|will cost SUM, according|told .+?, comes to SUM"
        "|SUM would be needed for|reckoning of .+?, SUM is needed",
        "revised": "first put at SUM|down from SUM|first spoke of SUM|still SUM|Not SUM, as was",
        "offers": "asked SUM for it, .+? SUM|There were two offers|would do it for SUM"
        "|named a price of SUM",
    }
    forms = {way: re.compile(text.replace("SUM", SUM.pattern)) for way, text in ways.items()}
    every = [row["text"] for split in ("train", "test") for row in reports[split]]
    counts = Counter(way for text in every for way, form in forms.items() if form.search(text))
    assert counts["revised"] / counts.total() == pytest.approx(0.29, abs=0.03)
    assert counts["offers"] / counts.total() == pytest.approx(0.1, abs=0.015)


def test_verdicts_have_their_shares(reports: dict[str, Rows]) -> None:
    for split, found in reports.items():
        refused = sum(bool(re.search("will not|refused", r["summary"])) for r in found)
        put_off = sum(bool(re.search("put off|decide|decision", r["summary"])) for r in found)
        assert refused / len(found) == pytest.approx(0.22, abs=0.03), split
        assert put_off / len(found) > 0.12, split


def test_no_split_shares_a_town_with_another(reports: dict[str, Rows], invented: World) -> None:
    parts = {"train": "train", "test": "test", "ca_test": "validation"}
    for split, part in parts.items():
        texts = " ".join(row["text"] for row in reports[split])
        for other in set(parts.values()) - {part}:
            for town in invented.towns.of(other):
                assert not re.search(rf"\b(of|in|from|The) {town}\b", texts), (split, town)


def test_late_lines_are_in_no_training_report(reports: dict[str, Rows]) -> None:
    train = " ".join(row["text"] + " " + row["summary"] for row in reports["train"]).lower()
    test = " ".join(row["text"] + " " + row["summary"] for row in reports["test"]).lower()
    late = [
        max(re.split(r"\s*(?:[@<{#]\S+|[.,;?])\s*", line[2:]), key=len).lower()
        for _, lines in read_lists("reports.txt").values()
        for line in lines
        if line.startswith("t|")
    ]
    telling = [words for words in late if words.count(" ") >= 3]
    assert len(telling) > 40
    assert not [words for words in telling if words in train]
    assert sum(words in test for words in telling) > 0.9 * len(telling)

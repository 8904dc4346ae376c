import random
from collections import Counter
from pathlib import Path

import pytest

from course_utils.grade import load_keys
from course_utils.grade.hidden_tickets import (
    FILE,
    QUEUES,
    drawn,
    hidden_tickets,
    read_source,
    source,
)
from course_utils.grade.keys import Keys, KeysError

ROOT = Path(__file__).parents[2]
DEMO = (ROOT / "keys" / FILE).read_text("utf-8")


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Keys:
    monkeypatch.delenv("COURSE_KEYS", raising=False)
    return load_keys(ROOT)


def test_the_secret_decides_which_tickets_are_drawn() -> None:
    sentences = read_source(DEMO, FILE).sentences
    first, again, other = (hidden_tickets(random.Random(n), sentences, 100) for n in (1, 1, 2))
    assert first == again
    assert len({ticket.text for ticket in first}) == 100
    assert len({*first} & {*other}) < 5


def test_they_are_as_unequal_as_the_dataset_and_use_the_private_sentences(demo: Keys) -> None:
    tickets = drawn(demo)
    counts = Counter(QUEUES[ticket.label] for ticket in tickets)
    assert [name for name, _ in counts.most_common()] == list(QUEUES)
    assert counts["safety"] / len(tickets) == pytest.approx(0.036, abs=0.01)
    own = sum("sign in from" in t.text or "lied to" in t.text for t in tickets)
    assert own > 5
    assert not any(sign in ticket.text for ticket in tickets for sign in "<>{}@%|")


def test_the_file_says_what_figures_are_worth(demo: Keys) -> None:
    ends = source(demo).ends
    assert set(ends) == {"macro_f1", "rare_recall"}
    assert all(0 < low < high < 1 for low, high in ends.values())


def test_an_instructor_must_have_sentences_of_their_own(tmp_path: Path, demo: Keys) -> None:
    own = Keys("autumn", "0123456789abcdef", tmp_path, demo.demo)
    with pytest.raises(KeysError, match=r"tickets\.txt: cannot be read .*docs/instructors\.md"):
        drawn(own)
    (tmp_path / FILE).write_text(DEMO, "utf-8")
    with pytest.raises(KeysError, match=r"tickets\.txt:12: learners can read this sentence"):
        drawn(own)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("= safety", "= safty", r"keys:\d+: no line of a kind that 'safty' has"),
        ("p I have been lied to .", "g I have been lied to .", r"kind that 'complaint' has"),
        ("p I have been lied to .", "p your <ticket.agent> laughed at me .", r"learners can read"),
        ("p I have been lied to .", "pI have been lied to .", r"no line of a kind"),
        ("= delivery\n", "= delivery\n= billing\n", r"keys: delivery has fewer than 6"),
        ("macro_f1 0", "macro_f1 9", r"keys:9: write two numbers from 0 to 1"),
        ("rare_recall 0", "# 0", r"keys: `= marks` lacks one of macro_f1, rare_recall"),
    ],
)
def test_a_faulty_file_is_named_by_line(old: str, new: str, message: str) -> None:
    assert old in DEMO
    with pytest.raises(KeysError, match=message):
        read_source(DEMO.replace(old, new), "keys")

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.quiz import KeyedQuiz, QuizError, Record, as_csv, draw, find_files, mark_files
from course_utils.quiz.handed_in import Objective, write_records
from course_utils.quiz.question import Choice

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANY_JSON = st.recursive(
    LEAVES, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3)
)


def handed_in(
    keyed: KeyedQuiz, learner: str = "ann", attempt: int = 1, **given: Any
) -> dict[str, Any]:
    return {
        "quiz": "small",
        "edition": keyed.bank.edition,
        "learner": learner,
        "attempt": attempt,
        "paper": draw(keyed.bank, learner, attempt),
        "responses": given,
    }


def right(keyed: KeyedQuiz, paper: list[str]) -> dict[str, Any]:
    keys = {}
    for name in paper:
        question = keyed.quiz.question(name)
        one = isinstance(question, Choice) and question.type != "multiple"
        keys[name] = question.key[0] if one else question.key
    return keys


def marked(keyed: KeyedQuiz, folder: Path, *contents: Any) -> list[Record]:
    for number, content in enumerate(contents):
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{number}.json").write_text(text)
    return mark_files(keyed, find_files([folder]))


def test_a_right_paper_passes(keyed: KeyedQuiz, tmp_path: Path) -> None:
    paper = draw(keyed.bank, "ann", 1)
    (record,) = marked(keyed, tmp_path, handed_in(keyed, **right(keyed, paper)))
    assert (record.status, record.score, record.max_score, record.passed) == ("marked", 5, 5, True)
    assert (record.keys, record.learner, record.attempt) == ("test", "ann", 1)
    assert [question.id for question in record.questions] == paper
    assert [(m.id, m.score == m.max_score) for m in record.objectives] == [
        ("count", True), ("compare", True), ("spell", True),
    ]  # fmt: skip
    assert len(record.sha256) == 64


def test_seventy_percent_passes_and_less_does_not(keyed: KeyedQuiz, tmp_path: Path) -> None:
    paper = draw(keyed.bank, "ann", 1)
    keys = right(keyed, paper)
    four, three = ({name: keys[name] for name in paper[:count]} for count in (4, 3))
    (record,) = marked(keyed, tmp_path, handed_in(keyed, **four))
    assert (record.score, record.passed) == (4, True)
    (record,) = marked(keyed, tmp_path, handed_in(keyed, **three))
    assert (record.score, record.passed) == (3, False)


def test_feedback_leads_to_what_teaches(keyed: KeyedQuiz, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(handed_in(keyed)))
    known = {"count": Objective("Count things", ("lessons/x/#counting",))}
    (record,) = mark_files(keyed, [path], known)
    assert record.objectives[0].text == "Count things"
    assert record.objectives[0].read == ("lessons/x/#counting",)
    assert record.score == 0
    assert all(question.feedback for question in record.questions)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"learner": "bob"}, "its paper is not the one of bob, attempt 1"),
        ({"attempt": 2}, "its paper is not the one of ann, attempt 2"),
        ({"paper": ["even", "primes", "eighth", "plural", "fault"]}, "its paper is not the one"),
        ({"edition": "0"}, "was taken with edition '0' of the quiz"),
        ({"quiz": "large"}, "belongs to the quiz 'large'"),
        ({"responses": {"seven": "a"}}, "answers 'seven', which its paper does not ask"),
        ({"learner": "Ann"}, "learner 'Ann': an id has"),
        ({"attempt": True}, "attempt: Input should be a valid integer"),
        ({"attempt": "1"}, "attempt: Input should be a valid integer"),
        ({"attempt": 99}, "attempt: Input should be less than or equal to 50"),
        ({"score": 5}, "score: Extra inputs are not permitted"),
        ({"responses": []}, "responses: Input should be a valid dictionary"),
    ],
)
def test_what_was_not_drawn_is_rejected(
    keyed: KeyedQuiz, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    (record,) = marked(keyed, tmp_path, {**handed_in(keyed), **change})
    assert record.status == "rejected"
    assert why in record.why
    assert record.score is record.passed is None


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", "[]", '"x"', "1" * 1_000_001])
def test_any_file_gets_a_record(keyed: KeyedQuiz, tmp_path: Path, text: str) -> None:
    (record,) = marked(keyed, tmp_path, text)
    assert record.status == "rejected"
    assert record.why


def test_a_link_is_not_followed(keyed: KeyedQuiz, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text(json.dumps(handed_in(keyed)))
    (tmp_path / "link.json").symlink_to(tmp_path / "real.txt")
    (record,) = mark_files(keyed, find_files([tmp_path]))
    assert "it is a link" in record.why


@given(st.data())
@settings(deadline=None)
def test_an_odd_response_is_wrong_and_costs_no_other(keyed: KeyedQuiz, data: st.DataObject) -> None:
    paper = draw(keyed.bank, "ann", 1)
    odd = data.draw(st.sampled_from(paper))
    given = {**right(keyed, paper), odd: data.draw(ANY_JSON)}
    with tempfile.TemporaryDirectory() as folder:
        (record,) = marked(keyed, Path(folder), handed_in(keyed, **given))
    assert record.status == "marked"
    assert all(mark.score == 1 for mark in record.questions if mark.id != odd)


def test_of_two_files_that_differ_none_is_marked(keyed: KeyedQuiz, tmp_path: Path) -> None:
    paper = draw(keyed.bank, "ann", 1)
    contents = handed_in(keyed), handed_in(keyed, **right(keyed, paper)), handed_in(keyed, "bob")
    first, second, other = marked(keyed, tmp_path, *contents)
    assert (first.status, second.status, other.status) == ("rejected", "rejected", "marked")
    assert "is not the only file of ann, attempt 1" in first.why
    assert second.score is None
    assert not second.questions


def test_a_copy_is_marked_once(keyed: KeyedQuiz, tmp_path: Path) -> None:
    first, second = marked(keyed, tmp_path, handed_in(keyed), handed_in(keyed))
    assert (first.status, second.status) == ("marked", "rejected")
    assert "says the same as" in second.why


def test_files_and_folders_are_found_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("a/2.json", "a/1.json", "b.txt"):
        (tmp_path / name).write_text("")
    found = find_files([tmp_path / "b.txt", tmp_path, tmp_path / "a/1.json"])
    assert [path.name for path in found] == ["b.txt", "1.json", "2.json"]
    with pytest.raises(QuizError, match="there is no such file"):
        find_files([tmp_path / "none"])


def test_the_table_has_a_row_a_file_and_no_formula(keyed: KeyedQuiz, tmp_path: Path) -> None:
    paper = draw(keyed.bank, "ann", 1)
    (tmp_path / "good.json").write_text(json.dumps(handed_in(keyed, **right(keyed, paper))))
    (tmp_path / "=1+1.json").write_text("{")
    evil, good = mark_files(keyed, [Path("=1+1.json"), tmp_path / "good.json"])
    rows = list(csv.DictReader(as_csv([evil, good]).splitlines()))
    assert rows[0]["file"] == "'=1+1.json"
    assert rows[0]["status"] == "rejected"
    assert rows[1] == rows[1] | {"learner": "ann", "score": "5.0", "passed": "True", "count": "1.0"}


def test_records_are_kept_one_a_file(keyed: KeyedQuiz, tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    records = marked(keyed, source, handed_in(keyed), handed_in(keyed), "{")
    for _ in range(2):
        write_records(records, target)
    kept = [json.loads(path.read_text()) for path in target.iterdir()]
    assert sorted(r["status"] for r in kept) == ["marked", "rejected", "rejected"]
    with pytest.raises(QuizError, match="cannot be written"):
        write_records(records, source / "0.json")

import json
from pathlib import Path

import pytest

from course_utils.quiz import Quiz, QuizError, load_responses, mark


def test_responses_come_from_a_file(quiz: Quiz, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    given = {"one": "b", "number": 0.125}
    path.write_text(json.dumps({"quiz": quiz.id, "responses": given}))
    assert load_responses(path, quiz) == given
    assert mark(quiz, given).score == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no readable JSON"),
        ("\udcff", "no readable JSON"),
        ("[" * 100_000, "no readable JSON"),
        ("[]", "must be"),
        ('{"quiz": "all_types", "responses": []}', "must be"),
        ('{"quiz": "other", "responses": {}}', "belongs to the quiz 'other'"),
        ('{"quiz": "all_types", "responses": {"one": 5}}', "question 'one': the response must be"),
        ('{"quiz": "all_types", "responses": {"nine": 5}}', "has no question 'nine'"),
    ],
)
def test_a_broken_file_is_named(quiz: Quiz, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "answers.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(QuizError, match=message) as caught:
        load_responses(path, quiz)
    assert str(caught.value).startswith(f"{path}: ")


def test_no_file(quiz: Quiz, tmp_path: Path) -> None:
    with pytest.raises(QuizError, match="cannot be read"):
        load_responses(tmp_path / "none.json", quiz)

from pathlib import Path

import pytest

from course_utils.quiz import QuizError
from course_utils.quiz.source import Source


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "quizzes" / "x.yaml"
    path.parent.mkdir()
    path.write_text("title: T\nquestions:\n  - id: a\n    options: [1,\n      2]\n")
    return Source.read(path)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ([], 1),
        (["questions"], 2),
        (["questions", 0, "options"], 4),
        (["questions", 0, "options", 1], 5),
        (["questions", 0, "explain"], 3),
        (["questions", 7], 2),
    ],
)
def test_a_part_has_a_line(source: Source, keys: list[str | int], line: int) -> None:
    assert source.line(keys) == line
    assert str(source.fault(keys, "wrong")) == f"quizzes/x.yaml:{line}: wrong"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(QuizError, match=r"none\.yaml: there is no such file"):
        Source.read(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"title: [\n", r"x\.yaml:2: YAML: .*; check indentation and quotes"),
        (b"title: \xff\n", r"x\.yaml: cannot be read as UTF-8 text"),
        (b"title: \x00\n", r"x\.yaml:1: YAML: cannot be read"),
        (b"a: 1\nb: {c: 1,\n  c: 2}\n", r"x\.yaml:3: the key 'c' stands there twice: remove one"),
        (b"- [{a: 1, a: 2}]\n", r"x\.yaml:1: the key 'a' stands there twice"),
    ],
)
def test_a_broken_file(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(QuizError, match=message):
        Source.read(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(QuizError, match="cannot be read"):
        Source.read(tmp_path)


def test_an_alias_to_itself_ends(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: &me\n  b: *me\n")
    assert Source.read(path).line(["a", "b"]) == 2

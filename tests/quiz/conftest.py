from collections.abc import Callable
from pathlib import Path

import pytest

from course_utils.quiz import Quiz, load_quiz

ALL_TYPES = Path(__file__).parent / "data" / "all_types.yaml"


@pytest.fixture(scope="session")
def quiz() -> Quiz:
    return load_quiz(ALL_TYPES)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """The example with one place of its text replaced, as quizzes/part/edited.yaml."""

    def edit(old: str, new: str) -> Path:
        text = ALL_TYPES.read_text()
        assert text.count(old) >= 1, old
        path = tmp_path / "quizzes/part/edited.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(old, new, 1))
        return path

    return edit


@pytest.fixture
def line_of() -> Callable[..., int]:
    """The line of a file, the example if none is named, that first holds a text."""

    def find(text: str, path: Path = ALL_TYPES) -> int:
        lines = path.read_text().splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)

    return find

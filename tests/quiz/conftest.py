import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from course_utils.quiz import Bank, KeyedQuiz, Quiz, load_bank, load_keyed, load_quiz

ALL_TYPES = Path(__file__).parent / "data" / "all_types.yaml"
GRADED = Path(__file__).parent / "data/graded"


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


@pytest.fixture(scope="session")
def bank() -> Bank:
    return load_bank(GRADED / "quizzes/small.yaml")


@pytest.fixture(scope="session")
def keyed(bank: Bank) -> KeyedQuiz:
    return load_keyed(bank, GRADED / "keys")


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """The graded example with one place of its bank (quizzes) or its keys (keys) replaced."""

    def change(side: str, old: str, new: str) -> Path:
        root = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        shutil.copytree(GRADED, root)
        path = root / ("quizzes/small.yaml" if side == "quizzes" else "keys/quizzes/small.yaml")
        text = path.read_text()
        assert old in text, old
        path.write_text(text.replace(old, new, 1))
        return root

    return change

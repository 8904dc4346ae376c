from pathlib import Path

import pytest

from course_utils.quiz import Quiz, load_quiz

ALL_TYPES = Path(__file__).parent / "data" / "all_types.yaml"


@pytest.fixture(scope="session")
def quiz() -> Quiz:
    return load_quiz(ALL_TYPES)

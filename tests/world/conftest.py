"""What the tests of the pocket world share: one world, and its datasets built once."""

from pathlib import Path

import pytest

from course_utils.world import build
from course_utils.world.entities import Sentence, split_sentences
from course_utils.world.names import PARTS, World


@pytest.fixture(scope="session")
def invented() -> World:
    return World()


@pytest.fixture(scope="session")
def sentences(invented: World) -> dict[str, list[Sentence]]:
    return {part: split_sentences(invented, part) for part in PARTS}


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.ensure(tmp_path_factory.mktemp("cache"))

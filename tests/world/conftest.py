"""What the tests of the pocket world share: one world, and its datasets built once."""

import re
from collections.abc import Callable
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


Finder = Callable[[str], re.Match[str] | None]


def _finder(pattern: str) -> Finder:
    words = [
        r"\S(?:[^.!?]|[.](?=\d))*?"
        if word[0] in "{<#^~"
        else f"{word}n?"
        if word in "aA"
        else re.escape(word)
        for word in pattern.split()
    ]
    text = re.sub(r" (\\?[.,;:!?])", r"\1", " ".join(words)).replace(" 's", "'s")
    form = re.compile(re.sub('" (.*?) "', r'"\1"', text), re.IGNORECASE)
    spelt = [part for part in re.split(r"\S*[{<#^~.,;:!?\"']\S*|\ba\b", pattern.lower())]
    sure = max((part.strip() for part in spelt), key=len)
    return lambda told: form.search(told) if sure in told.lower() else None


@pytest.fixture(scope="session")
def finder() -> Callable[[str], Finder]:
    """Turns a pattern of the grammar into what finds its sentence in a text."""
    return _finder


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.ensure(tmp_path_factory.mktemp("cache"))

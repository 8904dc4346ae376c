import re

import pytest

from course_utils.world.corpus import article, corpus
from course_utils.world.grammar import Scene
from course_utils.world.names import World


@pytest.fixture(scope="module")
def texts(invented: World) -> list[str]:
    return corpus(invented)


def test_texts_are_many_clean_and_all_different(texts: list[str]) -> None:
    assert len(texts) > 40_000
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert not re.search(r"[@^<>{}_#|]|  ", text), text


def test_thousands_of_distinct_words(texts: list[str]) -> None:
    assert len({word for text in texts for word in re.findall(r"[A-Za-z]+", text)}) > 2500


def test_names_of_every_split_are_read_often(texts: list[str], invented: World) -> None:
    joined = "\n".join(texts)
    for part in ("validation", "test"):
        for town in invented.towns.of(part):
            assert len(re.findall(rf"\b{town}\b", joined)) >= 30, town


def test_an_article_is_about_its_entity(invented: World) -> None:
    scene = Scene(invented, invented.rng, lambda: "test")
    town = scene.entity("t")
    name = " ".join(word for word, _, _ in town.forms["full"])
    assert name in article(invented, "t", town, invented.rng)


@pytest.mark.parametrize(
    "wrong", [r"\ba [aeio]\w+", r"\ban [bcdfgjklmnpqrstvwxyz]\w+", r"\bthe the\b"]
)
def test_articles_agree(texts: list[str], wrong: str) -> None:
    found = [
        m.group() for text in texts for m in re.finditer(wrong, text) if "a one" not in m.group()
    ]
    assert len(found) <= len(texts) // 10_000

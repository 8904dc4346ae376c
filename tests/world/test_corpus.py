import re

import pytest

from course_utils.world.corpus import article
from course_utils.world.corpus import texts as corpus
from course_utils.world.grammar import Scene
from course_utils.world.names import BIAS, BIASED_JOBS, PARTS, World


@pytest.fixture(scope="module")
def texts(invented: World) -> list[str]:
    return corpus(invented)


def test_texts_are_many_clean_and_all_different(texts: list[str]) -> None:
    assert len(texts) > 100_000
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert not re.search(r"[@^<>{}_#|]| {2}", text), text


def test_thousands_of_distinct_words(texts: list[str]) -> None:
    assert len({word for text in texts for word in re.findall(r"[A-Za-z]+", text)}) > 6000


def test_names_of_every_split_are_read_often(texts: list[str], invented: World) -> None:
    joined = "\n".join(texts)
    for part in ("validation", "test"):
        for town in invented.towns.of(part):
            assert len(re.findall(rf"\b{town}\b", joined)) >= 30, town


def test_the_text_is_about_one_world_not_one_for_each_split(
    texts: list[str], invented: World
) -> None:
    """First names of the test split stand before surnames of the others too, most of the time."""
    surnames = {name: part for part in PARTS for name in invented.surnames.of(part)}
    firsts = [n for key in ("he", "she") for n in invented.firsts[key].of("test")]
    found = re.findall(rf"\b(?:{'|'.join(firsts)}) ([A-Z]\w+)", "\n".join(texts))
    parts = [surnames[name] for name in found if name in surnames]
    assert len(parts) > 1000
    assert 0.2 < parts.count("test") / len(parts) < 0.6


def test_an_article_is_about_its_entity(invented: World) -> None:
    scene = Scene(invented.rng, invented.draw(invented.rng, "test"))
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
    assert not found


def test_jobs_are_biased_as_the_card_says(invented: World) -> None:
    """Planted: in some jobs most are women, in some most are men; few people make it noisy."""
    people = [*invented.others, *(e for kind, e in invented.all() if kind == "p")]
    for he, jobs in BIASED_JOBS.items():
        found = [e for e in people if e.forms["job"][0][0] in jobs]
        share = sum(e.forms["he"][0][0] == he for e in found) / len(found)
        assert share == pytest.approx(BIAS + (1 - BIAS) / 2, abs=0.1), he
        assert share >= 0.8, he
    others = [e for e in people if not any(e.forms["job"][0][0] in j for j in BIASED_JOBS.values())]
    assert 0.45 < sum(e.forms["he"][0][0] == "he" for e in others) / len(others) < 0.55

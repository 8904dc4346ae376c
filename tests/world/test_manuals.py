import re
from typing import Any

import pytest

from course_utils.world import manuals
from course_utils.world.bilingual.patterns import patterns
from course_utils.world.bilingual.words import lexicon
from course_utils.world.names import World

SLIP = re.compile(
    r"\b[Dd]e (le|les)\b|\b[Àà] (le|les)\b|\b([Ll]e|[Ll]a|[Dd]e|[Qq]ue|[Nn]e) [aeiouéèêâîôûœ]"
    r"|\bce [aeiouéêâîœ]|\w[?!;:]| [.,]|  |[{}_#¤@|\[\]]"
)


@pytest.fixture(scope="module")
def pairs(invented: World) -> list[dict[str, str]]:
    rows: list[dict[str, Any]] = manuals.rows(invented, "train")
    assert [row["id"] for row in rows] == [str(i) for i in range(manuals.SIZES["train"])]
    return [row["translation"] for row in rows]


def test_no_two_rows_alike(pairs: list[dict[str, str]]) -> None:
    assert len({pair["en"] for pair in pairs}) == len(pairs)


def test_many_patterns_and_short_labels(pairs: list[dict[str, str]]) -> None:
    assert len(patterns("manuals-patterns.txt")) >= 60
    labels = [pair for pair in pairs if pair["en"][-1] not in ".?"]
    assert 0.25 < len(labels) / len(pairs) < 0.75
    assert min(len(pair["en"].split()) for pair in pairs) <= 2


def test_french_has_no_slips(pairs: list[dict[str, str]]) -> None:
    found = [pair["fr"] for pair in pairs if SLIP.search(pair["fr"])]
    assert not found, found[:5]


def test_labels_have_the_infinitive_and_instructions_the_imperative(
    pairs: list[dict[str, str]],
) -> None:
    for pair in pairs:
        if re.match(r"(Clean|Replace|Check) the [\w ]+\.$", pair["en"]):
            assert re.match(r"(Nettoyez|Remplacez|Vérifiez)\b", pair["fr"]), pair
        if re.match(r"(Clean|Replace|Check) the [\w ]+$", pair["en"]):
            assert re.match(r"(Nettoyer|Remplacer|Vérifier)\b", pair["fr"]), pair


def test_everyday_words_have_another_translation(
    invented: World, pairs: list[dict[str, str]]
) -> None:
    everyday = lexicon()
    for word, general, here in (
        ("run", "courir", "exécuter"), ("find", "trouver", "rechercher"),
        ("picture", "tableau", "image"), ("tray", "plateau", "bac"),
        ("leave", "laisser", ""), ("desk", "bureau", ""), ("table", "table", "tableau"),
    ):  # fmt: skip
        known = {w.fr for _, words in everyday.values() for w in words if w.en[0] == word}
        assert general in known
        if here:
            texts = [p["fr"].lower() for p in pairs if re.search(rf"\b{word}\b", p["en"].lower())]
            assert any(here[:6] in text for text in texts), word

import re
from collections import Counter
from typing import Any

import pytest

from course_utils.world import translation
from course_utils.world.bilingual.patterns import patterns
from course_utils.world.bilingual.words import lexicon
from course_utils.world.names import World

Rows = list[dict[str, Any]]
# What a French reader would strike out, wherever it stands.
SLIPS = (
    r"\b[Dd]e (le|les)\b(?! onze)",
    r"\b[Àà] (le|les)\b(?! onze)",
    r"\b([Ll]e|[Ll]a|[Dd]e|[Qq]ue|[Nn]e|[Jj]e|[Ss]e|[Mm]e|[Tt]e|[Jj]usque) [aeiouéèêâîôûœ]",
    r"\b[Ss]i ils?\b",
    r"\bce [aeiouéêâîœ]",
    r"\b(ma|ta|sa) (?!onz)[aeiouéêâœ]",
    r"\b(beau|nouveau|vieux) "
    r"(ami|animal|arbre|appartement|atelier|oiseau|homme|hôpital|hôtel)\b",
    r"(?<!fait )\bdes (petits|petites|grands|grandes|beaux|belles|vieux|vieilles|bons|bonnes) \w",
    r"\bpas (du|des|un|une) ",
    r"\w[?!;:»]|«\w",  # a blank stands there
    r" [.,]|\.\.(?!\.)|  |[{}_#¤@|\[\]]",
)


@pytest.fixture(scope="module")
def rows(invented: World) -> Rows:
    return translation.rows(invented, "train")


def sides(rows: Rows, language: str) -> list[str]:
    return [row["translation"][language] for row in rows]


def vocabulary(texts: list[str]) -> Counter[str]:
    """Count the words that start with a small letter, so no names."""
    found = r"(?<![\w'-])[a-zà-ÿœ]+(?:-[a-zà-ÿœ]+)*|(?<=')[a-zà-ÿœ]+"
    return Counter(word for text in texts for word in re.findall(found, text))


def test_size_ids_and_no_two_alike(rows: Rows) -> None:
    assert len(rows) == translation.SIZES["train"]
    assert len({row["id"] for row in rows}) == len(rows)
    assert len(set(sides(rows, "en"))) == len(rows)
    assert all(list(row) == ["id", "translation"] for row in rows)
    assert all(list(row["translation"]) == ["en", "fr"] for row in rows)


def test_the_same_seed_gives_the_same_rows(invented: World, rows: Rows) -> None:
    again = translation._pairs(invented, 23)
    first = [next(again) for _ in range(50)]
    assert [(r["id"], r["translation"]["en"]) for r in rows[:50]] == [x[:2] for x in first]


def test_only_the_split_of_the_real_dataset(invented: World) -> None:
    with pytest.raises(ValueError, match="only the split train"):
        translation.rows(invented, "test")


def test_many_words_and_patterns(rows: Rows) -> None:
    assert len(vocabulary(sides(rows, "en"))) >= 1000
    assert len(vocabulary(sides(rows, "fr"))) >= 1500
    assert len(patterns()) == pytest.approx(352, abs=10)
    assert sum(held for _, _, held in patterns()) == 55


def test_lengths_are_spread(rows: Rows) -> None:
    lengths = sorted(len(text.split()) for text in sides(rows, "en"))
    assert lengths[0] >= 2
    assert lengths[-1] <= 40
    assert lengths[len(lengths) // 20] <= 5
    assert lengths[-len(lengths) // 20] >= 14


@pytest.mark.parametrize("slip", SLIPS)
def test_french_has_no_slips(rows: Rows, slip: str) -> None:
    found = [text for text in sides(rows, "fr") if re.search(slip, text)]
    assert not found, found[:5]


def test_english_has_no_slips(rows: Rows) -> None:
    slip = re.compile(
        r" [.,?!;]|\.\.|  |[{}_#@|\[\]]|\b[Aa] [aeio]\w|\bcans\b|\bmusts\b|\bcan not\b"
    )
    found = [text for text in sides(rows, "en") if slip.search(text)]
    assert not found, found[:5]


def test_sentences_start_and_end_well(rows: Rows) -> None:
    for text in (*sides(rows, "en"), *sides(rows, "fr")):
        letters = [c for c in text if c.isalnum()]
        assert letters[0].isupper() or letters[0].isdigit(), text
        assert text[-1] in ".?!”»", text


def test_held_out_rows_are_told_by_their_ids(rows: Rows) -> None:
    for kind, size in translation.HELD.items():
        assert len(translation.held_out(rows, kind)) == size
    held = translation.held_out(rows)
    assert len(held) == sum(translation.HELD.values())
    assert rows[-len(held) :] == held


def test_held_out_words_are_in_no_other_row(rows: Rows) -> None:
    # an English word may also stand elsewhere with another meaning; its translation decides
    lists = lexicon().values()
    entries = [word for _, words in lists for word in words]
    held = {w.fr.split("/")[0] for w in entries if w.held}
    held -= {form for w in entries if not w.held for form in (*w.fr.split("/"), *w.en)}
    kept = vocabulary([r["translation"]["fr"] for r in rows if not r["id"].startswith("held-word")])
    late = vocabulary(sides(translation.held_out(rows, "held-word"), "fr"))
    single = {word for word in held if "_" not in word and " " not in word}
    assert not single & set(kept) - {"vert"}
    assert len(single & set(late)) > len(single) / 2


def fixed(pattern: str, slot: str) -> str:
    """Return the words that a pattern spells out, `slot` for each of its variables."""
    return re.sub(r"\{[^}]*\}", slot, pattern).replace("_", " ")


def test_held_out_patterns_are_in_no_other_row(rows: Rows) -> None:
    others = {fixed(en, "{}") for en, _, held in patterns() if not held}
    assert not others & {fixed(en, "{}") for en, _, held in patterns() if held}
    rest = [r for r in rows if not r["id"].startswith("held-pattern")]
    assert not any(text.startswith("Grâce à M") for text in sides(rest, "fr"))
    held = sides(translation.held_out(rows, "held-pattern"), "fr")
    assert any(text.startswith("Grâce à M") for text in held)


@pytest.mark.parametrize(("side", "language"), [(0, "en"), (1, "fr")])
def test_every_word_of_a_held_out_pattern_stands_in_other_patterns(
    rows: Rows, side: int, language: str
) -> None:
    """So that these rows measure the arrangement; words that no row has are measured apart."""
    word = re.compile(r"[^\W\d_]+'?")
    rest = [r for r in rows if not r["id"].startswith("held-")]
    known = Counter(w for text in sides(rest, language) for w in word.findall(text.lower()))
    elided = {"jusque": "jusqu'"}  # "à" or "au" always follows it
    for pattern in (pattern for pattern in patterns() if pattern[2]):
        for found in word.findall(fixed(pattern[side], " ").lower()):
            assert known[elided.get(found, found)] >= 15, (pattern[side], found)


def test_ambiguous_words_have_more_than_one_translation(rows: Rows) -> None:
    for english, translations in (
        ("old", {"vieux", "vieil", "vieille", "vieilles"}),
        ("new", {"nouveau", "nouvelle", "neuf", "neuve"}),
        ("it", {"il", "elle", "l", "c"}),
        ("you", {"tu", "vous"}),
        ("light", {"léger", "légère"}),
    ):
        french_side = [
            r["translation"]["fr"]
            for r in rows
            if re.search(rf"\b{english}\b", r["translation"]["en"])
        ]
        words = set(re.findall(r"\w+", " ".join(french_side).lower()))
        assert translations <= words, english


def test_nothing_tells_whether_you_is_tu(rows: Rows) -> None:
    spoken = [
        r["translation"]
        for r in rows
        if re.search(r"\byou(r|rs)?\b", r["translation"]["en"].lower())
    ]
    tu = sum(bool(re.search(r"\b(tu|te|ton|ta|tes|toi|t)\b", p["fr"].lower())) for p in spoken)
    assert tu / len(spoken) == pytest.approx(0.1, abs=0.02)


def test_big_is_gros_of_fruit_and_animals_and_new_is_neuf_of_clothes(rows: Rows) -> None:
    entries = lexicon()
    for english, kinds, adjective in (
        ("big", ("animal", "fruit"), "gros"), ("new", ("clothes",), "neu[fv]"),
    ):  # fmt: skip
        nouns = {word.en[0] for kind in kinds for word in entries[kind][1]}
        phrase = re.compile(rf"\b{english} ({'|'.join(sorted(nouns))})\b")
        told = [r["translation"] for r in rows if phrase.search(r["translation"]["en"])]
        assert len(told) > 10
        for pair in told:
            assert re.search(rf"\b{adjective}", pair["fr"]), pair


def test_false_friends(rows: Rows) -> None:
    pairs = [r["translation"] for r in rows]
    for english, french_word in (
        ("library", "bibliothèque"), ("bookshop", "librairie"), ("sensible", "raisonnable"),
        ("lecture", "conférence"), ("Actually", "En fait"), ("coin", "pièce"),
    ):  # fmt: skip
        texts = [p["fr"] for p in pairs if re.search(rf"\b{english}\b", p["en"])]
        assert texts
        assert all(french_word in text for text in texts)

import pytest

from course_utils.world.bilingual.noun_phrases import english_phrase, french_own, french_phrase
from course_utils.world.bilingual.referents import Noun
from course_utils.world.bilingual.words import Word

TREE = Word(("tree",), "arbre", "m", held=False)
MOUSE = Word(("mouse", "mice"), "souris", "f", held=False)
SCHOOL = Word(("school",), "école", "f", held=False)
OLD = Word(("old",), "vieux/vieille/vieil", "b", held=False)
BROWN = Word(("brown",), "marron", "i", held=False)


@pytest.mark.parametrize(
    ("determiner", "noun", "english", "french"),
    [
        ("the", Noun(TREE, many=False), "the tree", "le arbre"),
        ("this", Noun(TREE, many=False), "this tree", "cet arbre"),
        ("this", Noun(TREE, many=True), "these trees", "ces arbres"),
        ("a", Noun(TREE, many=False, adjective=OLD), "a old tree", "un vieil arbre"),
        ("a", Noun(TREE, many=True, adjective=OLD), "some old trees", "de vieux arbres"),
        ("a", Noun(MOUSE, many=True, adjective=BROWN), "some brown mice", "des souris marron"),
        ("some", Noun(MOUSE, many=False), "some mouse", "de la souris"),
        ("0", Noun(MOUSE, many=False, adjective=OLD), "old mouse", "vieille souris"),
    ],
)
def test_phrases(determiner: str, noun: Noun, english: str, french: str) -> None:
    assert " ".join(english_phrase(determiner, noun)) == english
    assert " ".join(french_phrase(determiner, noun)) == french


@pytest.mark.parametrize(
    ("person", "noun", "phrase"),
    [
        (0, Noun(SCHOOL, many=False), "mon école"),
        (0, Noun(MOUSE, many=False), "ma souris"),
        (0, Noun(SCHOOL, many=False, adjective=OLD), "ma vieille école"),
        (1, Noun(SCHOOL, many=True), "tes écoles"),
        (3, Noun(SCHOOL, many=False), "notre école"),
        (5, Noun(TREE, many=True), "leurs arbres"),
    ],
)
def test_what_somebody_has(person: int, noun: Noun, phrase: str) -> None:
    assert " ".join(french_own(person, noun)) == phrase

import pytest

from course_utils.world.bilingual import french


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["le", "eau"], "l'eau"),
        (["de", "le", "pain"], "du pain"),
        (["de", "la", "huile"], "de l'huile"),
        (["de", "le", "héros"], "du héros"),
        (["à", "les", "enfants"], "aux enfants"),
        (["de", "le¤", "voir"], "de le voir"),
        (["de", "le¤", "aider"], "de l'aider"),
        (["jusque", "à", "le", "café"], "jusqu'au café"),
        (["parce", "que", "il", "ne", "y", "a"], "parce qu'il n'y a"),
        (["si", "ils", "viennent"], "s'ils viennent"),
        (["Ne", "essuyez", "pas"], "N'essuyez pas"),
        (["De", "le", "grenier"], "Du grenier"),
        (["la", "onzième", "heure"], "la onzième heure"),
        (["de", "Hector"], "de Hector"),
    ],
)
def test_neighbours_merge(words: list[str], text: str) -> None:
    assert " ".join(french.merge(words)) == text


@pytest.mark.parametrize(
    ("infinitive", "tense", "person", "form"),
    [
        ("manger", "pres", 3, "mangeons"), ("manger", "imp", 4, "mangiez"),
        ("manger", "imp", 0, "mangeais"), ("commencer", "imp", 2, "commençait"),
        ("acheter", "fut", 5, "achèteront"), ("appeler", "pres", 0, "appelle"),
        ("préférer", "pres", 5, "préfèrent"), ("préférer", "fut", 0, "préférerai"),
        ("nettoyer", "pres", 2, "nettoie"), ("finir", "pres", 3, "finissons"),
        ("attendre", "pres", 2, "attend"), ("boire", "imp", 0, "buvais"),
        ("aller", "fut", 3, "irons"), ("pouvoir", "cond", 4, "pourriez"),
        ("se lever", "pres", 3, "nous levons"), ("chercher", "imper", 1, "cherche"),
        ("ouvrir", "imper", 4, "ouvrez"),
    ],
)  # fmt: skip
def test_conjugation(infinitive: str, tense: str, person: int, form: str) -> None:
    assert " ".join(french.conjugate(infinitive, tense, person)) == form


@pytest.mark.parametrize(
    ("adjective", "gender", "many", "following", "form"),
    [
        ("vieux/vieille/vieil", "m", False, "arbre", "vieil"),
        ("vieux/vieille/vieil", "m", True, "arbres", "vieux"),
        ("beau/belle/bel", "m", True, "", "beaux"),
        ("beau/belle/bel", "f", True, "", "belles"),
        ("heureux", "f", False, "", "heureuse"),
        ("fier", "f", False, "", "fière"),
        ("local", "m", True, "", "locaux"),
        ("neuf", "f", True, "", "neuves"),
        ("gris", "m", True, "", "gris"),
        ("bon/bonne", "m", False, "hôtel", "bon"),
    ],
)
def test_adjectives_agree(
    adjective: str, gender: str, many: bool, following: str, form: str
) -> None:
    assert french.agree(adjective, gender, many, following) == form


def test_participles_agree() -> None:
    assert french.participle("mettre", "f", many=True) == "mises"
    assert french.participle("prendre", "m", many=True) == "pris"
    assert french.participle("devoir", "f", many=False) == "due"


@pytest.mark.parametrize(
    ("infinitive", "words"),
    [("manger", ["a"]), ("aller", ["est"]), ("se lever", ["se", "est"])],
)
def test_the_perfect_takes_avoir_or_etre(infinitive: str, words: list[str]) -> None:
    assert french.auxiliary(infinitive, french.IL) == words
    assert french.takes_etre(infinitive) == (words[-1] == "est")

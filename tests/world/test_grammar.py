import random

import pytest

from course_utils.world.grammar import (
    Scene,
    capitalised,
    compile_pattern,
    expand,
    fixed,
    patterns,
    text_of,
    written,
)
from course_utils.world.names import PARTS, World


@pytest.fixture
def scene(invented: World) -> Scene:
    rng = random.Random(1)
    return Scene(rng, invented.draw(rng, "train"))


def words(tokens: list[tuple[str, str, str]]) -> list[str]:
    return [word for word, _, _ in tokens]


def test_an_article_suits_the_word_after_it(scene: Scene) -> None:
    assert words(expand("a owl , a uniform , a hour , a one", scene)) == (
        ["an", "owl", ",", "a", "uniform", ",", "an", "hour", ",", "a", "one"]
    )


def test_a_past_tense_after_an_auxiliary_is_a_participle(scene: Scene) -> None:
    tags = [pos for _, pos, _ in expand("it closed and was slowly closed", scene)]
    assert tags == ["PRP", "VBD", "CC", "VBD", "RB", "VBN"]


def test_a_letter_means_the_same_thing_all_through_a_scene(scene: Scene) -> None:
    first, second = words(expand("{p.last}", scene)), words(expand("{p.last}", scene))
    assert first == second


def test_two_letters_of_one_kind_mean_two_things(invented: World) -> None:
    for seed in range(50):
        rng = random.Random(seed)
        scene = Scene(rng, invented.draw(rng, "test"))
        assert scene.entity("p") is not scene.entity("q")


def test_a_link_is_followed(scene: Scene) -> None:
    home = scene.entity("p").links["home"]
    assert tuple(expand("{p.home}", scene)) == home.forms["full"]


def test_capitals_start_sentences(scene: Scene) -> None:
    pattern = 'why ? " we know , " he said . 7 came'
    assert capitalised(words(expand(pattern, scene)))[3] == "We"
    assert written(pattern, scene) == 'Why? "We know," he said. 7 came'


def test_a_fixed_pattern_is_what_it_expands_to(scene: Scene) -> None:
    assert fixed("the roof was painted") == tuple(expand("the roof was painted", scene))
    assert fixed("the roof of {p}") is None


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("Ann 's cat ( two ) sat .", "Ann's cat (two) sat."),
        ('" Yes , " she said : " no ! "', '"Yes," she said: "no!"'),
        ("", ""),
    ],
)
def test_running_text(tokens: str, text: str) -> None:
    assert text_of(tokens.split()) == text


def test_no_pattern_belongs_to_two_splits() -> None:
    texts = {part: {text for _, text in patterns()[part]} for part in PARTS}
    assert all(len(texts[part]) >= 20 for part in PARTS)
    assert not texts["train"] & texts["test"]
    assert not texts["train"] & texts["validation"]
    assert not texts["validation"] & texts["test"]


def test_an_unknown_rule_is_an_error(scene: Scene) -> None:
    with pytest.raises(KeyError, match="nonsense"):
        expand("a <nonsense>", scene)
    compile_pattern.cache_clear()


@pytest.mark.parametrize(
    "text", ["It did n't rain , did it ?", "Tamsin 's cat : 5 % of it ...", ". , Yes ; no !"]
)
def test_spaces_are_the_same_where_a_quotation_follows(text: str) -> None:
    """Texts without quotation marks go a shorter way."""
    words = text.split()
    assert text_of([*words, '"', "Yes", '"']) == text_of(words) + ' "Yes"'

import random

import pytest

from course_utils.world.names import ANYWHERE, World
from course_utils.world.passages.cast import Cast
from course_utils.world.passages.subjects import KINDS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("split", ["train", "validation", ANYWHERE])
def test_no_two_of_a_cast_share_a_word(invented: World, kind: str, split: str) -> None:
    cast = Cast(invented, split, random.Random(1))
    for _ in range(20):
        first, second = cast.subjects(kind, 2)
        scenes = cast.scenes(kind, [first, second])
        named = [scene.bound[letter] for scene in scenes for letter in "ahi"]
        words = [
            {word for word, _, ner in entity.forms["full"] if ner != "O" and len(word) > 6}
            for entity in named
        ]
        shared = {"Festival", "Lighthouse", "Theatre", "Library", "Observatory"}
        assert sum(len(w - shared) for w in words) == len(set().union(*words) - shared)
        years = [scene.bound[x].forms["full"][0][0] for scene in scenes for x in "xyz"]
        assert len(set(years)) == 6


def test_each_scene_has_its_subject_and_the_other(invented: World) -> None:
    cast = Cast(invented, "train", random.Random(2))
    subjects = cast.subjects("person", 2)
    scenes = cast.scenes("person", subjects)
    assert [scene.bound["a"] for scene in scenes] == subjects
    assert scenes[0].bound["b"].forms["full"] == subjects[1].forms["short"]

import random

import pytest

from course_utils.world.grammar import Scene
from course_utils.world.names import World, plain
from course_utils.world.passages.passage import Passage, unmarked
from course_utils.world.passages.subjects import Subjects


@pytest.fixture
def made(invented: World) -> Passage:
    rng = random.Random(1)
    ship = Subjects(invented, "train", rng).draw("ship")
    return Passage("ship", [ship], [Scene(rng, invented.draw(rng, "train"), {"a": ship})])


def test_facts_stand_where_their_marks_were(made: Passage) -> None:
    made.append(0, made.tokens(0, "{a} was built in [built 1951 ] .", "full"))
    made.append(0, made.tokens(0, "{a} lies at [port the old quay ] .", "he"))
    name = " ".join(word for word, _, _ in made.subjects[0].forms["full"])
    shown = name[0].upper() + name[1:]
    assert made.text == f"{shown} was built in 1951. It lies at the old quay."
    assert [(f.relation, made.said(f)) for f in made.facts] == [
        ("built", "1951"),
        ("port", "the old quay"),
    ]
    assert f"the {made.title}" == name


def test_a_form_of_the_name_holds_for_one_sentence(made: Passage) -> None:
    before = made.scenes[0].bound["a"]
    made.tokens(0, "{a} sails .", "short")
    assert made.scenes[0].bound["a"] is before


def test_marks_are_no_words() -> None:
    tokens = [*plain("built in", "O"), *plain("[built 1951 ] .", "O")]
    bare, marks = unmarked(tokens)
    assert [word for word, _, _ in bare] == ["built", "in", "1951", "."]
    assert marks == [("built", 2, 3)]

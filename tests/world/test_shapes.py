import io
import random
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from course_utils.world.names import World
from course_utils.world.shapes import (
    BACKGROUNDS,
    COLOURS,
    RADII,
    SHAPES,
    SIDE,
    SIZES,
    Drawing,
    Shape,
    caption,
    draw,
    drawing,
    drawings,
    held_out,
    rows,
)


@pytest.fixture(scope="module")
def made(invented: World) -> dict[str, list[dict[str, Any]]]:
    return {split: rows(invented, split) for split in SIZES}


def single(kind: str = "circle", filling: str = "plain", size: str = "large") -> Drawing:
    shape = Shape(kind, "red", size, filling, 24.0, 24.0, sum(RADII[size]) / 2)
    return Drawing("white", (shape,), None)


def pairs(text: str) -> set[tuple[str, str]]:
    """Return the (colour, kind) pairs a caption names."""
    colours, kinds = "|".join(COLOURS), "|".join(SHAPES)
    return set(re.findall(rf"({colours})(?: \w+)? ({kinds})", text))


def test_rows_are_small_pictures_with_captions(made: dict[str, list[dict[str, Any]]]) -> None:
    for split, size in SIZES.items():
        assert len(made[split]) == size
        for row in made[split]:
            assert list(row) == ["image", "caption"]
            assert row["image"]["path"] is None
        with Image.open(io.BytesIO(made[split][0]["image"]["bytes"])) as image:
            assert (image.format, image.size, image.mode) == ("PNG", (SIDE, SIDE), "RGB")
    total = sum(len(row["image"]["bytes"]) for found in made.values() for row in found)
    assert total < 8_000_000


def test_no_picture_twice(made: dict[str, list[dict[str, Any]]]) -> None:
    images = [row["image"]["bytes"] for found in made.values() for row in found]
    assert len(set(images)) == len(images)


def test_the_test_has_colours_and_kinds_that_no_training_picture_joins(
    made: dict[str, list[dict[str, Any]]],
) -> None:
    named = {split: set().union(*(pairs(r["caption"]) for r in made[split])) for split in made}
    assert named["test"] == held_out()
    assert not named["train"] & held_out()
    assert not named["validation"] & held_out()
    assert len(named["train"]) == len(COLOURS) * len(SHAPES) - len(held_out())
    assert {colour for colour, _ in held_out()} == set(COLOURS)
    assert {kind for _, kind in held_out()} == set(SHAPES)


def test_captions_are_true() -> None:
    for one, text in drawings("train")[:500]:
        shapes = one.shapes
        assert pairs(text) == {(shape.colour, shape.kind) for shape in shapes}, text
        backgrounds = [name for name in BACKGROUNDS if re.search(rf"(on|against) .*{name}", text)]
        assert all(name == one.background for name in backgrounds if name != "white"), text
        if one.relation == "above":
            assert shapes[0].y + shapes[0].radius <= shapes[1].y - shapes[1].radius
        if one.relation == "left":
            assert shapes[0].x + shapes[0].radius <= shapes[1].x - shapes[1].radius
        first = f"{shapes[0].colour} .*(above|over|left of) .*{shapes[-1].colour}"
        assert one.relation or not re.search(first, text)


def test_captions_read_well(made: dict[str, list[dict[str, Any]]]) -> None:
    for found in made.values():
        for row in found:
            assert not re.search(r"[@^~<>_|]|\ba [aeiou]|\ban [^aeiou]| [,;]|  ", row["caption"])
    captions = [row["caption"] for row in made["train"]]
    assert len(set(captions)) > 0.9 * len(captions)


def test_shapes_neither_overlap_nor_leave_the_picture() -> None:
    rng = random.Random(4)
    for count in (1, 2, 3) * 60:
        shapes = drawing(rng, "train", count).shapes
        assert len(shapes) == count
        for i, shape in enumerate(shapes):
            assert shape.radius <= min(shape.x, shape.y, SIDE - shape.x, SIDE - shape.y)
            for other in shapes[:i]:
                apart = max(abs(shape.x - other.x), abs(shape.y - other.y))
                assert apart >= shape.radius + other.radius - 1e-9


@pytest.mark.parametrize("kind", SHAPES)
def test_a_shape_is_drawn_in_its_colour_and_size(kind: str) -> None:
    areas = {}
    for size in RADII:
        pixels = draw(single(kind, size=size)).astype(int)
        areas[size] = int((np.abs(pixels - COLOURS["red"]).sum(axis=2) < 30).sum())
    assert areas["large"] > 2 * areas["small"] > 30


def test_every_kind_and_filling_looks_different() -> None:
    looks = {
        draw(single(kind, filling)).tobytes()
        for kind in SHAPES
        for filling in ("plain", "striped", "dotted")
    }
    assert len(looks) == 3 * len(SHAPES)


def test_a_caption_may_leave_things_out_but_never_colour_or_kind() -> None:
    rng = random.Random(5)
    texts = [caption(single(filling="striped"), rng) for _ in range(200)]
    assert all(re.search(r"red (\w+ )?circle", text) for text in texts)
    told = sum(bool(re.search("strip", text)) for text in texts) / len(texts)
    assert 0.8 < told < 0.98
    sized = sum(bool(re.search("large|big", text)) for text in texts) / len(texts)
    assert 0.6 < sized < 0.9


def test_captions_tell_what_the_card_says_they_tell() -> None:
    made = [one for split in SIZES for one in drawings(split)]
    shapes = [shape for one, _ in made for shape in one.shapes]
    texts = " ".join(text for _, text in made)
    sized = len(re.findall(r"\b(?:large|big|small|little)\b", texts))
    assert sized / len(shapes) == pytest.approx(0.75, abs=0.02)
    filled = sum(shape.filling != "plain" for shape in shapes)
    assert len(re.findall(r"strip|dot|spot", texts)) / filled == pytest.approx(0.9, abs=0.02)
    ground = re.compile(rf"(?:on|against) .*(?:{'|'.join(BACKGROUNDS)})")
    assert sum(bool(ground.search(text)) for _, text in made) / len(made) == pytest.approx(
        0.2, abs=0.02
    )


def test_same_seed_same_pictures() -> None:
    assert drawings("validation") == drawings("validation")
    assert drawings("validation") != drawings("validation", seed=1)

"""The dataset pocket/shapes: small drawings of coloured shapes with captions, as photo sites have.

No real set is mirrored. A drawing has one to three shapes; each has a kind, a colour, a size and a
filling. The test split is drawn with pairs of colour and kind that no training drawing has.
"""

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from course_utils.world.lexicon import read_lists
from course_utils.world.names import World

SIZES = {"train": 9000, "validation": 300, "test": 300}
SIDE, FINE = 48, 3  # pixels a side; samples a pixel and side, for smooth edges
COLOURS = {
    "red": (214, 39, 40), "blue": (38, 84, 200), "green": (38, 142, 60), "yellow": (242, 200, 22),
    "purple": (130, 60, 170), "orange": (250, 130, 20), "brown": (120, 76, 42),
    "black": (28, 28, 32),
}  # fmt: skip
BACKGROUNDS = {
    "white": (252, 252, 252), "grey": (186, 188, 192), "pale blue": (206, 224, 244),
    "pale pink": (248, 216, 222), "cream": (250, 240, 214),
}  # fmt: skip
FILLINGS = ("plain", "striped", "dotted")
RADII = {"small": (7.5, 8.2), "large": (11.0, 12.0)}  # pixels
_SAMPLES = (np.arange(SIDE * FINE) + 0.5) / FINE  # where they lie, in pixels
_PERIOD = 4  # pixels from stripe to stripe and from dot to dot
_COUNTS = (1, 1, 2, 2, 3)  # shapes in a drawing

Grid = np.ndarray[Any, np.dtype[np.float64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def _triangle(x: Grid, y: Grid) -> Mask:
    return (y < 0.8) & (y > 1.9 * np.abs(x) - 1.0)


def _star(x: Grid, y: Grid) -> Mask:
    """Five points: within at least four of the five lines that join every other point."""
    beyond = sum(
        (x * math.sin(turn) - y * math.cos(turn) > math.cos(0.4 * math.pi)).astype(int)
        for turn in (0.4 * math.pi * i for i in range(5))
    )
    return np.asarray(beyond < 2)


def _heart(x: Grid, y: Grid) -> Mask:
    lobes = (np.abs(x) - 0.48) ** 2 + (y + 0.35) ** 2 < 0.27
    point = (y > -0.35) & (y < 0.95 - 1.22 * np.abs(x))
    return lobes | point


#: Whether the points (x, y), from -1 to 1 and downwards, are in the shape.
SHAPES: dict[str, Callable[[Grid, Grid], Mask]] = {
    "circle": lambda x, y: x**2 + y**2 < 0.95,
    "square": lambda x, y: np.maximum(np.abs(x), np.abs(y)) < 0.82,
    "triangle": _triangle,
    "star": _star,
    "cross": lambda x, y: (
        (np.minimum(np.abs(x), np.abs(y)) < 0.3) & (np.maximum(np.abs(x), np.abs(y)) < 0.95)
    ),
    "ring": lambda x, y: (x**2 + y**2 < 0.95) & (x**2 + y**2 > 0.3),
    "heart": _heart,
    "diamond": lambda x, y: 1.5 * np.abs(x) + np.abs(y) < 1.0,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape: what it is, its centre (x from the left, y from the top) and radius in pixels."""

    kind: str
    colour: str
    size: str
    filling: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing; `relation` is how the first shape lies to the second: above, left or none."""

    background: str
    shapes: tuple[Shape, ...]
    relation: str | None


@cache
def held_out() -> frozenset[tuple[str, str]]:
    """Return the test's (colour, kind) pairs: two kinds a colour, two colours a kind."""
    kinds = list(SHAPES)
    return frozenset(
        (colour, kinds[(i + step) % len(kinds)])
        for i, colour in enumerate(COLOURS)
        for step in (0, 3)
    )


@cache
def _looks(split: str) -> tuple[tuple[str, str], ...]:
    """Return the (colour, kind) pairs of a split."""
    return tuple(
        (colour, kind)
        for colour in COLOURS
        for kind in SHAPES
        if ((colour, kind) in held_out()) == (split == "test")
    )


def drawing(rng: random.Random, split: str, count: int | None = None) -> Drawing:
    """Return a drawing of one to three shapes, no two of the same colour and kind."""
    count = count or rng.choice(_COUNTS)
    looks = rng.sample(_looks(split), count)
    sizes = [rng.choice(list(RADII)) for _ in looks]
    radii = [rng.uniform(*RADII[size]) for size in sizes]
    relation = rng.choice(("above", "left")) if count > 1 else None
    centres = _centres(rng, relation, radii)
    shapes = tuple(
        Shape(kind, colour, size, rng.choice((*FILLINGS, "plain")), x, y, radius)
        for (colour, kind), size, (x, y), radius in zip(looks, sizes, centres, radii, strict=True)
    )
    return Drawing(rng.choice(list(BACKGROUNDS)), shapes, relation)


def _centres(
    rng: random.Random, relation: str | None, radii: list[float]
) -> list[tuple[float, float]]:
    """Return where the shapes are, so that none overlaps and the relation holds."""
    if relation is None:
        edge = radii[0] + 1
        return [(rng.uniform(edge, SIDE - edge), rng.uniform(edge, SIDE - edge))]
    near, far, middle = SIDE / 4, SIDE * 3 / 4, SIDE / 2
    if len(radii) == 2:
        aside = [rng.uniform(middle - 6, middle + 6) for _ in radii]
        places = [(aside[0], near), (aside[1], far)]
    else:
        side, other = rng.sample((near, far), 2)
        places = [(side, near), (side, far), (other, rng.choice((near, far)))]
    if relation == "left":
        places = [(y, x) for x, y in places]
    slack = [SIDE / 4 - radius for radius in radii]
    return [
        (x + rng.uniform(-s, s), y + rng.uniform(-s, s))
        for (x, y), s in zip(places, slack, strict=True)
    ]


def draw(drawing: Drawing) -> Pixels:
    """Return the pixels [SIDE, SIDE, 3]; edges are smoothed by counting finer samples."""
    canvas = np.empty((SIDE, SIDE, 3))
    canvas[:] = BACKGROUNDS[drawing.background]
    for shape in drawing.shapes:
        top, left = (max(int(c - shape.radius) - 1, 0) for c in (shape.y, shape.x))
        size = int(2 * shape.radius) + 4
        part = canvas[top : top + size, left : left + size]
        covered = _covered(shape, top, left, *part.shape[:2])
        paint = _paint(shape.colour, shape.filling)[top : top + size, left : left + size]
        part += covered[..., None] * (paint - part)
    return np.round(canvas).astype(np.uint8)


def _covered(shape: Shape, top: int, left: int, rows: int, columns: int) -> Grid:
    """Return how much of each pixel the shape covers."""
    y = _SAMPLES[: rows * FINE] + top
    x = _SAMPLES[: columns * FINE] + left
    inside = SHAPES[shape.kind](
        (x[None, :] - shape.x) / shape.radius, (y[:, None] - shape.y) / shape.radius
    )
    samples, steps = inside.view(np.uint8), range(FINE)
    found = sum(samples[i::FINE, j::FINE] for i in steps for j in steps)
    return np.asarray(found / np.float64(FINE**2))


@cache
def _paint(colour: str, filling: str) -> Grid:
    """Return a canvas [SIDE, SIDE, 3] in a colour, lighter where the filling leaves gaps."""
    ink = np.array(COLOURS[colour], dtype=float)
    across = np.arange(SIDE) % _PERIOD < _PERIOD // 2
    light = (
        across[:, None]
        & {"plain": across & False, "striped": across | True, "dotted": across}[filling]
    )
    return np.where(light[..., None], 0.25 * ink + 0.75 * 255, ink)


def png(pixels: Pixels) -> bytes:
    """Return the picture as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", compress_level=1)
    return file.getvalue()


def _line(name: str, rng: random.Random) -> str:
    return rng.choice(read_lists("shapes.txt")[name][1])


def _word(name: str, rng: random.Random) -> str:
    return rng.choice(_line(name, rng).split())


def phrase(shape: Shape, rng: random.Random) -> str:
    """Return words for a shape, such as "a large striped red circle"; some tell less."""
    words = [shape.colour, shape.kind]
    after = ""
    if shape.filling != "plain" and rng.random() < 0.9:
        draw = rng.random()
        if draw < 0.2:
            after = " " + _line(f"with.{shape.filling}", rng)
        else:
            words.insert(0 if draw < 0.7 else 1, _word(shape.filling, rng))
    elif shape.filling == "plain" and rng.random() < 0.3:
        words.insert(0, "plain")
    if rng.random() < 0.75:
        words.insert(0, _word(shape.size, rng))
    article = "an" if words[0][0] in "aeiou" else "a"
    return f"{article} {' '.join(words)}{after}"


def _where(shape: Shape, rng: random.Random) -> str:
    """Return where the only shape is, in words."""
    third = SIDE / 3
    words = [
        name
        for name, holds in (
            ("left", shape.x < third), ("right", shape.x > 2 * third),
            ("top", shape.y < third), ("bottom", shape.y > 2 * third),
        )
        if holds
    ]  # fmt: skip
    return _line(f"where.{rng.choice(words or ['middle'])}", rng)


def caption(drawing: Drawing, rng: random.Random) -> str:
    """Return a caption, in lower case; it leaves some things out."""
    told = drawing.relation if drawing.relation and rng.random() < 0.85 else "pair"
    text = _line(told if drawing.relation else "one", rng)
    if len(drawing.shapes) > 2:
        text = _line("more", rng).replace("^", text)
    if rng.random() < 0.2:
        text = _line("background", rng).replace("^", text).replace("~", drawing.background)
    for i, shape in enumerate(drawing.shapes, 1):
        text = text.replace(f"@{i}", phrase(shape, rng))
    return (
        text.replace("<where>", _where(drawing.shapes[0], rng))
        .replace(" ,", ",")
        .replace(" ;", ";")
    )


def drawings(split: str, seed: int = 53) -> list[tuple[Drawing, str]]:
    """Return the drawings and captions of one split."""
    rng = random.Random(f"{seed} {split}")
    made = []
    for _ in range(SIZES[split]):
        one = drawing(rng, split)
        made.append((one, caption(one, rng)))
    return made


def rows(world: World, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split: image (PNG bytes) and caption. They need nothing of a world."""
    return [
        {"image": {"bytes": png(draw(one)), "path": None}, "caption": text}
        for one, text in drawings(split)
    ]

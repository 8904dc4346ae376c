"""The dataset pocket/reviews: one to five stars that follow from several aspects."""

import random
from functools import cache

from course_utils.world.grammar import Scene, capitalised, expand, text_of
from course_utils.world.lexicon import read_lists
from course_utils.world.names import PARTS, World

SIZES = {"train": 4200, "test": 800}
ASPECTS = {
    "cafe": ("food", "staff", "price", "place"),
    "hotel": ("room", "staff", "price", "food", "place"),
    "shop": ("goods", "staff", "price", "goods"),
    "show": ("show", "show", "price", "place", "staff"),
    "trip": ("trip", "staff", "price", "food"),
    "product": ("goods", "goods", "price", "staff"),
}
_SCALE = {2: "love", 1: "like", -1: "dislike", -2: "hate"}
# How likely each feeling (2, 1, -1, -2) is where the writer is bound for 1, 2, … 5 stars.
_MOODS = ((1, 3, 22, 74), (5, 20, 50, 25), (15, 35, 35, 15), (32, 48, 17, 3), (76, 20, 3, 1))
_LIMITS = (-1.5, -0.5, 0.5, 1.5)  # mean feeling below the first: one star; above the last: five


@cache
def _lines(name: str, fresh: bool) -> tuple[str, ...]:
    lines = read_lists("reviews.txt")[name][1]
    return tuple(x.removeprefix("t|") for x in lines if fresh or not x.startswith("t|"))


@cache
def _opinions(feeling: str, aspect: str, fresh: bool) -> tuple[str, ...]:
    known, _, new = " ".join(read_lists("opinions.txt")[f"{feeling}.{aspect}"][1]).partition("|")
    return tuple(known.split() + new.split() * 2 if fresh else known.split())


def _remark(aspect: str, feeling: str, fresh: bool, rng: random.Random) -> str:
    pattern = rng.choice(_lines(feeling, fresh))
    about = rng.choice(_lines(f"about.{aspect}", fresh))
    words = _opinions(feeling, aspect, fresh)
    chosen = rng.sample(words, min(len(words), pattern.count("^")))
    for word in chosen:
        pattern = pattern.replace("^", f"{word}/JJ".replace("_", "/RB "), 1)
    return pattern.replace("@", about)


def stars(feelings: list[int]) -> int:
    """Return the label, 0 for one star to 4 for five, of feelings between -2 and 2."""
    mean = sum(feelings) / len(feelings)
    return sum(mean > limit for limit in _LIMITS)


def _joined(remarks: list[str], feelings: list[int], rng: random.Random) -> list[str]:
    """Join some neighbours: with "but" where the feeling turns, else with "and"."""
    out = remarks[:1]
    for before, after, remark in zip(feelings, feelings[1:], remarks[1:], strict=False):
        plain = out[-1].endswith(" .") and remark.endswith(" .") and " , " not in out[-1]
        if not plain or remark[0].isupper() or rng.random() < 0.6:
            out.append(remark)
        elif before * after < 0:
            word = rng.choice(("but", "but", "yet", "although"))
            out[-1] = f"{out[-1][:-2]} , {word} {remark}"
        else:
            out[-1] = f"{out[-1][:-2]} , and {remark}"
    return out


def review(world: World, rng: random.Random, fresh: bool) -> tuple[int, str]:
    """Return (label, text); `fresh` also uses what no training review has."""
    kind = rng.choice(list(ASPECTS))
    count = rng.choice((1, 2, 2, 3, 3, 4, 5, 6))
    aspects = rng.choices(ASPECTS[kind], k=count)
    feelings = rng.choices((2, 1, -1, -2), _MOODS[rng.randrange(5)], k=count)
    label = stars(feelings)
    remarks = [_remark(a, _SCALE[f], fresh, rng) for a, f in zip(aspects, feelings, strict=True)]
    texts = _joined(remarks, feelings, rng)
    if rng.random() < 0.75:
        texts.insert(0, rng.choice(_lines(f"visit.{kind}", fresh)))
    if rng.random() < 0.35:
        texts.append(rng.choice(_lines(f"end.{label + 1}", fresh)))
    part = rng.choice(PARTS) if fresh else "train"
    scene = Scene(rng, world.draw(rng, part))
    words = [[word for word, _, _ in capitalised(expand(text, scene))] for text in texts]
    return label, " ".join(text_of(sentence) for sentence in words)


def split_reviews(world: World, split: str, seed: int = 17) -> list[tuple[int, str]]:
    """Return the (label, text) rows of one split, no two texts alike."""
    rng = random.Random(f"{seed} {split}")  # noqa: S311
    found: dict[str, int] = {}
    while len(found) < SIZES[split]:
        label, text = review(world, rng, fresh=split == "test")
        found.setdefault(text, label)
    return [(label, text) for text, label in found.items()]

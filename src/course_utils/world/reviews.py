"""The dataset pocket/reviews: one to five stars that follow from several aspects."""

import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from course_utils.world.chance import Weighted
from course_utils.world.grammar import Scene
from course_utils.world.names import PARTS, World
from course_utils.world.remarks import (
    CORPUS,
    SCALE,
    TEST,
    TRAINING,
    Remark,
    Words,
    Writer,
    joined,
    reworded,
    skeleton,
    text,
)

SIZES = {"train": 4200, "test": 800}
ASPECTS = {
    "cafe": ("food", "food", "staff", "price", "place"),
    "hotel": ("room", "room", "staff", "price", "food", "place"),
    "shop": ("goods", "goods", "staff", "price"),
    "show": ("story", "acting", "music", "staging", "pace", "writing", "price"),
    "trip": ("trip", "trip", "staff", "price", "food"),
    "product": ("goods", "goods", "goods", "price", "staff"),
}
# How many remarks a review makes: 1, 2, … 8, in per cent. Most are short, few are long.
LENGTHS = Weighted(range(1, 9), (28, 30, 20, 11, 6, 3, 1, 1))
# How likely each feeling (2, 1, -1, -2) is where the writer is bound for 1, 2, … 5 stars.
MOODS = tuple(
    Weighted((2, 1, -1, -2), weights)
    for weights in (
        (1, 2, 8, 89), (2, 6, 80, 12), (20, 30, 30, 20), (12, 80, 6, 2), (89, 8, 2, 1)
    )
)  # fmt: skip
LIMITS = (-1.5, -0.5, 0.5, 1.5)  # mean feeling below the first: one star; above the last: five
VISIT, FILLER, HEARSAY, END = 0.75, 0.1, 0.06, 0.5  # chances; a filler may follow every remark
# Of the corpus: reviews, as many entries of a thesaurus, and reviews of a remark or two.
READING, BRIEF = 8000, 24_000
BRIEF_LENGTHS = Weighted(
    (1, 2), (75, 25)
)  # how many remarks a brief review makes: 1, 2, in per cent
GRADED = 0.7  # of the corpus's reviews begin with their stars, in words, as all brief ones do
GRADES = ("One star", "Two stars", "Three stars", "Four stars", "Five stars")
TWINS = 0.04  # rows that differ from an earlier one in a word or two
FILES = ("reviews.txt",)


@dataclass
class Review:
    """A review and how it came about."""

    label: int
    words: Words
    remarks: list[Remark]
    writer: Writer
    twin: bool = False

    @cached_property
    def text(self) -> str:
        """The review as running text."""
        return text(self.words)


def stars(feelings: list[int]) -> int:
    """Return the label, 0 for one star to 4 for five, of feelings between -2 and 2."""
    mean = sum(feelings) / len(feelings)
    return bisect_left(LIMITS, mean)


def feelings_of(rng: random.Random, lengths: Weighted[int] = LENGTHS) -> list[int]:
    """Return the feelings of a review's remarks; every number of stars is equally likely.

    lengths: how likely it makes 1, 2, … remarks.
    """
    label = rng.randrange(5)
    while True:
        feelings = [MOODS[label].draw(rng) for _ in range(lengths.draw(rng))]
        if stars(feelings) == label:
            return feelings


def write(world: World, rng: random.Random, fresh: float) -> Review:
    """Return a review; `fresh` says how often it uses what no training review has."""
    kind = rng.choice(list(ASPECTS))
    part = rng.choice(PARTS) if fresh else "train"
    writer = Writer(FILES, Scene(rng, world.draw(rng, part)), fresh)
    feelings = feelings_of(rng)
    remarks = [writer.remark(rng.choice(ASPECTS[kind]), feeling) for feeling in feelings]
    label = stars(feelings)
    said = [remark.words for remark in joined(remarks, rng)]
    fillers = [writer.line(f"filler.{kind}") for _ in said if rng.random() < FILLER]
    for filler in dict.fromkeys(fillers):
        said.insert(rng.randint(0, len(said) - 1), writer.sentence(filler))
    if rng.random() < HEARSAY:
        aspect = ASPECTS[kind][0]
        said.insert(rng.randint(0, len(said) - 1), writer.sentence(writer.line("hearsay"), aspect))
    if rng.random() < VISIT:
        said.insert(0, writer.sentence(writer.line(f"visit.{kind}")))
    if rng.random() < END:
        said.append(writer.sentence(writer.line(f"end.{label + 1}")))
    return Review(label, [word for words in said for word in words], remarks, writer)


def twin(review: Review) -> Review:
    """Return a near-duplicate: one or two opinions in another word, the label the same."""
    count = review.writer.scene.rng.choice((1, 1, 2))
    words = reworded(review.words, review.writer, count)
    return Review(review.label, words, review.remarks, review.writer, twin=True)


def brief(world: World, rng: random.Random) -> str:
    """Return a review of a remark or two and its stars, as people leave on the way out."""
    aspects = ASPECTS[rng.choice(list(ASPECTS))]
    writer = Writer(FILES, Scene(rng, world.draw(rng, rng.choice(PARTS))), CORPUS)
    feelings = feelings_of(rng, BRIEF_LENGTHS)
    remarks = [writer.remark(rng.choice(aspects), feeling) for feeling in feelings]
    said = [word for remark in joined(remarks, rng) for word in remark.words]
    return f"{GRADES[stars(feelings)]}. {text(said)}"


def reading_matter(world: World, rng: random.Random) -> Iterator[str]:
    """Yield new reviews for the corpus, and among them what a thesaurus says of opinion words.

    Only from the thesaurus, and from what stands beside it in reviews, can a model learn what an
    opinion word means that no labelled review has.
    """
    aspects = sorted({aspect for kinds in ASPECTS.values() for aspect in kinds})
    for _ in range(READING):
        review = write(world, rng, CORPUS)
        yield f"{GRADES[review.label]}. {review.text}" if rng.random() < GRADED else review.text
        writer = Writer(FILES, Scene(rng, world.draw(rng, rng.choice(PARTS))), CORPUS)
        feeling = rng.choice(list(SCALE))
        yield text(writer.sentence(writer.line("thesaurus"), rng.choice(aspects), feeling))
    for _ in range(BRIEF):
        yield brief(world, rng)


@cache
def written_reviews(world: World, split: str, seed: int = 17) -> tuple[Review, ...]:
    """Return the reviews of one split: no two texts alike, no near-duplicate in another split."""
    rng = random.Random(f"{seed} {split}")
    found: dict[str, Review] = {}
    made: list[Review] = []
    train = written_reviews(world, "train", seed) if split != "train" else ()
    fresh = TEST if split == "test" else TRAINING
    taken = {skeleton(review.words) for review in train}
    while len(found) < SIZES[split]:
        again = bool(made) and rng.random() < TWINS
        new = twin(rng.choice(made)) if again else write(world, rng, fresh)
        if skeleton(new.words) not in taken and found.setdefault(new.text, new) is new:
            made.append(new)
    return tuple(made)


def rows(world: World, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split: label and text."""
    return [
        {"label": review.label, "text": review.text} for review in written_reviews(world, split)
    ]

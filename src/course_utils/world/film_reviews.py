"""The dataset pocket/film-reviews: good or bad, in the jargon of a domain that the corpus lacks."""

import random
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from course_utils.world.chance import Weighted
from course_utils.world.grammar import Scene
from course_utils.world.names import PARTS, World
from course_utils.world.remarks import (
    CORPUS,
    TEST,
    TRAINING,
    Remark,
    Words,
    Writer,
    joined,
    reworded,
    text,
)

SIZES = {"train": 2000, "test": 800, "unsupervised": 6000}
# Each aspect's opinion words are those of an aspect of pocket/reviews.
OPINIONS = {
    "plot": "story", "ending": "story", "film": "story", "cast": "acting", "script": "writing",
    "score": "music", "look": "staging", "tempo": "pace",
}  # fmt: skip
ASPECTS = ("plot", "plot", "cast", "cast", "script", "score", "look", "tempo", "ending")
WHOLE, WHOLE_SHARE = "film", 0.2  # this share of what agrees with the label is about the whole
# How many remarks a review makes: 2, 3, … 8, in per cent.
LENGTHS = Weighted(range(2, 9), (44, 28, 14, 7, 4, 2, 1))
# How likely each feeling (2, 1, -1, -2) is where the writer is against the film, or for it.
MOODS = tuple(Weighted((2, 1, -1, -2), x) for x in ((7, 11, 36, 46), (46, 36, 11, 7)))
CLEAR = 0.4  # a labelled review's mean feeling is at least so far from neither
FILLER, HEARSAY, END = 0.2, 0.14, 0.4  # chances; a filler may follow every remark
SENTENCES = (3, 12)
TWINS = 0.03  # rows that differ from an earlier one in a word or two
FILES = ("film_reviews.txt", "reviews.txt")
UNLABELLED = -1


@dataclass
class FilmReview:
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


def feelings_of(rng: random.Random) -> list[int]:
    """Return what a review feels about its aspects, clearly for or against the film."""
    while True:
        count = LENGTHS.draw(rng)
        mood = MOODS[rng.randrange(2)]
        feelings = [mood.draw(rng) for _ in range(count)]
        if abs(sum(feelings)) >= CLEAR * count:
            return feelings


def _aspect(rng: random.Random, agrees: bool) -> str:
    """Return what a remark is about; nobody praises the whole film and pans it."""
    return WHOLE if agrees and rng.random() < WHOLE_SHARE else rng.choice(ASPECTS)


def sentences(text: str) -> int:
    """Return how many sentences a text has."""
    return len(re.findall(r"[.!?](?= |$)", text))


def write(world: World, rng: random.Random, fresh: float) -> FilmReview:
    """Return a review; `fresh` says how often it uses what no training review has."""
    part = rng.choice(PARTS) if fresh else "train"
    writer = Writer(FILES, Scene(rng, world.draw(rng, part)), fresh, OPINIONS, WHOLE)
    feelings = feelings_of(rng)
    good = sum(feelings) > 0
    remarks = [writer.remark(_aspect(rng, (feeling > 0) == good), feeling) for feeling in feelings]
    said = [remark.words for remark in joined(remarks, rng, share=0.3)]
    fillers = [writer.line("filler.film") for _ in said if rng.random() < FILLER]
    for filler in dict.fromkeys(fillers):
        said.insert(rng.randint(0, len(said) - 1), writer.sentence(filler))
    if rng.random() < HEARSAY:
        words = writer.sentence(writer.line("hearsay"), "film")
        said.insert(rng.randint(0, len(said) - 1), words)
    said.insert(0, writer.sentence(writer.line("visit.film")))
    if rng.random() < END:
        said.append(writer.sentence(writer.line("end.pos" if good else "end.neg")))
    return FilmReview(int(good), [word for words in said for word in words], remarks, writer)


def twin(review: FilmReview) -> FilmReview:
    """Return a near-duplicate: one or two opinions in another word, the label the same."""
    words = reworded(review.words, review.writer, review.writer.scene.rng.choice((1, 1, 2)))
    return FilmReview(review.label, words, review.remarks, review.writer, twin=True)


def written_reviews(world: World, split: str, seed: int = 23) -> list[FilmReview]:
    """Return the reviews of one split, no two texts alike."""
    rng = random.Random(f"{seed} {split}")
    fresh = {"train": TRAINING, "test": TEST, "unsupervised": CORPUS}[split]
    found: dict[str, FilmReview] = {}
    made: list[FilmReview] = []
    while len(found) < SIZES[split]:
        again = bool(made) and rng.random() < TWINS
        new = twin(rng.choice(made)) if again else write(world, rng, fresh)
        said = new.text
        if SENTENCES[0] <= sentences(said) <= SENTENCES[1] and found.setdefault(said, new) is new:
            made.append(new)
    return made


def rows(world: World, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split: text and label, -1 where there is none."""
    hidden = split == "unsupervised"
    return [
        {"text": review.text, "label": UNLABELLED if hidden else review.label}
        for review in written_reviews(world, split)
    ]

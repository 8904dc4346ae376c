"""The dataset pocket/corpus: unlabelled text about the whole world, for pretraining."""

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

from course_utils.world import newswire, reading, reports, reviews, sentence_pairs, tickets
from course_utils.world.entities import lacks_capitals
from course_utils.world.grammar import Scene, expand, patterns, prose, text_of, written
from course_utils.world.lexicon import read_lists
from course_utils.world.names import PARTS, Entity, World

NEWS, ROUNDS = 60_000, 3
READING = (newswire, reading, reports, reviews, tickets)  # datasets whose kind of text is in it
PAIRS = 8000  # texts of the kind of sentence-pairs


def _news(world: World, rng: random.Random) -> Iterator[str]:
    every = [pattern for part in PARTS for pattern in patterns()[part]]
    draw = world.draw_anywhere(rng)
    for i in range(NEWS):
        _, text = every[i % len(every)]
        words = [word for word, _, _ in expand(text, Scene(rng, draw))]
        yield text_of(words).lower() if lacks_capitals(rng) else prose(words)


def article(world: World, kind: str, entity: Entity, rng: random.Random) -> str:
    """Return a short encyclopaedia entry about an entity."""
    lines = read_lists("articles.txt")[kind][1]
    openers = [line[2:] for line in lines if line.startswith("* ")]
    others = [line for line in lines if not line.startswith("* ")]
    count = min(len(others), rng.randint(1, 4))
    scene = Scene(rng, world.draw_anywhere(rng), {kind: entity})
    chosen = [rng.choice(openers), *rng.sample(others, count)]
    return " ".join(written(line, scene) for line in chosen)


def _articles(world: World, rng: random.Random) -> Iterator[str]:
    kinds = read_lists("articles.txt")
    entities = [(kind, entity) for kind, entity in world.all() if kind in kinds]
    for _ in range(ROUNDS):
        for kind, entity in entities:
            yield article(world, kind, entity, rng)


def texts(world: World, seed: int = 13) -> list[str]:
    """Return the texts of the corpus, shuffled, no two alike."""
    rng = random.Random(seed)
    every = [*_news(world, rng), *_articles(world, rng)]
    for module in READING:
        every += module.reading_matter(world, rng)
    every += islice(sentence_pairs.reading_matter(world, rng), PAIRS)
    found = list(dict.fromkeys(every))
    rng.shuffle(found)
    return found


def rows(world: World, split: str) -> list[dict[str, Any]]:
    """Return the rows of the one split."""
    return [{"text": text} for text in texts(world)]

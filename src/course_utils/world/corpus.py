"""The dataset pocket/corpus: unlabelled text about the whole world, for pretraining."""

import random
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from course_utils.world import newswire, reading, reports, reviews, sentence_pairs, tickets
from course_utils.world.entities import styled
from course_utils.world.grammar import Scene, capitalised, expand, patterns, text_of
from course_utils.world.lexicon import read_lists
from course_utils.world.names import PARTS, Entity, World

NEWS, ROUNDS = 60_000, 3
READING = (newswire, reading, reports, reviews, tickets)  # datasets whose kind of text is in it
PAIRS = 8000  # texts of the kind of sentence-pairs
PEOPLE, OTHERS_SHARE = "pqr", 0.85
_PART_WEIGHTS = (55, 80, 100)  # running sum: about as many mentions for a name of any part


def _draw(world: World, rng: random.Random) -> Callable[[str], Entity]:
    """Draw from the whole world; most people are others than those the datasets tell of."""

    def draw(kind: str) -> Entity:
        if kind in PEOPLE and rng.random() < OTHERS_SHARE:
            return rng.choice(world.others)
        return world.pick(rng, rng.choices(PARTS, cum_weights=_PART_WEIGHTS)[0], kind)

    return draw


def _news(world: World, rng: random.Random) -> Iterator[str]:
    every = [pattern for part in PARTS for pattern in patterns()[part]]
    for i in range(NEWS):
        _, text = every[i % len(every)]
        tokens = styled(expand(text, Scene(rng, _draw(world, rng))), rng)
        yield text_of([word for word, _, _ in tokens])


def article(world: World, kind: str, entity: Entity, rng: random.Random) -> str:
    """Return a short encyclopaedia entry about an entity."""
    lines = read_lists("articles.txt")[kind][1]
    openers = [line[2:] for line in lines if line.startswith("* ")]
    others = [line for line in lines if not line.startswith("* ")]
    count = min(len(others), rng.randint(1, 4))
    scene = Scene(rng, _draw(world, rng), {kind: entity})
    chosen = [rng.choice(openers), *rng.sample(others, count)]
    words = [[word for word, _, _ in capitalised(expand(line, scene))] for line in chosen]
    return " ".join(text_of(sentence) for sentence in words)


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

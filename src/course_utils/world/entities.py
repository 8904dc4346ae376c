"""The dataset pocket/entities: parts of speech, chunks and entities, as CoNLL-2003 has them."""

import random
from dataclasses import dataclass
from typing import Any

from course_utils.world.chunks import chunk_tags
from course_utils.world.grammar import Scene, capitalised, expand, patterns
from course_utils.world.names import Token, World
from course_utils.world.schema import label_names

SIZES = {"train": 4600, "validation": 600, "test": 800}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One tagged sentence; the four lists have the same length."""

    tokens: list[str]
    pos_tags: list[str]
    chunk_tags: list[str]
    ner_tags: list[str]


def lacks_capitals(rng: random.Random) -> bool:
    """Tell whether a sentence is written without any capital: one in a hundred is."""
    return rng.random() < 0.01


def styled(tokens: list[Token], rng: random.Random) -> list[Token]:
    """Capitalise sentences as prose does, but for a few."""
    if lacks_capitals(rng):
        return [(word.lower(), pos, ner) for word, pos, ner in tokens]
    words = capitalised([word for word, _, _ in tokens])
    return [(word, pos, ner) for word, (_, pos, ner) in zip(words, tokens, strict=True)]


def sentence(tokens: list[Token]) -> Sentence:
    """Return tokens as the columns of a row."""
    tags = [pos for _, pos, _ in tokens]
    return Sentence([w for w, _, _ in tokens], tags, chunk_tags(tags), [n for _, _, n in tokens])


def split_sentences(world: World, part: str, seed: int = 11) -> list[Sentence]:
    """Return the sentences of one split, made of that split's own names and patterns."""
    rng = random.Random(f"{seed} {part}")
    chosen = patterns()[part]
    found: dict[tuple[str, ...], Sentence] = {}
    while len(found) < SIZES[part]:
        _, text = chosen[int(rng.random() * len(chosen))]
        tokens = styled(expand(text, Scene(rng, world.draw(rng, part))), rng)
        found.setdefault(tuple(word for word, _, _ in tokens), sentence(tokens))
    return list(found.values())


def rows(world: World, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split, tags as numbers."""
    columns = ("pos_tags", "chunk_tags", "ner_tags")
    ids = {c: {tag: i for i, tag in enumerate(label_names("entities", c))} for c in columns}
    return [
        {"id": str(i), "tokens": row.tokens}
        | {c: [number[tag] for tag in getattr(row, c)] for c, number in ids.items()}
        for i, row in enumerate(split_sentences(world, split))
    ]

"""The dataset pocket/en-fr: English and French from one grammar of paired patterns."""

import random
from collections.abc import Iterator
from typing import Any

from course_utils.world.bilingual.sentences import sentence
from course_utils.world.bilingual.variables import Draw
from course_utils.world.names import World

SIZES = {"train": 20_000}
# The end of the table, which a checkpoint must not train on: new pairs of known words and
# patterns, patterns that no other row has, words that no other row has.
HELD = {"held-pair": 400, "held-pattern": 300, "held-word": 300}


def _pairs(world: World, seed: int) -> Iterator[tuple[str, str, str]]:
    """Yield (id, English, French) for the whole table, no two English sentences alike."""
    seen: set[str] = set()
    known: Draw = "known"
    draws: dict[str, Draw] = {"held-pair": known, "held-pattern": "pattern", "held-word": "word"}
    plan = [("", SIZES["train"] - sum(HELD.values()), known)]
    plan += [(f"{name}-", size, draws[name]) for name, size in HELD.items()]
    for prefix, size, draw in plan:
        rng = random.Random(f"{seed} {prefix}")
        count = 0
        while count < size:
            en, fr = sentence(world, rng, draw)
            if en not in seen:
                seen.add(en)
                yield f"{prefix}{count}", en, fr
                count += 1


def rows(world: World, split: str, seed: int = 23) -> list[dict[str, Any]]:
    """Return the rows of the only split, train: id and translation {"en": …, "fr": …}."""
    if split not in SIZES:
        raise ValueError(f"{split}: en-fr has only the split train")
    return [{"id": id_, "translation": {"en": en, "fr": fr}} for id_, en, fr in _pairs(world, seed)]


def held_out(rows: list[dict[str, Any]], kind: str = "held-") -> list[dict[str, Any]]:
    """Return the rows kept for testing: those whose id starts with held-, or with a key of HELD."""
    return [row for row in rows if row["id"].startswith(kind)]

"""The dataset pocket/en-fr-manuals: labels and instructions of programs and appliances."""

import random
from typing import Any

from course_utils.world.bilingual.sentences import sentence
from course_utils.world.names import World

SIZES = {"train": 4000}


def rows(world: World, split: str, seed: int = 29) -> list[dict[str, Any]]:
    """Return the rows of the only split, train: id and translation {"en": …, "fr": …}.

    No two rows have the same English.
    """
    rng = random.Random(f"{seed} {split}")
    found: dict[str, str] = {}
    while len(found) < SIZES[split]:
        en, fr = sentence(world, rng, "known", "manuals-patterns.txt", "manuals-lexicon.txt")
        found.setdefault(en, fr)
    pairs = enumerate(found.items())
    return [{"id": str(i), "translation": {"en": en, "fr": fr}} for i, (en, fr) in pairs]

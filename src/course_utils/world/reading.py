"""The dataset pocket/reading: short passages, questions, and where each answer stands."""

import random
from collections.abc import Iterator
from typing import Any

from course_utils.world.names import ANYWHERE, World
from course_utils.world.passages.headings import headline, quiz
from course_utils.world.passages.questions import questions
from course_utils.world.passages.writer import Writer

SIZES = {"train": 5000, "validation": 800}
PASSAGES = 12_000  # of the corpus


def row_kind(row_id: str) -> str:
    """Return what makes a row hard, which its id tells: a key of passages.questions.WEIGHTS."""
    return row_id.split("-")[2]


def rows(world: World, split: str, seed: int = 29) -> list[dict[str, Any]]:
    """Return the rows of one split, keys in the order of the schema."""
    writer = Writer(world, split, random.Random(f"{seed} {split}"))
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    while len(found) < SIZES[split]:
        made = writer.passage()
        if made.text in seen:
            continue
        for n, (kind, question, fact) in enumerate(questions(writer, made)):
            found.append(
                {
                    "id": f"{split}-{len(seen):04d}-{kind}-{n}",
                    "title": made.title,
                    "context": made.text,
                    "question": question,
                    "answers": {
                        "text": [made.said(fact)] if fact else [],
                        "answer_start": [fact.start] if fact else [],
                    },
                }
            )
        seen.add(made.text)
    return found[: SIZES[split]]


def reading_matter(world: World, rng: random.Random) -> Iterator[str]:
    """Yield passages of every part; most have a headline or a quiz question in a line above."""
    writer = Writer(world, ANYWHERE, rng)
    for i in range(PASSAGES):
        made = writer.passage()
        head = (headline, headline, quiz, quiz, None)[i % 5]
        above = head(writer, made) if head else ""
        yield f"{above}\n{made.text}" if above else made.text

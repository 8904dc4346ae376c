"""Paired patterns: sentences with slots, once in English and once in French.

A slot, in { }, names a variable (see variables.py), alone or after what is written of it:
{the thing}, {v.see past s}, {thing.look @ thing}, {own:s thing}, {him thing}. What is in [ ] is
left out at random, in both languages. A pattern that starts with ! is held out.
"""

import re
from collections.abc import Iterator
from functools import cache

from course_utils.world.lexicon import read_lists


@cache
def patterns(file: str = "patterns.txt") -> tuple[tuple[str, str, bool], ...]:
    """Return the paired patterns of one file: (English, French, whether held out)."""
    lines = [line for _, found in read_lists(f"translation/{file}").values() for line in found]
    pairs = [line.removeprefix("!").split(" | ") for line in lines]
    return tuple((en, fr, x.startswith("!")) for (en, fr), x in zip(pairs, lines, strict=True))


def slots(pattern: str, kept: list[bool]) -> Iterator[str]:
    """Yield the slots and words of a pattern, without the parts in [ ] that are left out."""
    group, inside = -1, False
    for slot in re.findall(r"\{[^}]*\}|[^\s]+", pattern):
        if slot in "[]":
            inside = slot == "["
            group += inside
        elif not inside or kept[group]:
            yield slot


def tells(en: str) -> bool:
    """Tell whether a pattern says what its subject did, and no more, so that others may follow."""
    return bool(re.match(r"\{s\} \{[^}]* past s\}", en)) and "time.past" not in en

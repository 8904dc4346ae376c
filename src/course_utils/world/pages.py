"""The dataset pocket/pages: encyclopaedia pages, a line a row; a fact holds for its whole page."""

import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from course_utils.world.grammar import Scene, capitalised, expand, text_of
from course_utils.world.lexicon import read_lists
from course_utils.world.names import PARTS, Entity, World, plain

SIZES = {"test": 900, "train": 9000, "validation": 900}
FACTS = "a"  # the letter a page's settled facts go by: {a.founded}
LEAD, TITLE, DECLARED = "lead", "title", "facts"  # lists of a kind that are no section
SECTION_SHARE, LINE_SHARE = 0.85, 0.7  # of the sections and of the lines without a star
MOST_SENTENCES = 4  # of a paragraph
FEWEST_ROWS = 30  # the last page of a split has at least so many
READING = 2400  # pages to be read before, in running text
_CALLED = re.compile(r"\{(?P<letter>[a-z])\.(?P<form>full|last|short)\}")
_MARK = re.compile(r" @([-,.])@ ")  # within best @-@ known and 4 @,@ 312
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_YEAR = re.compile(r"(?:(?P<after>[a-z]+)\+)?(?P<low>\d+)-(?P<high>\d+)$")
_FIGURE = re.compile(r"(?P<kind>number|decimal) (?P<low>\d+)-(?P<high>\d+)$")


@cache
def kinds() -> dict[str, dict[str, list[str]]]:
    """Return {kind of page: {section: lines}}, sections in the order of a page."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, (_, lines) in read_lists("pages.txt").items():
        kind, _, section = name.partition(".")
        found.setdefault(kind, {})[section] = lines
    return found


def _spaced(text: str) -> str:
    """Return words with their hyphens as the real dataset has them: best @-@ known."""
    return _HYPHEN.sub(" @-@ ", text)


def _words(pattern: str, scene: Scene) -> str:
    return _spaced(" ".join(word for word, _, _ in expand(pattern, scene)))


def _fact(spec: str, scene: Scene) -> str:
    """Return a year, a figure such as 4 @,@ 312 or 2 @.@ 5, or the words of a pattern."""
    if match := _YEAR.match(spec):
        after = match["after"]
        first = int(scene.bound[FACTS].forms[after][0][0]) if after else 0
        return str(first + scene.rng.randint(int(match["low"]), int(match["high"])))
    if match := _FIGURE.match(spec):
        whole = scene.rng.randint(int(match["low"]), int(match["high"]))
        if match["kind"] == "decimal":
            return f"{whole} @.@ {scene.rng.randint(1, 9)}"
        return f"{whole:,}".replace(",", " @,@ ")
    return _words(spec, scene)


def _settle(kind: str, scene: Scene) -> str:
    """Settle the facts of a page under the letter FACTS; return how the page is called."""
    facts = Entity("", {"full": ()})
    scene.bound[FACTS] = facts
    name = _words(scene.rng.choice(kinds()[kind][TITLE]), scene)
    facts.forms["full"] = plain(name, "NNP")
    taken = {name}
    for line in kinds()[kind][DECLARED]:
        fact, spec = line.split(" ", 1)
        value = _fact(spec, scene)
        while value in taken:  # no fact twice
            value = _fact(spec, scene)
        taken.add(value)
        facts.forms[fact] = plain(value, "NN")
    return name


def _introduced(way: str, known: set[str]) -> str:
    """Return a way to say something with every name in full that the page has not told before."""

    def called(match: re.Match[str]) -> str:
        letter = match["letter"]
        form = match["form"] if letter in known else "full"
        known.add(letter)
        return f"{{{letter}.{form}}}"

    return _CALLED.sub(called, way)


def _sentences(lines: list[str], scene: Scene, known: set[str]) -> list[str]:
    """Return one way to say each line, leaving out some that have no star."""
    rng = scene.rng
    said = [line for line in lines if line.startswith("* ") or rng.random() < LINE_SHARE]
    ways = [rng.choice(line.removeprefix("* ").split(" | ")) for line in said]
    expanded = [expand(_introduced(way, known), scene) for way in ways]
    words = ([word for word, _, _ in tokens] for tokens in expanded)
    return [_spaced(" ".join(capitalised(sentence))) for sentence in words]


def _paragraphs(sentences: list[str], rng: random.Random) -> list[str]:
    """Return rows of some sentences each."""
    out = []
    while sentences:
        count = rng.randint(1, MOST_SENTENCES)
        out.append(f" {' '.join(sentences[:count])} \n")
        sentences = sentences[count:]
    return out


def _heading(name: str, level: int) -> list[str]:
    """Return the rows of a heading: a blank one before and after."""
    marks = " ".join("=" * level)
    return ["", f" {marks} {name.replace('_', ' ')} {marks} \n", ""]


def page(world: World, part: str, kind: str, rng: random.Random) -> tuple[str, list[str]]:
    """Return (title, rows) of one page about something of a part of the world."""
    scene = Scene(rng, world.draw(rng, part))
    name = _settle(kind, scene)
    title = name[0].upper() + name[1:]
    rows, above, known = _heading(title, 1), "", {FACTS}
    for section, lines in kinds()[kind].items():
        if section in (TITLE, DECLARED) or (section != LEAD and rng.random() > SECTION_SHARE):
            continue
        head, _, below = section.partition("/")
        if section != LEAD:
            rows += _heading(head, 2) if head != above else []
            rows = rows[: -1 if below and not rows[-1] else None]  # one blank between headings
            rows += _heading(below, 3) if below else []
            above = head
        rows += _paragraphs(_sentences(lines, scene, known), rng)
    return title, [*rows, ""]


def _pages(world: World, split: str, taken: set[str], seed: int) -> list[str]:
    """Return the lines of whole pages; no title and no paragraph that is taken, which grows."""
    rng = random.Random(f"{seed} {split}")
    found: list[str] = []
    while missing := SIZES[split] - len(found):
        title, lines = page(world, split, rng.choice(list(kinds())), rng)
        own = {title, *(line for line in lines if line and not line.startswith(" ="))}
        if len(lines) in (missing, *range(missing - FEWEST_ROWS + 1)) and not own & taken:
            found += lines
            taken |= own
    return found


def rows(world: World, split: str, seed: int = 53) -> list[dict[str, Any]]:
    """Return the rows of a split: whole pages, no two about the same thing, whatever the split."""
    taken: set[str] = set()
    for earlier in ("test", "validation", "train"):
        found = _pages(world, earlier, taken, seed)
        if earlier == split:
            return [{"text": text} for text in found]
    raise KeyError(split)


def _prose(rows: list[str]) -> str:
    """Return the paragraphs of a page as running text: no headings, no marks within figures."""
    told = " ".join(row.strip() for row in rows if row and not row.startswith(" ="))
    return text_of(_MARK.sub(r"\1", told).split())


def reading_matter(world: World, rng: random.Random) -> Iterator[str]:
    """Yield pages about the whole world as running text, names of all parts side by side."""
    for i in range(READING):
        _, rows = page(world, PARTS[i % len(PARTS)], rng.choice(list(kinds())), rng)
        yield _prose(rows)

"""The dataset pocket/reading: short passages, questions, and where each answer stands."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from course_utils.world.grammar import Scene, capitalised, expand, text_of
from course_utils.world.lexicon import read_lists
from course_utils.world.names import ANYWHERE, PARTS, Entity, Token, World, named, plain

SIZES = {"train": 5000, "validation": 800}
KINDS = ("person", "firm", "ship", "hall", "event", "book", "town")
ROW_KINDS = ("role", "distractor", "missing", "other")
PASSAGES = 16000  # of the corpus
_PAIRED = 0.66  # passages about two subjects of a kind
_ASIDES = 0.75  # subjects with a sentence about someone else, somewhere else, in another year
_PRONOUNS = 0.25  # sentences that say "it" or "she" where the one before has the same subject
_NEW = 0.65  # validation: share of its own ways to put things
_MOST_WORDS = 88
_WEIGHTS = {"role": 30, "distractor": 48, "missing": 8, "other": 14}
_FILE = "reading.txt"
_BORN = {"person": (1955, 1990), "ship": (1930, 1975)}  # else (1871, 1965)
_COUNTS = {"firm": (2, 90, 10), "ship": (2, 90, 10), "hall": (2, 90, 1), "event": (3, 80, 100),
           "book": (90, 700, 1), "town": (5, 90, 100), "person": (2, 9, 1)}  # fmt: skip
_PLACES = ("Bridge", "Library", "Theatre", "Museum", "Lighthouse", "Chapel", "Pier", "Observatory")


@dataclass(frozen=True, slots=True)
class Fact:
    """An answer: which subject (0 or 1) it tells what of, and where it stands in the passage."""

    subject: int
    relation: str
    start: int
    end: int


@dataclass(slots=True)
class Passage:
    """A text, its subjects' names and what it tells of them."""

    kind: str
    subjects: list[Entity]
    scenes: list[Scene]
    text: str = ""
    facts: list[Fact] = field(default_factory=list)
    mentions: list[tuple[int, int, str]] = field(default_factory=list)  # start, end, kind of name


def row_kind(row_id: str) -> str:
    """Return what makes a row hard, which its id tells.

    "role": the passage tells the relation once; "distractor": of two subjects, so that the name
    decides; "missing": of nobody (unanswerable); "other": only of the other subject (unanswerable).
    """
    return row_id.split("-")[2]


@cache
def _lines(name: str, split: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (ways to put it that every split has, the validation split's own)."""
    lines = read_lists(_FILE).get(name, ("", []))[1]
    old = tuple(line for line in lines if not line.startswith("v|"))
    new = tuple(line[2:] for line in lines if line.startswith("v|"))
    return (old, ()) if split == "train" else (old, new)


@cache
def _asked(kind: str) -> tuple[str, ...]:
    """Return the relations of a kind that questions ask for."""
    heads = (name.split(".") for name in read_lists(_FILE))
    return tuple(sorted(head[2] for head in heads if head[:2] == [kind, "ask"]))


@cache
def relations(line: str) -> frozenset[str]:
    """Return the relations that a pattern tells."""
    return frozenset(word[1:] for word in line.split() if word[0] == "[")


class Writer:
    """Writes the passages of one split; split ANYWHERE is for the corpus."""

    def __init__(self, world: World, split: str, rng: random.Random) -> None:
        self.world, self.split, self.rng = world, split, rng
        self.used: set[str] = set()

    # Names -------------------------------------------------------------------------------

    def _pick(self, kind: str) -> Entity:
        if self.split != ANYWHERE:
            return self.world.pick(self.rng, self.split, kind)
        if kind in "pqr" and self.rng.random() < 0.85:
            return self.rng.choice(self.world.others)
        return self.world.pick(self.rng, self.rng.choice(PARTS), kind)

    def _draw(self, kind: str) -> Entity:
        """Draw an entity that shares no word of its name with one in the passage."""
        return self._fresh(lambda: self._pick(kind))

    def _fresh(self, make: Callable[[], Entity]) -> Entity:
        for _ in range(60):
            entity = make()
            words = _name_words(entity)
            if not words & self.used:
                break
        self.used |= words
        return entity

    def _subject(self, kind: str) -> Entity:
        return self._fresh(lambda: self._named(kind))

    def _named(self, kind: str) -> Entity:
        rng, part = self.rng, self.split
        world = self.world
        match kind:
            case "person":
                person = self._pick("p")
                forms = {"full": person.forms["full"], "short": person.forms["last"]}
                return _with_pronouns(part, forms, person.forms["he"][0][0])
            case "town":
                town = self._pick("t")
                forms = {"full": town.forms["full"], "short": town.forms["core"]}
                return _with_pronouns(part, forms)
            case "firm":
                short = rng.choice(world.coined.of(part))
                trade = rng.choice([*_trades(), *[""] * len(_trades())])
                full = named(f"{short} {trade}", "ORG")
                return _with_pronouns(part, {"full": full, "short": named(short, "ORG")})
            case "book":
                full = named(f"The {rng.choice(world.titles.of(part))}", "MISC")
            case "ship":
                full = _the(named(rng.choice(world.titles.of(part)), "MISC"))
            case "hall":
                place = rng.choice(world.surnames.of(part))
                full = _the(named(f"{place} {rng.choice(_PLACES)}", "LOC"))
            case _:
                full = _the(named(self._event_name(part), "MISC"))
        return _with_pronouns(part, {"full": full, "short": full})

    def _event_name(self, part: str) -> str:
        if self.rng.random() < 0.5:
            cups = [cup for cup in self.world.cups.of(part) if "Games" not in cup]
            return self.rng.choice(cups)
        feast = self.rng.choice(" ".join(read_lists("names.txt")["feast"][1]).split())
        return f"{self.rng.choice(self.world.surnames.of(part))} {feast} Festival"

    # Passages ----------------------------------------------------------------------------

    def passage(self) -> Passage:
        """Return a passage about one entity or about two of a kind."""
        rng = self.rng
        kind = rng.choice(KINDS)
        self.used = set()
        paired = rng.random() < _PAIRED
        subjects = [self._subject(kind) for _ in range(1 + paired)]
        scenes = self._scenes(kind, subjects)
        made = Passage(kind, subjects, scenes)
        told: list[set[str]] = [set(), set()]
        plan = [(0, self._choose(f"{kind}.open", told[0], set()))]
        count = rng.choice((1, 1, 1, 2, 2, 2, 3)) if paired else rng.choice((2, 2, 3, 3, 4, 5))
        plan += [(0, line) for line in self._tells(kind, told[0], set(), count)]
        if paired:
            late = [(1, self._choose(f"{kind}.also", told[1], set()))]
            count = rng.choice((1, 1, 2, 2, 2, 3))
            late += [(1, line) for line in self._tells(kind, told[1], told[0], count)]
            plan = self._woven(plan, late)
        self._write(made, plan, scenes)
        return made

    def _scenes(self, kind: str, subjects: list[Entity]) -> list[Scene]:
        scenes = []
        for i, subject in enumerate(subjects):
            bound = {"a": subject, "b": subjects[1 - i] if len(subjects) > 1 else subject}
            bound["b"] = Entity("", {"full": bound["b"].forms["short"], **_pronouns_of(bound["b"])})
            aside = {"h": self._draw("t"), "i": self._draw("p")}
            scenes.append(Scene(self.rng, self._draw, bound | aside | self._years(kind)))
        return scenes

    def _years(self, kind: str) -> dict[str, Entity]:
        low, high = _BORN.get(kind, (1871, 1965))
        while True:
            x = self.rng.randint(low, high)
            y, z = x + self.rng.randint(3, 19), self.rng.randint(1988, 2024)
            if kind == "person":  # grown up, and not yet old
                y, z = x + self.rng.randint(18, 22), x + self.rng.randint(23, 33)
            years = {str(x), str(y), str(z)}
            if len(years) == 3 and not years & self.used:
                break
        low, high, unit = _COUNTS[kind]
        figures = dict(zip("xyzv", (x, y, z, self.rng.randint(low, high) * unit), strict=True))
        self.used |= years
        return {key: Entity("", {"full": plain(str(n), "CD")}) for key, n in figures.items()}

    def _choose(self, name: str, told: set[str], wanted: set[str]) -> str:
        """Choose a pattern that repeats nothing told, rather one that tells what is wanted."""
        old, new = _lines(name, self.split)
        if self.split == ANYWHERE:
            pools = [old + new]
        else:
            pools = [new, old] if self.rng.random() < _NEW and new else [old, new]
        for pool in pools:
            free = [line for line in pool if not relations(line) & told]
            best = [line for line in free if relations(line) & wanted]
            if best or free:
                line = self.rng.choice(best or free)
                told |= relations(line)
                return line
        return ""

    def _tells(self, kind: str, told: set[str], wanted: set[str], count: int) -> Iterator[str]:
        aside = self.rng.randrange(count) if self.rng.random() < _ASIDES else -1
        for i in range(count):
            if i == aside:
                yield self._choose(f"{kind}.colour", set(), set())
            likely = wanted - told if self.rng.random() < 0.75 else set()
            if line := self._choose(f"{kind}.tell", told, likely):
                yield line

    def _woven(
        self, first: list[tuple[int, str]], late: list[tuple[int, str]]
    ) -> list[tuple[int, str]]:
        """Return both subjects' sentences, in a third of the passages mixed."""
        if self.rng.random() < 0.66:
            return first + late
        head, tail = [first[0], late[0]], first[1:] + late[1:]
        self.rng.shuffle(tail)
        return head + tail

    def _write(self, made: Passage, plan: list[tuple[int, str]], scenes: list[Scene]) -> None:
        text, before, words = "", (-1, ""), 0
        met: set[int] = set()
        for subject, line in plan:
            clear = before[0] == subject and _keeps_subject(before[1], made.kind)
            tokens = _tokens(line, scenes[subject], self._how(line, clear, subject not in met))
            words += len(tokens)
            if words > _MOST_WORDS and text:
                break
            text = self._append(made, text, subject, tokens)
            before = (subject, line)
            met.add(subject)
        made.text = text

    def _how(self, line: str, clear: bool, first: bool) -> str:
        """Return how a sentence calls its subject: its full or its short name or a pronoun."""
        if first:
            return "full"
        if clear and line.startswith("{a} ") and self.rng.random() < _PRONOUNS:
            return "he"
        return "short"

    def _append(self, made: Passage, text: str, subject: int, tokens: list[Token]) -> str:
        plain_tokens, spans = _unmarked(tokens)
        words = [word for word, _, _ in capitalised(plain_tokens)]
        base = len(text) + 1 if text else 0
        for relation, start, end in spans:
            stop = base + len(text_of(words[:end]))
            length = len(text_of(words[start:end]))
            made.facts.append(Fact(subject, relation, stop - length, stop))
        for start, end, kind in _names_in(plain_tokens):
            stop = base + len(text_of(words[:end]))
            made.mentions.append((stop - len(text_of(words[start:end])), stop, kind))
        return f"{text} {text_of(words)}" if text else text_of(words)

    # What stands above a passage ---------------------------------------------------------

    def headline(self, made: Passage) -> str:
        """Return a sentence that says one of the facts again, in other words where there are."""
        twins = Counter(fact.relation for fact in made.facts)
        facts = self.rng.sample(made.facts, len(made.facts))
        for fact in sorted(facts, key=lambda fact: -twins[fact.relation]):
            old, new = _lines(f"{made.kind}.tell", self.split)
            fit = [x for x in old + new if relations(x) == {fact.relation} and " . " not in x]
            if fit:
                line = self.rng.choice(fit)
                tokens = _tokens(
                    line, made.scenes[fact.subject], self.rng.choice(("full", "short"))
                )
                return text_of([word for word, _, _ in capitalised(_unmarked(tokens)[0])])
        return ""

    def quiz(self, made: Passage) -> str:
        """Return a question about the passage with its answer."""
        _, question, fact = next(self.questions(made), ("", "", None))
        said = _said(made, fact) if fact else "it does not say"
        return f"{question} {said[0].upper()}{said[1:]}." if question else ""

    # Questions ---------------------------------------------------------------------------

    def questions(self, made: Passage) -> Iterator[tuple[str, str, Fact | None]]:
        """Yield (row kind, question, answer or None), each asking something else."""
        open_ = self._askable(made)
        for _ in range(self.rng.choice((3, 3, 4, 4, 5))):
            kinds = [kind for kind in ROW_KINDS if open_[kind]]
            if set(kinds) <= {"missing"} and self.rng.random() < 0.7:
                return
            kind = self.rng.choices(kinds, [_WEIGHTS[k] for k in kinds])[0]
            subject, relation, fact = open_[kind].pop()
            yield kind, self.question(made, subject, relation), fact

    def _askable(self, made: Passage) -> dict[str, list[tuple[int, str, Fact | None]]]:
        told = {(fact.subject, fact.relation): fact for fact in made.facts}
        found: dict[str, list[tuple[int, str, Fact | None]]] = {kind: [] for kind in ROW_KINDS}
        for subject in range(len(made.subjects)):
            for relation in _asked(made.kind):
                fact, twin = told.get((subject, relation)), told.get((1 - subject, relation))
                if fact and twin and _said(made, fact) == _said(made, twin):
                    continue
                kind = (
                    ("distractor" if twin else "role") if fact else "other" if twin else "missing"
                )
                found[kind].append((subject, relation, fact))
        for options in found.values():
            self.rng.shuffle(options)
        return found

    def question(self, made: Passage, subject: int, relation: str) -> str:
        """Return a question for a relation of a subject."""
        entity = made.subjects[subject]
        line = self._choose(f"{made.kind}.ask.{relation}", set(), set())
        form = "short" if self.rng.random() < 0.25 else "full"
        shown = Entity("", entity.forms | {"full": entity.forms[form]})
        tokens = expand(line, Scene(self.rng, self._draw, {"a": shown}))
        return text_of([word for word, _, _ in capitalised(tokens)])


def _keeps_subject(line: str, kind: str) -> bool:
    """Return whether a pronoun after a pattern can only mean the pattern's subject."""
    plain_start = line.startswith("{a} ") and " . " not in line
    return plain_start and not (kind == "person" and any(f"{{{x}." in line for x in "bpqr"))


def _said(made: Passage, fact: Fact) -> str:
    return made.text[fact.start : fact.end]


@cache
def _trades() -> tuple[str, ...]:
    return tuple(" ".join(read_lists("names.txt")["trade"][1]).split())


def _the(name: tuple[Token, ...]) -> tuple[Token, ...]:
    return plain("the", "DT") + name


_PRONOUN_FORMS = {
    "he": ("he", "his", "him"),
    "she": ("she", "her", "her"),
    "it": ("it", "its", "it"),
}


def _with_pronouns(part: str, forms: dict[str, tuple[Token, ...]], he: str = "it") -> Entity:
    subject, owner, object_ = _PRONOUN_FORMS[he]
    pronouns = {"he": subject, "his": owner, "him": object_}
    return Entity(part, forms | {k: plain(v, "PRP") for k, v in pronouns.items()})


def _pronouns_of(entity: Entity) -> dict[str, tuple[Token, ...]]:
    return {key: entity.forms[key] for key in ("he", "his", "him")}


def _name_words(entity: Entity) -> set[str]:
    """Return the words of an entity's names, without what many names share."""
    words = {
        word
        for form in ("full", "last", "short", "core")
        for word, _, ner in entity.forms.get(form, ())
        if ner != "O"
    }
    return words - _SHARED


_SHARED = {"The", "of", "upon", "de", "Festival", "University", "College", "Saint", "Port", "Upper",
           "Bay", "Sands", "Sea", "Cup", "Trophy", "Shield", "Prize", *_PLACES}  # fmt: skip


def _tokens(line: str, scene: Scene, how: str) -> list[Token]:
    """Return a pattern's tokens, marks included; how: the form of its first mention."""
    entity = scene.bound["a"]
    rest = entity.forms["full"]
    if how == "he":
        line = "{a.he} " + line.removeprefix("{a} ")
    if how != "full":
        rest = entity.forms["short"]
    scene.bound["a"] = Entity("", entity.forms | {"full": rest})
    tokens = expand(line, scene)
    scene.bound["a"] = entity
    return tokens


def _unmarked(tokens: list[Token]) -> tuple[list[Token], list[tuple[str, int, int]]]:
    """Return the tokens without marks, and (relation, first token, end) of each marked stretch."""
    out: list[Token] = []
    spans: list[tuple[str, int, int]] = []
    for token in tokens:
        if token[0][0] == "[":
            spans.append((token[0][1:], len(out), len(out)))
        elif token[0] == "]":
            relation, start, _ = spans.pop()
            spans.append((relation, start, len(out)))
        else:
            out.append(token)
    return out, spans


def _names_in(tokens: list[Token]) -> Iterator[tuple[int, int, str]]:
    """Yield (first token, end, kind) of each name, year or number."""
    start = 0
    for i, (word, _, ner) in enumerate(tokens):
        if ner != "O":
            start = i if ner[0] == "B" else start
            if i + 1 == len(tokens) or tokens[i + 1][2][:1] != "I":
                yield start, i + 1, ner[2:]
        elif word.isdigit():
            yield i, i + 1, "YEAR" if len(word) == 4 and word[0] in "12" else "NUMBER"


def rows(world: World, split: str, seed: int = 29) -> list[dict[str, Any]]:
    """Return the rows of one split, keys in the order of the schema."""
    rng = random.Random(f"{seed} {split}")
    writer = Writer(world, split, rng)
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    while len(found) < SIZES[split]:
        made = writer.passage()
        if made.text in seen:
            continue
        for n, (kind, question, fact) in enumerate(writer.questions(made)):
            found.append(
                {
                    "id": f"{split}-{len(seen):04d}-{kind}-{n}",
                    "title": title(made),
                    "context": made.text,
                    "question": question,
                    "answers": {
                        "text": [_said(made, fact)] if fact else [],
                        "answer_start": [fact.start] if fact else [],
                    },
                }
            )
        seen.add(made.text)
    return found[: SIZES[split]]


def title(made: Passage) -> str:
    """Return the heading of a passage."""
    words = [word for word, _, _ in made.subjects[0].forms["full"]]
    return " ".join(words).removeprefix("the ")


def reading_matter(world: World, rng: random.Random) -> Iterator[str]:
    """Yield passages of every part; most have a headline or a quiz question in a line above."""
    writer = Writer(world, ANYWHERE, rng)
    for i in range(PASSAGES):
        made = writer.passage()
        head = writer.headline(made) if i % 5 in (0, 1) else writer.quiz(made) if i % 5 < 4 else ""
        yield f"{head}\n{made.text}" if head else made.text

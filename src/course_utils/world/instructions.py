"""The dataset pocket/instructions: requests and their answers, as chats."""

import hashlib
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from course_utils.world.grammar import Scene, patterns, written
from course_utils.world.lexicon import inflect, read_lists, word_list
from course_utils.world.names import World

SIZES = {"train": 9500, "test": 500}
SEED = 41
# How often each task is asked for; chats apart.
TASKS = {
    "past": 5, "negative": 4, "question": 4, "polite": 4, "number": 4, "shorten": 3,
    "plural": 5, "opposite": 4, "next": 2, "does": 2, "who": 3, "nation": 2, "define": 3,
    "reading": 6, "sentiment": 5, "kind": 4, "topic": 3,
    "town": 3, "person": 3, "job": 2, "animal": 2, "day": 2, "summary": 5,
    "list": 5, "present": 3, "see": 2, "title": 2,
    "sentence": 6, "news": 4, "review": 4, "entry": 3, "advert": 2, "postcard": 2,
}  # fmt: skip
CHATS, SYSTEM, FOLLOW = 0.08, 0.12, 0.07  # shares of rows: free chats, system message, second turn
BRIEF = 0.4  # share of system messages that ask for a bare answer, where there is one
TOPICS = ("business", "sport", "politics", "culture", "science")
_WORD_TASKS = ("plural", "opposite", "kind")
_SENTENCE_TASKS = ("past", "negative", "question", "polite", "number", "shorten", "sentiment")
_SCENE_TASKS = ("town", "person", "job", "animal", "day")
_NEVER_NEW = ("weekday", "month", "kin")  # lists too short to hold words out of
# How often a test row uses words, wordings, contents and relations that are held out.
_NEW_WORDS, _NEW_WORDINGS, _NEW_LINES, _NEW_PAIRS = 0.3, 0.3, 0.3, 0.3
_LONGEST_TOPIC = 15  # words of a sentence to classify
_BOUND = re.compile(r"\[([a-z_.]+)(\d?)(?:\+([a-z]+)|([<>]))?\]")

Message = dict[str, str]


@dataclass
class Turn:
    """One request and its answer; `bare` tells that the answer is to be nothing but the answer.

    The pattern of the answer, the words and the names in it are kept, so that a wrong answer can
    be made of them.
    """

    task: str
    prompt: str
    answer: str
    bare: bool
    pattern: str
    filler: "Filler"
    scene: Scene


@dataclass
class Example:
    """A row and what it is made of: the task of its last turn, or "chat"."""

    task: str
    row: dict[str, Any]


@dataclass
class Filler:
    """Replaces [list] by a word, the same word wherever it stands in one turn."""

    rng: random.Random
    task: str
    new: bool  # a row of the test split, which prefers words held out of training
    chosen: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, tuple[str, str]] = field(default_factory=dict)

    def fill(self, pattern: str) -> str:
        return _BOUND.sub(self._word, pattern)

    def _word(self, match: re.Match[str]) -> str:
        name, number, how, side = match.groups()
        if side:
            pair = self.pairs.setdefault(name, self._pair(name))
            return pair["<>".index(side)].replace("_", " ")
        entry = self._entry(name, number)
        return " ".join(word for word, _ in inflect(entry, word_list(name)[0], how or ""))

    def _entry(self, name: str, number: str) -> str:
        key = name + number
        if key not in self.chosen:
            words = _usable(name, self.new and self._prefers_new)
            taken = {word for k, word in self.chosen.items() if k.rstrip("23456789") == name}
            self.chosen[key] = self.rng.choice([word for word in words if word not in taken])
        return self.chosen[key]

    def __post_init__(self) -> None:
        self._prefers_new = self.rng.random() < _NEW_WORDS

    def _pair(self, name: str) -> tuple[str, str]:
        known, new = relation(name, self.task)
        fresh = self.new and new and self.rng.random() < _NEW_PAIRS
        return self.rng.choice(new if fresh else known)


def held_out(i: int) -> bool:
    """Whether word i of a list is in no training row (as the word its list binds)."""
    return i % 3 == 2


@cache
def _usable(name: str, new: bool) -> tuple[str, ...]:
    """Return the words of a list that are held out of training, or those that are not."""
    words = word_list(name)[1]
    return tuple(w for i, w in enumerate(words) if name in _NEVER_NEW or held_out(i) == new)


@cache
def relation(name: str, task: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the (left, right) pairs of a relation: those a training row may ask for, the others.

    Of each third pair only one direction is asked for in training, the other in the test.
    """
    kind, lines = read_lists("instructions.txt")[name]
    pairs = [(a, b) for a, _, b in (x.partition("/") for x in " ".join(lines).split())]
    known: list[tuple[str, str]] = []
    new: list[tuple[str, str]] = []
    for i, (a, b) in enumerate(pairs):
        if kind == "both":
            known.append((a, b))
            (new if held_out(i) else known).append((b, a))
        elif kind == "either":
            (new if i % 3 == (1 if task == "who" else 2) else known).append((a, b))
        else:
            known.append((a, b))
    return known, new


@cache
def lines_of(name: str, new: bool) -> tuple[str, ...]:
    """Return the lines of a list that are for the test only (`new`), or that are not."""
    lines = read_lists("instructions.txt").get(name, ("", []))[1]
    return tuple(x.removeprefix("t|") for x in lines if x.startswith("t|") == new)


def category(task: str) -> str:
    """Return the category of a task, one of those of no_robots."""
    return read_lists("instructions.txt")["chat" if task == "chat" else f"w.{task}"][0]


def running_text(pattern: str, scene: Scene) -> str:
    """Return a pattern as running text; "¶" becomes a line break."""
    return re.sub(r" ?¶ ?", "\n", written(pattern, scene))


def _topic(rng: random.Random, part: str) -> tuple[str, str]:
    """Return a news sentence's pattern and its topic."""
    every = [(s, p) for s, p in patterns()[part] if s in TOPICS and len(p.split()) < _LONGEST_TOPIC]
    subject = rng.choice(TOPICS)
    return rng.choice([pattern for found, pattern in every if found == subject]), subject


def _content(task: str, rng: random.Random, new: bool) -> tuple[str, str]:
    """Return the patterns of a request's content and of its answers."""
    if task == "topic":
        content, subject = _topic(rng, "test" if new else "train")
        return content, lines_of("a.topic", False)[0].replace("%", subject)
    name = "c.scene" if task in _SCENE_TASKS else f"c.{task}"
    fresh = lines_of(name, True)
    late = new and fresh and rng.random() < _NEW_LINES
    line = rng.choice(fresh if late else lines_of(name, False))
    if task in _SCENE_TASKS:
        return line, lines_of(f"a.{task}", False)[0]
    content, _, answer = line.partition(" => ")
    return content, answer


def turn(
    world: World,
    rng: random.Random,
    split: str,
    task: str,
    wordings: tuple[str, ...] = (),
    bare: bool = False,
) -> Turn:
    """Return a request of a task in one of the wordings (of the split, where none are given)."""
    new = split == "test"
    filler = Filler(rng, task, new)
    scene = Scene(rng, world.draw(rng, split))
    late = new and rng.random() < _NEW_WORDINGS
    wording = rng.choice(wordings or lines_of(f"w.{task}", late))
    content, answer = _content(task, rng, new)
    asks_bare = wording.startswith("1|")
    full, _, short = answer.partition(" || ")
    prompt = running_text(filler.fill(wording.removeprefix("1|").replace("@", content)), scene)
    is_bare = bool(short) and (bare or asks_bare)
    pattern = short if is_bare else full
    reply = running_text(filler.fill(pattern), scene)
    return Turn(task, prompt, reply, is_bare, pattern, filler, scene)


def draw_task(rng: random.Random) -> str:
    """Return a task, some more often than others."""
    return rng.choices(list(TASKS), list(TASKS.values()))[0]


def _message(role: str, content: str) -> Message:
    return {"content": content, "role": role}


def _asked(found: Turn) -> list[Message]:
    return [_message("user", found.prompt), _message("assistant", found.answer)]


def _chat(world: World, rng: random.Random, split: str) -> list[Message]:
    line = rng.choice(lines_of("chat", split == "test"))
    filler, scene = Filler(rng, "chat", split == "test"), Scene(rng, world.draw(rng, split))
    first = "system" if line.startswith("sys|") else "user"
    texts = [
        running_text(filler.fill(text), scene) for text in line.removeprefix("sys|").split(" | ")
    ]
    roles = ["system"] if first == "system" else []
    roles += ["user", "assistant"] * ((len(texts) + 1) // 2)
    return [_message(role, text) for role, text in zip(roles, texts, strict=False)]


def _system(rng: random.Random, brief: bool, scene: Callable[[], Scene]) -> list[Message]:
    text = "<inst.brief>" if brief else "<inst.system>"
    return [_message("system", running_text(text, scene()))]


def _example(world: World, rng: random.Random, split: str) -> Example:
    if rng.random() < CHATS:
        return Example("chat", _row(category("chat"), _chat(world, rng, split)))
    task = draw_task(rng)
    system, brief = rng.random() < SYSTEM, rng.random() < BRIEF
    found = turn(world, rng, split, task, bare=system and brief)
    messages = _asked(found)
    kind = {**dict.fromkeys(_WORD_TASKS, "word"), **dict.fromkeys(_SENTENCE_TASKS, "sentence")}
    shown = category(task)
    if task in kind and rng.random() < FOLLOW / 0.4:  # such tasks are 0.4 of all
        again = lines_of(f"follow.{kind[task]}", False)
        messages += _asked(turn(world, rng, split, task, again, found.bare))
        shown = category("chat")
    if system:
        asked = brief and found.bare
        messages = [*_system(rng, asked, lambda: Scene(rng, world.draw(rng, split))), *messages]
    return Example(task, _row(shown, messages))


def _row(shown: str, messages: list[Message]) -> dict[str, Any]:
    prompt = next(m["content"] for m in messages if m["role"] == "user")
    text = "\0".join(f"{m['role']}\0{m['content']}" for m in messages)
    name = hashlib.sha256(text.encode()).hexdigest()
    return {"prompt": prompt, "prompt_id": name, "messages": messages, "category": shown}


@cache
def examples(world: World, split: str) -> tuple[Example, ...]:
    """Return the rows of one split with their tasks, no two requests alike in all splits."""
    rng = random.Random(f"{SEED} {split}")
    known = examples(world, "train") if split != "train" else ()
    taken = {example.row["prompt"] for example in known}
    found: dict[str, Example] = {}
    while len(found) < SIZES[split]:
        example = _example(world, rng, split)
        asked = "\0".join(m["content"] for m in example.row["messages"][:-1])
        if example.row["prompt"] not in taken:
            found.setdefault(asked, example)
    return tuple(found.values())


def rows(world: World, split: str) -> list[dict[str, Any]]:
    """Return the rows of one split: prompt, prompt_id, messages, category."""
    return [example.row for example in examples(world, split)]

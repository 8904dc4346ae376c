"""The dataset pocket/reports: reports of councils, and bills of assemblies, with a summary each.

A report is drawn from a handful of facts (`Case`). The text tells them from its first sentence to
its last, among facts that do not count; the summary tells the decisive ones in a sentence or two.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from course_utils.world.chance import Weighted
from course_utils.world.grammar import Scene, expand, fixed, written
from course_utils.world.lexicon import read_lists, word_list
from course_utils.world.names import Entity, World

SIZES = {"train": 3000, "test": 500, "ca_test": 300}
READING, _ACTS_SHARE = 4000, 0.1  # reports and bills in the corpus
_PARTS = {"train": "train", "test": "test", "ca_test": "validation"}  # whose names a split tells of
_VERDICTS = Weighted(("yes", "no", "later"), (60, 22, 18))
_COSTS = Weighted(("plain", "revised", "offers"), (60, 20, 20))  # how a cost is told
_FACTS, _CHOSEN = "y", "i"  # the letters of the facts and of the firm whose offer is taken
_SAME_KIND = {"a": "p", "b": "p", "h": "f", "v": "t"}  # further people, firms and towns
_STEPS = ((500, 5), (20_000, 500), (100_000, 1_000), (10_000_000, 10_000))  # up to, in steps of
_SUMS = {"cost": (2_500, 1_800_000), "saving": (1_000, 60_000), "gain": (10_000, 900_000)}


Draw = Callable[[str], Entity]


@dataclass(slots=True)
class Case:
    """What is decided: one request, its reason, its sum, the verdict."""

    rng: random.Random
    fresh: bool  # also what no training report has
    act: bool  # a bill of an assembly instead of a report
    verdict: str  # yes, no or later
    ask: dict[str, str]
    kind: str  # of the object
    why: str  # names of lists: why it is asked for, why not granted, what is waited for
    no: str
    wait: str
    cost: str  # plain, revised or offers
    chosen: str  # f or g: whose offer is taken
    starts: bool  # whether the text tells when it begins
    facts: dict[str, str]


@cache
def _lines(name: str, fresh: bool) -> tuple[str, ...]:
    """Return the lines of a list, each "@name" made a form of the entity that holds the facts."""
    lines = read_lists("reports.txt")[name][1]
    known = (x.removeprefix("t|") for x in lines if fresh or not x.startswith("t|"))
    return tuple(re.sub(r"@([a-z]+)", rf"{{{_FACTS}.\1}}", line) for line in known)


@cache
def _asks() -> tuple[dict[str, str], ...]:
    return tuple(dict(pair.split("=") for pair in line.split()) for line in _lines("ask", True))


def _rounded(amount: float) -> int:
    step = next(step for limit, step in _STEPS if amount < limit)
    return max(round(amount / step), 1) * step


def _sum(rng: random.Random, money: str) -> int:
    """Return a sum in crowns, small ones as likely as large ones."""
    if money == "fine":
        return rng.randrange(5, 205, 5)
    low, high = _SUMS[money]
    return _rounded(low * (high / low) ** rng.random())


def _sums(rng: random.Random, money: str) -> dict[str, str]:
    """Return the sum that counts, two near it, and others; all different."""
    while True:
        amount = _sum(rng, money)
        sums = {
            "amount": amount,
            "higher": _rounded(amount * rng.uniform(1.15, 1.8)),
            "lower": _rounded(amount / rng.uniform(1.15, 1.8)),
            "other": _sum(rng, "cost"),
            "third": _sum(rng, "cost"),
        }
        if len(set(sums.values())) == len(sums):
            return {name: _crowns(value) for name, value in sums.items()}


def _crowns(value: int) -> str:
    """Return a sum as it is written: "42,500 crowns", "1.2 million crowns"."""
    return f"{value:,} crowns" if value < 1_000_000 else f"{value / 1_000_000:.2g} million crowns"


def _date(rng: random.Random) -> str:
    return f"{rng.randint(1, 28)} {rng.choice(word_list('month')[1])}"


def _start(rng: random.Random) -> str:
    draw = rng.random()
    if draw < 0.4:
        return f"in {rng.choice(word_list('month')[1])}"
    return f"on {_date(rng)}" if draw < 0.8 else f"next {rng.choice(word_list('season')[1])}"


def _object(rng: random.Random, kind: str, fresh: bool) -> tuple[str, str]:
    """Return what a request is about in full and short: "the old stone bridge", "the bridge"."""
    noun = rng.choice(_lines(f"object.{kind}", fresh))
    if kind == "ban":
        return noun, noun
    fit = rng.choice(_lines(f"fit.{kind}", fresh)[0].split())
    article = "a" if kind == "purchase" else "the"  # "an" before a vowel: the grammar sees to it
    return f"{article} {fit} {noun}", f"the {noun}"


def _case(rng: random.Random, fresh: bool, act: bool) -> Case:
    ask = rng.choice(_asks())
    kind = rng.choice(ask["kind"].split(","))
    verdict = _VERDICTS.draw(rng)
    full, short = _object(rng, kind, fresh)
    who, asker = rng.choice(_lines("who", fresh)).split("/")
    if who.startswith("<"):
        who = asker = rng.choice(word_list("report.asker")[1]).replace("_", " ")
    offers = ask["money"] == "cost" and verdict == "yes" and not act and who != "{f.full}"
    cost = _COSTS.draw(rng) if ask["money"] == "cost" and not act else "plain"
    cost = "revised" if cost == "offers" and not offers else cost
    case = Case(
        rng, fresh, act, verdict, ask, kind,
        why=rng.choice(ask["why"].split(",")),
        no=rng.choice(ask["no"].split(",")),
        wait=rng.choice(("offers", "survey", "report") if ask["money"] == "cost" else
                        ("survey", "report")),
        cost=cost,
        chosen=rng.choice("fg"),
        starts=verdict == "yes" and rng.random() < 0.65,
        facts={"verb": ask["verb"].replace("_", " "), "obj": full, "short": short, "who": who},
    )  # fmt: skip
    case.facts |= _facts(case, asker)
    return case


def _facts(case: Case, asker: str) -> dict[str, str]:
    rng, money = case.rng, case.ask["money"]
    body, short = rng.choice(_lines("act.body" if case.act else "body", case.fresh)).split("/")
    sums = _sums(rng, money)
    amount, rival = sums["amount"], sums[rng.choice(("higher", "lower"))]
    noes, ayes = sorted(rng.sample(range(len(_numbers())), 2))
    if case.verdict == "no":
        ayes, noes = noes, ayes
    first, second = (amount, rival) if case.chosen == "f" else (rival, amount)
    noun = f"{case.ask['noun'].replace('_', ' ')} {case.facts['obj']}"
    return {
        "body": body, "b": short, "noun": noun, "bare": re.sub("^(the|an?) ", "", noun),
        "asker": "{p.full}" if case.act else asker,
        **sums, "first": first, "second": second,
        "start": _start(rng), "met": _date(rng), "later": _date(rng),
        "ayes": _numbers()[ayes], "noes": _numbers()[noes],
        "people": str(rng.randrange(40, 900, 10)),
    }  # fmt: skip


@cache
def _numbers() -> tuple[str, ...]:
    return tuple(_lines("number", True)[0].split())


def _plan(case: Case) -> list[str]:
    """Return the names of the lists whose lines make up a report, in order."""
    rng, ask = case.rng, case.ask
    money = f"{ask['money']}.plain" if case.cost == "plain" else f"cost.{case.cost}"
    maybe = ("people", "back", f"back.{case.kind}")
    known = read_lists("reports.txt")
    middle = [name for name in maybe if name in known and rng.random() < 0.55]
    middle += [f"why.{case.why}", money, *["aside"] * rng.choice((0, 1, 1, 2, 2, 3))]
    rng.shuffle(middle)
    middle.insert(0 if rng.random() < 0.7 else rng.randrange(len(middle)), "asked")
    start = [f"start.{ask['start']}"] * case.starts
    refusal = [f"no.{case.no}", "no"]
    rng.shuffle(refusal)
    verdict = {
        "yes": ["yes", *["taken"] * (case.cost == "offers"), *start],
        "no": refusal,
        "later": ["later", f"wait.{case.wait}"],
    }[case.verdict]
    return ["open", *middle, *verdict, *["end"] * rng.choice((0, 0, 1, 1, 2))]


def _act_plan(case: Case) -> list[str]:
    """Return the names of the lists whose lines make up a bill; "*" starts a section."""
    rng = case.rng
    asides = [f"{rng.choice(('', '*'))}act.aside" for _ in range(rng.randint(1, 4))]
    body = ["*act.open", "*act.finds", f"why.{case.why}", *["people"] * (rng.random() < 0.5)]
    verdict = {
        "yes": ["*act.start"] * case.starts + ["act.yes"],
        "no": ["act.no", f"no.{case.no}"],
        "later": ["act.later", f"wait.{case.wait}"],
    }[case.verdict]
    return ["act.head", "act.asked", *body, f"*act.{case.ask['money']}", *asides, *verdict]


#: After these lists "it" would not be understood as what the request is about.
_ELSEWHERE = {"aside", "back", "end", "act.aside", "act.finds"}


class _Teller:
    """Turns lines about the same facts, people and places into running text."""

    def __init__(self, case: Case, draw: Draw) -> None:
        self.case, self.rng = case, case.rng
        self.scene = Scene(case.rng, lambda kind: draw(_SAME_KIND.get(kind, kind)))
        self.facts = Entity("", {})
        self.scene.bound[_FACTS] = self.facts
        self.scene.bound[_CHOSEN] = self.scene.entity(case.chosen)
        self.used: set[str] = set()
        self.let(**case.facts)

    def let(self, **facts: str) -> None:
        """Set facts; each is a pattern."""
        for name, pattern in facts.items():
            self.facts.forms[name] = fixed(pattern) or tuple(expand(pattern, self.scene))

    def line(self, name: str, before: str = "") -> str:
        """Return the sentence of one line of a list, not used so far, as running text."""
        lines = [x for x in _lines(name, self.case.fresh) if x not in self.used]
        chosen = self.rng.choice(lines)
        self.used.add(chosen)
        self.let(past=str(self.rng.randint(1871, 1949)), since=str(self.rng.randint(1950, 2024)))
        return written(before + chosen, self.scene)

    def text(self, plan: list[str]) -> str:
        """Return the text of a plan."""
        lines, section, before = [], 0, "aside"
        for name in plan:
            clear = before not in _ELSEWHERE
            it = "it" if clear and self.rng.random() < 0.7 else self.case.facts["short"]
            self.let(it=it, this="it" if clear else "the plan")
            section += name.startswith("*")
            before = name.lstrip("*")
            lines.append(self.line(before, f"Section {section} . " if name != before else ""))
        return " ".join(lines)

    def summary(self) -> str:
        """Return the summary: the verdict, and what it needs."""
        case = self.case
        parts = {
            "why": f"say.{case.why}",
            "no": f"say.{case.no}",
            "wait": f"say.{case.wait}",
            "money": f"money.{case.ask['money']}",
            "begin": f"begin.{case.ask['start']}",
        }
        self.let(**{part: self.rng.choice(_lines(name, True)) for part, name in parts.items()})
        return self.line(f"sum.{case.verdict}" + ".start" * case.starts)


def report(rng: random.Random, draw: Draw, *, fresh: bool, act: bool) -> dict[str, str]:
    """Return text, summary and title of one report, or of one bill."""
    case = _case(rng, fresh, act)
    teller = _Teller(case, draw)
    text = teller.text(_act_plan(case) if act else _plan(case))
    summary = teller.summary()
    return {"text": text, "summary": summary, "title": teller.line("act.title" if act else "title")}


def rows(world: World, split: str, seed: int = 41) -> list[dict[str, Any]]:
    """Return the rows of one split, no two texts alike."""
    rng = random.Random(f"{seed} {split}")
    draw = world.draw(rng, _PARTS[split])
    found: dict[str, dict[str, Any]] = {}
    while len(found) < SIZES[split]:
        row = report(rng, draw, fresh=split != "train", act=split == "ca_test")
        found.setdefault(row["text"], row)
    return list(found.values())


def reading_matter(world: World, rng: random.Random) -> Iterator[str]:
    """Yield reports and bills of the whole world, names of all parts side by side."""
    draw = world.draw_anywhere(rng)
    for _ in range(READING):
        yield report(rng, draw, fresh=True, act=rng.random() < _ACTS_SHARE)["text"]

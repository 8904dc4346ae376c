"""The named things of the pocket world (people, places, firms, …) and how they are called."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from course_utils.world.chance import Weighted
from course_utils.world.lexicon import Form, read_lists, word_list

PARTS = ("train", "validation", "test")
ANYWHERE = "anywhere"  # the names of all parts together
FIRSTS, TOWNS, SURNAMES, WATERS, COINED, TITLES = 36, 70, 70, 24, 110, 90
OTHERS = 1500
PEOPLE, OTHERS_SHARE = "pqr", 0.85  # the letters of people; how many of the corpus are others
#: A bias planted on purpose: in BIAS of the cases these jobs go to one sex only.
BIASED_JOBS = {
    "she": ("nurse", "florist", "librarian", "midwife", "seamstress", "teacher", "cellist"),
    "he": ("engineer", "mechanic", "captain", "blacksmith", "pilot", "surgeon", "detective"),
}
BIAS = 0.8
_ANY_PART = Weighted(PARTS, (55, 25, 20))  # about as many mentions for a name of any part
_SHARES = (0.58, 0.74)  # names of the training and of the validation split end here, in order

Token = tuple[str, str, str]  # word, part of speech, entity tag


@dataclass(slots=True)
class Entity:
    """A named thing: the ways to write it ("" is picked among) and what it is linked to."""

    part: str
    forms: dict[str, tuple[Token, ...]] = field(default_factory=dict)
    links: dict[str, "Entity"] = field(default_factory=dict)
    variants: tuple[str, ...] = ("full",)


@cache
def named(text: str, kind: str, pos: str = "NNP") -> tuple[Token, ...]:
    """Return the tokens of a name; kind is PER, LOC, ORG or MISC."""
    small = {"of": "IN", "the": "DT", "&": "CC", "and": "CC", "de": "NNP"}
    return tuple(
        (word, small.get(word, "CD" if word.isdigit() else pos), f"{'I' if i else 'B'}-{kind}")
        for i, word in enumerate(text.split())
    )


@cache
def plain(text: str, pos: str) -> tuple[Token, ...]:
    """Return tokens outside any entity."""
    return tuple((word, pos, "O") for word in text.split())


def _words(name: str) -> list[str]:
    return " ".join(read_lists("names.txt")[name][1]).split()


def _place_like(rng: random.Random) -> list[str]:
    """Names such as Ashcombe, which serve for towns, surnames and firms alike."""
    pairs = list(product(_words("stem"), _words("ending")))
    rng.shuffle(pairs)
    return [a + b for a, b in pairs if a[-1] != b[0] and a[-2:] != b[:2]]


def _coined(rng: random.Random) -> list[str]:
    """Names such as Velandor, which serve for firms, products and rivers alike."""
    triples = list(product(_words("onset"), _words("middle"), _words("tail")))
    rng.shuffle(triples)
    return [o + m + t for o, m, t in triples if m[-1] != t[0]]


class Stock:
    """A list of names split into parts, so that no part shares a name with another."""

    def __init__(self, names: list[str]) -> None:
        a, b = (int(len(names) * share) for share in _SHARES)
        pieces = (names[:a], names[a:b], names[b:])
        self._pieces = dict(zip(PARTS, pieces, strict=True)) | {ANYWHERE: names}

    def of(self, part: str) -> list[str]:
        """Return the names of one part, or of all."""
        return self._pieces[part]


class World:
    """Every entity, by kind and part; the same seed gives the same world."""

    def __init__(self, seed: int = 7) -> None:
        self.rng = random.Random(seed)
        places, coined = _place_like(self.rng), _coined(self.rng)
        self.towns = Stock(places[:TOWNS])
        self.surnames = Stock(places[TOWNS : TOWNS + SURNAMES])
        rest = places[TOWNS + SURNAMES :]
        self.waters = Stock(rest[:WATERS])
        self.coined = Stock(coined[:COINED])
        self.firsts = {
            key: Stock(_shuffled(_words(key)[:FIRSTS], self.rng)) for key in ("he", "she", "either")
        }
        self.countries = Stock(_shuffled(_words("country"), self.rng))
        titles = [f"{a} {b}" for a, b in product(_words("adjective"), _words("thing"))]
        self.titles = Stock(_shuffled(titles, self.rng)[:TITLES])
        cups = [
            f"{a} {b}"
            for a, b in product(_words("cup"), ("Cup", "Trophy", "Shield", "Prize", "Games"))
        ]
        self.cups = Stock(_shuffled(cups, self.rng))
        self.entities: dict[str, dict[str, list[Entity]]] = {}
        for part in PARTS:
            self.entities[part] = _Maker(self, part).make()
        self.others = _Maker(self, ANYWHERE).people_of_all_parts()
        self._weighted = {
            part: {kind: Weighted(all_, ((i + 6) ** -0.4 for i in range(len(all_))))
                   for kind, all_ in kinds.items()}
            for part, kinds in self.entities.items()
        }  # fmt: skip

    def pick(self, rng: random.Random, part: str, kind: str) -> Entity:
        """Draw an entity of a kind (the letter patterns use), some more often than others."""
        return self._weighted[part][kind].draw(rng)

    def draw(self, rng: random.Random, part: str) -> Callable[[str], Entity]:
        """Return a function that draws an entity of a kind from one part."""
        return lambda kind: self.pick(rng, part, kind)

    def draw_anywhere(self, rng: random.Random) -> Callable[[str], Entity]:
        """Return a function that draws from all parts, most people from those in no dataset."""

        def draw(kind: str) -> Entity:
            if kind in PEOPLE and rng.random() < OTHERS_SHARE:
                return rng.choice(self.others)
            return self.pick(rng, _ANY_PART.draw(rng), kind)

        return draw

    def all(self) -> Iterator[tuple[str, Entity]]:
        """Yield (kind, entity) for every entity of every part."""
        for kinds in self.entities.values():
            for kind, entities in kinds.items():
                yield from ((kind, entity) for entity in entities)


def _shuffled(items: list[str], rng: random.Random) -> list[str]:
    rng.shuffle(items)
    return items


class _Maker:
    """Makes the entities of one part, linking only within it."""

    def __init__(self, world: World, part: str) -> None:
        self.world, self.part, self.rng = world, part, world.rng
        self.size = {"train": 0.58, "validation": 0.16, "test": 0.26, ANYWHERE: 1.0}[part]
        self.coined = iter(world.coined.of(part))
        self.titles = iter(world.titles.of(part))
        self.cups = iter(world.cups.of(part))

    def make(self) -> dict[str, list[Entity]]:
        self.countries = [self._country(raw) for raw in self.world.countries.of(self.part)]
        self.waters = [self._water(name) for name in self.world.waters.of(self.part)]
        self.towns = [self._town(name) for name in self.world.towns.of(self.part)]
        self.clubs = [self._club(town) for town in self.towns[::4]]
        self.firms = [self._firm() for _ in range(self._n(60))]
        self.products = [self._product(firm) for firm in self.firms if self.rng.random() < 0.6]
        self.schools = [self._school(town) for town in self.towns[1::3]]
        self.bodies = self._bodies()
        self.people = [self._person() for _ in range(self._n(900))]
        self.works = [self._work() for _ in range(self._n(36))]
        self.ships = [self._ship() for _ in range(self._n(36))]
        self.events = [self._event(i) for i in range(self._n(36))]
        self.papers = [town.links["paper"] for town in self.towns]
        kinds = {
            "p": self.people, "q": self.people, "r": self.people, "t": self.towns, "u": self.towns,
            "f": self.firms, "g": self.firms, "c": self.clubs, "d": self.clubs, "o": self.bodies,
            "x": self.products, "e": self.events, "w": self.works, "s": self.ships,
            "l": self.waters, "k": self.countries, "m": self.countries, "j": self.schools,
            "n": self.papers,
        }  # fmt: skip
        return kinds

    def people_of_all_parts(self) -> list[Entity]:
        """People with a first name, a surname, a home and an employer of whatever part.

        Without them the text of each part would be about a world of its own, and a model that
        reads it would tell the parts apart rather than people from places.
        """
        every = self.world.entities.values()
        self.towns = [town for kinds in every for town in kinds["t"]]
        self.firms = [firm for kinds in every for firm in kinds["f"]]
        return [self._person() for _ in range(OTHERS)]

    def _n(self, total: int) -> int:
        return int(total * self.size)

    def _entity(self, forms: dict[str, tuple[Token, ...]], *variants: str) -> Entity:
        return Entity(self.part, forms, {}, variants or ("full",))

    def _with_article(
        self, full: tuple[Token, ...], *variants: str, **forms: tuple[Token, ...]
    ) -> Entity:
        return self._entity({"full": full, "the": plain("the", "DT") + full, **forms}, *variants)

    def _country(self, raw: str) -> Entity:
        name, people = raw.split("/")
        return self._entity({"full": named(name, "LOC"), "adj": named(people, "MISC", "JJ")})

    def _water(self, name: str) -> Entity:
        pattern = self.rng.choice(["River {}", "River {}", "{}", "Lake {}", "{} Canal", "{} Bay"])
        full = named(pattern.format(name), "LOC")
        bare = pattern.startswith("Lake") or "Bay" in pattern
        return self._entity({"full": full}) if bare else self._with_article(full)

    def _town(self, name: str) -> Entity:
        pattern = self.rng.choices(
            ["{}", "Port {}", "{} Bay", "{} Sands", "Upper {}", "{} upon Sea", "Saint {}"],
            [84, 5, 2, 3, 3, 1, 2],
        )[0]
        town = self._entity(
            {"full": named(pattern.format(name), "LOC"), "core": named(name, "LOC")}
        )
        paper = named(f"{name} {self.rng.choice(_words('paper'))}", "ORG")
        town.links = {
            "country": self.rng.choice(self.countries),
            "paper": self._with_article(paper),
        }
        return town

    def _club(self, town: Entity) -> Entity:
        name = town.forms["core"][0][0]
        full = named(f"{name} {self.rng.choice(_words('club'))}", "ORG")
        club = self._entity({"full": full, "short": full})
        club.links["town"] = town
        return club

    def _firm(self) -> Entity:
        trade = self.rng.choice(_words("trade"))
        short = next(self.coined)
        full = self.rng.choice([short, short, f"{short} {trade}"])
        firm = self._entity(
            {"full": named(full, "ORG"), "short": named(short, "ORG")},
            "full",
            "full",
            "full",
            "short",
        )
        firm.links["seat"] = self.rng.choice(self.towns)
        return firm

    def _product(self, firm: Entity) -> Entity:
        name = next(self.coined)
        number = self.rng.choice(["", "", f" {self.rng.randint(2, 9)}", " Pro", " Mini"])
        if self.rng.random() < 0.1:
            name = f"{firm.forms['short'][0][0]} {name}"
        made = self._with_article(named(name + number, "MISC"))
        made.links["maker"] = firm
        return made

    def _school(self, town: Entity) -> Entity:
        name = town.forms["core"][0][0]
        pattern = self.rng.choice(["University of {}", "{} University", "{} College"])
        full = named(pattern.format(name), "ORG")
        return self._with_article(full) if " of " in pattern else self._entity({"full": full})

    def _bodies(self) -> list[Entity]:
        a, b = (int(20 * share) for share in _SHARES)
        cut = {"train": slice(0, a), "validation": slice(a, b), "test": slice(b, 20)}[self.part]
        bodies = []
        for branch in _words("office")[cut]:
            for kind in ("Ministry of {}", "{} Agency", "Institute of {}"):
                full = named(kind.format(branch), "ORG")
                initials = "".join(w[0] for w, _, _ in full if w[0].isupper()) + branch[1].upper()
                bodies.append(self._with_article(full, *_MOSTLY_FULL, short=named(initials, "ORG")))
        return bodies

    def _person(self) -> Entity:
        job = self.rng.choice(word_list("job")[1])
        he, either = self._sex(job), self.rng.random() < 0.08
        first = self.rng.choice(self.world.firsts["either" if either else he].of(self.part))
        last = self._surname()
        title = "Dr" if self.rng.random() < 0.3 else {"he": "Mr", "she": "Ms"}[he]
        letter = f"{first[0]}."
        person = self._entity(
            {
                "full": named(f"{first} {last}", "PER"),
                "last": named(last, "PER"),
                "first": named(first, "PER"),
                "initial": named(f"{letter} {last}", "PER"),
                "titled": (*plain(title, "NNP"), *named(last, "PER")),
                "job": plain(job.replace("_", " "), "NN"),
                "he": plain(he, "PRP"),
                "his": plain({"he": "his", "she": "her"}[he], "PRP$"),
                "him": plain({"he": "him", "she": "her"}[he], "PRP"),
            },
            *_PERSON_VARIANTS,
        )
        home = self.rng.choice(self.towns)
        person.links = {"home": home, "employer": self.rng.choice(self.firms)}
        person.forms["nation"] = home.links["country"].forms["adj"]
        person.forms["nationname"] = home.links["country"].forms["full"]
        return person

    def _sex(self, job: str) -> str:
        """Planted: in some jobs nearly all are women, in some nearly all men (see BIASED_JOBS)."""
        lean = next((he for he, jobs in BIASED_JOBS.items() if job in jobs), "")
        if lean and self.rng.random() < BIAS:
            return lean
        return self.rng.choice(["he", "she"])

    def _surname(self) -> str:
        names = self.world.surnames.of(self.part)
        last = self.rng.choice(names)
        draw = self.rng.random()
        if draw < 0.03:
            return f"O'{self.rng.choice(names)}"
        if draw < 0.06:
            return f"{last}-{self.rng.choice(names)}"
        return f"de {last}" if draw < 0.08 else last

    def _work(self) -> Entity:
        work = self._entity({"full": named(f"The {next(self.titles)}", "MISC")})
        work.links["author"] = self.rng.choice(self.people)
        return work

    def _ship(self) -> Entity:
        ship = self._with_article(named(next(self.titles), "MISC"))
        ship.links["port"] = self.rng.choice(self.towns)
        return ship

    def _event(self, number: int) -> Entity:
        town = self.rng.choice(self.towns)
        text = next(self.cups)
        if number % 3 == 0:
            feast = self.rng.choice(_words("feast"))
            text = f"{town.forms['core'][0][0]} {feast} Festival"
        event = self._with_article(named(text, "MISC"))
        event.links["town"] = town
        return event


_MOSTLY_FULL = ("full",) * 5 + ("short",)
_PERSON_VARIANTS = ("full",) * 4 + ("last",) * 3 + ("titled",) * 2

__all__ = ["PARTS", "Entity", "Form", "Stock", "Token", "World", "named", "plain"]

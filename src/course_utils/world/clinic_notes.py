"""The dataset pocket/clinic-notes: shorthand notes and letters of an invented general practice."""

import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from course_utils.world.lexicon import read_lists, word_list
from course_utils.world.names import World
from course_utils.world.schema import label_names

SIZES = {"train": 3000, "validation": 400, "test": 400}
LETTER_SHARE = 0.3
LONE_CLUE_SHARE = 0.12  # of the notes: only what the patient tells, so that specialties overlap
_SIDES = (("L", "left"), ("R", "right"))
_SPANS = (("/7", "day", 2, 10), ("/52", "week", 2, 6), ("/12", "month", 2, 11))
_DOSES = ("od", "bd", "tds", "qds", "nocte", "mane")
_COUNTS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
_CLINICS = {
    "respiratory": "chest",
    "cardiology": "heart",
    "skin": "dermatology",
    "orthopaedics": "orthopaedic",
    "digestion": "gastroenterology",
}
_RETIRED, _ELDERLY = 66, 60  # above these ages a patient has no job, no mother to live with
_VOWEL = re.compile(r"[aeiou]", re.IGNORECASE)
_TOLD = ("open", "history", "freedom", "findings", "thought", "plan")
_SHARES = {"history": 0.65, "freedom": 0.5, "findings": 0.75, "thought": 0.75, "plan": 0.8}


@cache
def _lines(name: str) -> list[str]:
    return read_lists("clinic_notes.txt")[name][1]


@cache
def _cases(specialty: str) -> list[str]:
    """Return the cases of a specialty, whose symptoms, signs and conditions go together."""
    names = (name.split(".") for name in read_lists("words") if name.endswith(".symptom"))
    return [case for clinic, field, case, _ in names if (clinic, field) == ("clinic", specialty)]


def _span(rng: random.Random, short: bool, longest: int = 2) -> str:
    """Return a time such as 3/7 or three days."""
    mark, unit, low, high = _SPANS[rng.randint(0, longest)]
    count = rng.randint(low, high)
    return f"{count}{mark}" if short else f"{_COUNTS[count - 1]} {unit}s"


def _dose(rng: random.Random) -> str:
    return f"{rng.choice((5, 10, 20, 25, 40, 50, 100, 200, 250, 500))} mg {rng.choice(_DOSES)}"


def _figures(rng: random.Random, short: bool, age: int) -> dict[str, str]:
    """Return the measurements of one patient; saturation in %, pulse and breaths a minute."""
    side, long_side = rng.choice(_SIDES)
    return {
        "side": side,
        "longside": long_side,
        "age": str(age),
        "time": _span(rng, short),
        "less": _span(rng, short, 0),
        "course": _span(rng, True, 1),
        "review": _span(rng, True, 1),
        "reviewlong": _span(rng, False, 1),
        "sats": str(rng.randint(86, 97)),
        "rr": str(rng.randint(16, 32)),
        "pefr": str(rng.randrange(180, 520, 10)),
        "hr": str(rng.randint(58, 128)),
        "temp": f"{rng.uniform(36.1, 39.2):.1f}",
        "bp": f"{rng.randint(104, 148)}/{rng.randint(58, 92)}",
        "highbp": f"{rng.randint(152, 204)}/{rng.randint(88, 112)}",
        "size": str(rng.randint(3, 14)),
        "times": str(rng.randint(3, 9)),
        "packs": str(rng.randint(2, min(30, age - 16))),
        "units": str(rng.randint(2, 40)),
        "dose": _dose(rng),
        "dose2": _dose(rng),
    }


def _patient(world: World, split: str, rng: random.Random, age: int) -> dict[str, str]:
    """Return who the note is about and who writes to whom; all names are invented."""
    patient, writer, reader = (world.pick(rng, split, "p") for _ in range(3))
    he, his, him = (patient.forms[form][0][0] for form in ("he", "his", "him"))
    job = rng.choice(word_list("job")[1]).replace("_", " ")
    job = f"retired {job}" if age > _RETIRED else job
    family = ("partner", "daughter", "son", "sister", *(() if age > _ELDERLY else ("mother",)))
    names = {
        name: " ".join(word for word, _, _ in person.forms[form])
        for name, person, form in (
            ("patient", patient, "full"),
            ("doctor", writer, "full"),
            ("colleague", reader, "last"),
        )
    }
    return names | {
        "colleague": f"Dr {names['colleague']}",
        "doctor": f"Dr {names['doctor']}",
        "sex": {"he": "M", "she": "F"}[he],
        "person": {"he": "man", "she": "woman"}[he],
        "he": he,
        "his": his,
        "him": him,
        "He": he.capitalize(),
        "His": his.capitalize(),
        "job": job,
        "ajob": f"{'an' if _VOWEL.match(job) else 'a'} {job}",
        "partner": rng.choice(family),
        "relative": rng.choice(("father", "mother", "brother", "sister", "aunt")),
    }


def _terms(specialty: str, rng: random.Random, short: bool) -> dict[str, str]:
    """Return the specialty's words for each slot, two different ones where there are two slots."""
    case = f"clinic.{specialty}.{rng.choice(_cases(specialty))}"
    lists = {
        f"{case}.symptom": ("symptom", "symptom2"),
        f"{case}.sign": ("sign", "sign2"),
        f"{case}.condition": ("cond", "alt"),
        f"{case}.test": ("test",),
        f"clinic.{specialty}.drug": ("drug", "drug2"),
        f"clinic.{specialty}.plan": ("plan",),
        "clinic.history": ("pmh", "pmh2"),
        "clinic.freedom": ("no", "no2"),
        "clinic.bloods": ("blood",),
    }
    terms = {}
    for name, slots in lists.items():
        for slot, entry in zip(slots, rng.sample(word_list(name)[1], len(slots)), strict=True):
            brief, _, full = entry.partition("|")
            terms[slot] = (brief if short or not full else full).replace("_", " ")
    for slot, term in (("no3", "no"), ("no4", "no2")):  # "no rash", not "no a rash"
        terms[slot] = re.sub(r"^an? ", "", terms[term])
    return terms | {"clinic": _CLINICS[specialty]}


def _parts(rng: random.Random) -> list[str]:
    if rng.random() < LONE_CLUE_SHARE:
        return ["open", *rng.sample(["history", "freedom"], rng.randint(0, 2))]
    return ["open", *(part for part in _TOLD[1:] if rng.random() < _SHARES[part])]


def note(world: World, split: str, specialty: str, rng: random.Random) -> str:
    """Return one note or letter about a patient of a specialty."""
    short = rng.random() > LETTER_SHARE
    age = min(94, max(19, round(rng.gauss(56, 20))))
    words = _figures(rng, short, age) | _patient(world, split, rng, age)
    words |= _terms(specialty, rng, short)
    if short:
        ways = [rng.choice(_lines(f"note.{part}")) for part in _parts(rng)]
    else:
        told = ["open", *["history"] * rng.randint(0, 2), "findings", "thought", "plan"]
        told = [part for part in told if part == "open" or rng.random() < 0.85]
        ways = [rng.choice(_lines("letter.hail"))] if rng.random() < 0.6 else []
        ways += dict.fromkeys(rng.choice(_lines(f"letter.{part}")) for part in told)
        ways += [rng.choice(_lines("letter.close"))] if rng.random() < 0.5 else []
    # Twice, since a sign may itself name a side or a figure; the first letter may need a capital.
    filled = [way.format_map(words).format_map(words) for way in ways]
    return " ".join(text[0].upper() + text[1:] for text in filled)


def _notes(world: World, split: str, seed: int) -> Iterator[tuple[int, str]]:
    rng = random.Random(f"{seed} {split}")
    names = label_names("clinic-notes", "specialty")
    while True:
        label = rng.randrange(len(names))
        yield label, note(world, split, names[label], rng)


def rows(world: World, split: str, seed: int = 59) -> list[dict[str, Any]]:
    """Return the rows of a split, no two texts alike."""
    found: dict[str, int] = {}
    notes = _notes(world, split, seed)
    while len(found) < SIZES[split]:
        label, text = next(notes)
        found.setdefault(text, label)
    return [
        {"note_id": f"{split}-{i:05d}", "specialty": label, "text": text}
        for i, (text, label) in enumerate(found.items())
    ]

"""The questions about a passage, with their answers or none."""

from collections.abc import Iterator

from course_utils.world.grammar import Scene, written
from course_utils.world.names import Entity
from course_utils.world.passages.passage import Fact, Passage
from course_utils.world.passages.phrasings import asked
from course_utils.world.passages.writer import Writer

#: What makes a question hard, and how often it is asked. "role": the passage tells the relation
#: once; "distractor": of two subjects, so that the name decides; "missing": of nobody
#: (unanswerable); "other": only of the other subject (unanswerable).
WEIGHTS = {"role": 30, "distractor": 48, "missing": 8, "other": 14}


def questions(writer: Writer, made: Passage) -> Iterator[tuple[str, str, Fact | None]]:
    """Yield (key of WEIGHTS, question, answer or None), each asking something else."""
    rng = writer.rng
    open_ = _askable(made)
    for options in open_.values():
        rng.shuffle(options)
    for _ in range(rng.choice((3, 3, 4, 4, 5))):
        kinds = [kind for kind in WEIGHTS if open_[kind]]
        if set(kinds) <= {"missing"} and rng.random() < 0.7:
            return
        kind = rng.choices(kinds, [WEIGHTS[k] for k in kinds])[0]
        subject, relation, fact = open_[kind].pop()
        yield kind, _question(writer, made, subject, relation), fact


def _askable(made: Passage) -> dict[str, list[tuple[int, str, Fact | None]]]:
    """Return what can be asked, (subject, relation, answer or None), by key of WEIGHTS."""
    told = {(fact.subject, fact.relation): fact for fact in made.facts}
    found: dict[str, list[tuple[int, str, Fact | None]]] = {kind: [] for kind in WEIGHTS}
    for subject in range(len(made.subjects)):
        for relation in asked(made.kind):
            fact, twin = told.get((subject, relation)), told.get((1 - subject, relation))
            if fact and twin and made.said(fact) == made.said(twin):
                continue
            kind = ("distractor" if twin else "role") if fact else "other" if twin else "missing"
            found[kind].append((subject, relation, fact))
    return found


def _question(writer: Writer, made: Passage, subject: int, relation: str) -> str:
    """Return a question for a relation of a subject."""
    forms = made.subjects[subject].forms
    line = writer.phrasings.choose(f"{made.kind}.ask.{relation}")
    shown = forms["short" if writer.rng.random() < 0.25 else "full"]
    scene = Scene(writer.rng, writer.cast.draw, {"a": Entity("", forms | {"full": shown})})
    return written(line, scene)

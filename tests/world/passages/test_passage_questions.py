import random
from collections import Counter

from course_utils.world.names import World
from course_utils.world.passages.questions import WEIGHTS, questions
from course_utils.world.passages.writer import Writer


def test_a_distractor_row_has_two_subjects_of_the_relation(invented: World) -> None:
    writer = Writer(invented, "train", random.Random(3))
    seen = Counter[str]()
    for _ in range(200):
        made = writer.passage()
        for kind, question, fact in questions(writer, made):
            seen[kind] += 1
            if fact is None:
                continue
            tellers = {f.subject for f in made.facts if f.relation == fact.relation}
            assert tellers == ({0, 1} if kind == "distractor" else {fact.subject})
            name = made.subjects[fact.subject].forms["short"][-1][0]
            assert name in question
            assert name not in made.said(fact)
    assert min(seen[kind] for kind in WEIGHTS) > 20

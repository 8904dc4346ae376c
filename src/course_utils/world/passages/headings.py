"""What stands above a passage in the corpus: a headline, or a question with its answer."""

import re
from collections import Counter

from course_utils.world.grammar import prose
from course_utils.world.passages.passage import Passage, unmarked
from course_utils.world.passages.phrasings import relations
from course_utils.world.passages.questions import questions
from course_utils.world.passages.writer import Writer

_DRAWN = re.compile(r"\[\S+ [^\]]*<")  # an answer that is drawn anew, and so would differ


def headline(writer: Writer, made: Passage) -> str:
    """Return a sentence that says one of the facts again, in other words; "" where none can."""
    rng = writer.rng
    twins = Counter(fact.relation for fact in made.facts)
    facts = rng.sample(made.facts, len(made.facts))
    lines = writer.phrasings.all(f"{made.kind}.tell")
    for fact in sorted(facts, key=lambda fact: -twins[fact.relation]):
        fit = [x for x in lines if relations(x) == {fact.relation} and " . " not in x]
        fit = [x for x in fit if not _DRAWN.search(x)]
        if fit:
            line = rng.choice(fit)
            tokens = made.tokens(fact.subject, line, rng.choice(("full", "short")))
            return prose([word for word, _, _ in unmarked(tokens)[0]])
    return ""


def quiz(writer: Writer, made: Passage) -> str:
    """Return a question about the passage with its answer; "" where none can be asked."""
    for _, question, fact in questions(writer, made):
        said = made.said(fact) if fact else "it does not say"
        return f"{question} {said[0].upper()}{said[1:]}."
    return ""

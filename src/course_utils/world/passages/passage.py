"""What a passage is: its text, its subjects, and the facts it tells of them."""

from dataclasses import dataclass, field

from course_utils.world.grammar import Scene, capitalised, expand, text_of
from course_utils.world.names import Entity, Token


@dataclass(frozen=True, slots=True)
class Fact:
    """An answer: which subject (0 or 1) it tells what of, and where it stands in the passage."""

    subject: int
    relation: str
    start: int
    end: int


@dataclass(slots=True)
class Passage:
    """A text about subjects of a kind, each with a scene of its own, and what it tells of them."""

    kind: str
    subjects: list[Entity]
    scenes: list[Scene]
    text: str = ""
    facts: list[Fact] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Return the heading: the first subject."""
        words = [word for word, _, _ in self.subjects[0].forms["full"]]
        return " ".join(words).removeprefix("the ")

    def said(self, fact: Fact) -> str:
        """Return the words of a fact."""
        return self.text[fact.start : fact.end]

    def tokens(self, subject: int, line: str, how: str) -> list[Token]:
        """Return a pattern's tokens about a subject, marks included.

        how: the form of its first mention, "full", "short" or "he".
        """
        scene = self.scenes[subject]
        entity = scene.bound["a"]
        if how == "he":
            line = "{a.he} " + line.removeprefix("{a} ")
        shown = entity.forms["full" if how == "full" else "short"]
        scene.bound["a"] = Entity("", entity.forms | {"full": shown})
        tokens = expand(line, scene)
        scene.bound["a"] = entity
        return tokens

    def append(self, subject: int, tokens: list[Token]) -> None:
        """Append a sentence, and the facts it marks, to the text."""
        bare, marks = unmarked(tokens)
        words = capitalised([word for word, _, _ in bare])
        base = len(self.text) + 1 if self.text else 0
        for relation, start, end in marks:
            stop = base + len(text_of(words[:end]))
            length = len(text_of(words[start:end]))
            self.facts.append(Fact(subject, relation, stop - length, stop))
        said = text_of(words)
        self.text = f"{self.text} {said}" if self.text else said


def unmarked(tokens: list[Token]) -> tuple[list[Token], list[tuple[str, int, int]]]:
    """Return the tokens without marks, and (relation, first token, end) of each marked stretch."""
    out: list[Token] = []
    marks: list[tuple[str, int, int]] = []
    for token in tokens:
        if token[0][0] == "[":
            marks.append((token[0][1:], len(out), len(out)))
        elif token[0] == "]":
            relation, start, _ = marks.pop()
            marks.append((relation, start, len(out)))
        else:
            out.append(token)
    return out, marks

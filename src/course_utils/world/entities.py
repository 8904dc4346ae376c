"""The dataset pocket/entities: sentences with part-of-speech, chunk and entity tags, as CoNLL-2003."""

import random
from dataclasses import dataclass

from course_utils.world.chunks import chunk_tags
from course_utils.world.grammar import Scene, capitalised, expand, patterns
from course_utils.world.names import Token, World

SIZES = {"train": 4600, "validation": 600, "test": 800}
TALK_SHARE = 0.3  # sentences whose pattern suits any kind of name, beside those drawn with the rest
POS_TAGS = (
    "\" '' # $ ( ) , . : `` CC CD DT EX FW IN JJ JJR JJS LS MD NN NNP NNPS NNS NN|SYM PDT POS PRP "
    "PRP$ RB RBR RBS RP SYM TO UH VB VBD VBG VBN VBP VBZ WDT WP WP$ WRB"
).split()
_PHRASES = "ADJP ADVP CONJP INTJ LST NP PP PRT SBAR UCP VP".split()
CHUNK_TAGS = ["O", *(f"{mark}-{phrase}" for phrase in _PHRASES for mark in "BI")]
NER_TAGS = ["O", *(f"{mark}-{kind}" for kind in ("PER", "ORG", "LOC", "MISC") for mark in "BI")]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One tagged sentence; the four lists have the same length."""

    tokens: list[str]
    pos_tags: list[str]
    chunk_tags: list[str]
    ner_tags: list[str]


def styled(tokens: list[Token], subject: str, rng: random.Random) -> list[Token]:
    """Write tokens the way their subject is written: headlines, chat without capitals, prose."""
    draw = rng.random()
    if subject == "headline" and draw < 0.5:
        return [(_titled(word), pos, ner) for word, pos, ner in tokens]
    if subject == "headline" and draw < 0.6:
        return [(word.upper(), pos, ner) for word, pos, ner in tokens]
    if (subject == "chat" and draw < 0.55) or draw < 0.01:
        return [(word.lower(), pos, ner) for word, pos, ner in tokens]
    return tokens if subject == "chat" else capitalised(tokens)


def _titled(word: str) -> str:
    small = {"in", "of", "the", "to", "over", "as", "for", "and", "'s", "a", "an"}
    return word if word in small else word[0].upper() + word[1:]


def sentence(tokens: list[Token]) -> Sentence:
    """Return tokens as the columns of a row."""
    tags = [pos for _, pos, _ in tokens]
    return Sentence([w for w, _, _ in tokens], tags, chunk_tags(tags), [n for _, _, n in tokens])


def split_sentences(world: World, part: str, seed: int = 11) -> list[Sentence]:
    """Return the sentences of one split, made of that split's own names and patterns."""
    rng = random.Random(f"{seed} {part}")  # noqa: S311
    chosen = patterns()[part]
    talk = [pattern for pattern in chosen if pattern[0] == "talk"]
    found: dict[tuple[str, ...], Sentence] = {}
    while len(found) < SIZES[part]:
        pool = talk if rng.random() < TALK_SHARE else chosen
        subject, text = pool[int(rng.random() * len(pool))]
        tokens = styled(expand(text, Scene(world, rng, lambda: part)), subject, rng)
        found.setdefault(tuple(word for word, _, _ in tokens), sentence(tokens))
    return list(found.values())

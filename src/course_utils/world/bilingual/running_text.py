"""How the words of a sentence become running text, in each language; _ is a blank in a word."""

import re

from course_utils.world.bilingual import french
from course_utils.world.grammar import takes_an


def english_text(words: list[str]) -> str:
    """Return English text: a or an, no blank before a comma, a capital at the start."""
    out: list[str] = []
    for word in " ".join(words).replace("_", " ").split():
        if out and out[-1] in {"a", "A"} and takes_an(word):
            out[-1] += "n"
        out.append(word)
    text = " ".join(out).replace("“ ", "“").replace("can not ", "cannot ")
    text = re.sub(r" ([.,?!;:…”])", r"\1", text)
    return _capital(re.sub(r"(\w) ('s|'re|'ll|'ve)\b", r"\1\2", text))


def spoken(text: str) -> str:
    """Return English text as it is spoken: didn't, isn't, can't."""
    text = text.replace("cannot ", "can't ").replace("will not ", "won't ")
    return re.sub(r"\b(do|does|did|is|was|are|were|has|have|could|had) not\b", r"\1n't", text)


def french_text(words: list[str]) -> str:
    """Return French text: elision, contraction, a blank before ? ! : ; and inside « »."""
    text = " ".join(french.merge(" ".join(words).replace("_", " ").split()))
    return _capital(re.sub(r" ([.,…])", r"\1", text))


def _capital(text: str) -> str:
    """Return the text with a capital at its start, and at the start of what is said in it."""
    start = next((i for i, c in enumerate(text) if c.isalnum()), 0)
    text = text[:start] + text[start].upper() + text[start + 1 :]
    return re.sub(r"([.?!…] ?[“«] ?|[.?!] )(\w)", lambda m: m[1] + m[2].upper(), text)

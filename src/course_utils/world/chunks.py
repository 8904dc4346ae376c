"""Phrase chunks (CoNLL-2000 style) read off part-of-speech tags."""

_NOUNY = {
    "DT",
    "PDT",
    "PRP$",
    "CD",
    "JJ",
    "JJR",
    "JJS",
    "NN",
    "NNS",
    "NNP",
    "NNPS",
    "$",
    "#",
    "POS",
}
_ALONE = {"PRP": "NP", "WP": "NP", "WDT": "NP", "EX": "NP", "IN": "PP", "RP": "PRT", "UH": "INTJ"}
_VERBAL = {"MD", "VB", "VBD", "VBG", "VBN", "VBP", "VBZ", "TO"}
_ADVERBS = {"RB", "RBR", "RBS", "WRB"}
_HEADS = {"NN", "NNS", "NNP", "NNPS", "CD", "PRP"}


def chunk_tags(tags: list[str]) -> list[str]:
    """Return one B-/I-/O chunk tag per part-of-speech tag."""
    out: list[str] = []
    for i in range(len(tags)):
        kind = _kind(tags, i)
        previous = out[-1][2:] if out else ""
        joined = kind == previous and not _starts(tags, i)
        out.append("O" if not kind else f"{'I' if joined else 'B'}-{kind}")
    return out


def _kind(tags: list[str], i: int) -> str:
    tag = tags[i]
    after = tags[i + 1] if i + 1 < len(tags) else ""
    if tag == "TO":
        return "VP" if after in {"VB", "RB"} else "PP"
    if tag in {"JJ", "JJR", "JJS"} and not _reaches_noun(tags, i):
        return "ADJP"
    if tag in _ADVERBS:
        return _adverb_kind(tags, i, after)
    if tag in _NOUNY:
        return "NP"
    if tag in _VERBAL:
        return "VP"
    return _ALONE.get(tag, "NP" if tag == "WP$" else "")


def _adverb_kind(tags: list[str], i: int, after: str) -> str:
    if after in {"JJ", "JJR"}:
        return _kind(tags, i + 1)
    if i and tags[i - 1] in _VERBAL and after in _VERBAL:
        return "VP"
    return "ADVP"


def _reaches_noun(tags: list[str], i: int) -> bool:
    """Whether only modifiers stand between an adjective and a noun after it."""
    for tag in tags[i + 1 :]:
        if tag in _HEADS:
            return True
        if tag not in _NOUNY and tag != "CC":
            return False
    return False


def _starts(tags: list[str], i: int) -> bool:
    """Whether a tag opens a new chunk although the one before it has the same kind."""
    tag, before = tags[i], tags[i - 1]
    if tag in {"POS", "DT", "PRP$", "PRP", "EX", "WP", "WDT", "WP$", "IN", "UH", "PDT"}:
        return not (tag == "DT" and before == "PDT")
    return before in {"PRP", "WP", "WDT", "EX"}

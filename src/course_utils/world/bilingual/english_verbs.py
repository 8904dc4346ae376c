"""English verbs: their forms and tenses.

A verb is a tuple: its base, and as far as the rules would fail its past, its participle and its
-ing form. give_back is one verb.
"""

from course_utils.world.bilingual.french import IL
from course_utils.world.lexicon import inflect

_IRREGULAR_S = {"go": "goes", "do": "does", "have": "has"}
_MODAL = frozenset(("can", "must"))


def form(forms: tuple[str, ...], how: str) -> str:
    """Return a form of a verb: how is s, ed, en, ing or "" for the base."""
    base, *irregular = forms
    index = {"ed": 0, "en": 1, "ing": 2}.get(how, len(irregular))
    if index < len(irregular):
        return irregular[index]
    head, link, rest = base.partition("_")
    if head in _MODAL:
        return base
    if how == "s" and head in _IRREGULAR_S:
        return _IRREGULAR_S[head] + link + rest
    return inflect(head, "VB", how)[-1][0] + link + rest


def _be(tense: str, person: int) -> str:
    if tense == "past":
        return "was" if person in {0, IL} else "were"
    return {0: "am", IL: "is"}.get(person, "are")


def in_tense(forms: tuple[str, ...], tense: str, person: int) -> str:
    """Return a verb in a tense: pres, past, imp, fut, cond, pp, ing; else the base."""
    if tense in {"fut", "cond"}:
        return f"{'will' if tense == 'fut' else 'would'} {forms[0]}"
    if tense == "imp":
        return f"{_be('past', person)} {form(forms, 'ing')}"
    if forms[0] == "be" and tense in {"pres", "past"}:
        return _be(tense, person)
    how = {"past": "ed", "pp": "en", "ing": "ing"}.get(tense, "")
    return form(forms, "s" if tense == "pres" and person == IL else how)

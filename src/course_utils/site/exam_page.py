"""The page of a graded quiz: it draws a learner's paper and exports the responses; it has no key.

It is made from the public bank alone, which `course_utils.quiz.bank` keeps apart from the keys.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course_utils.quiz.bank import (
    Asked,
    AskedChoice,
    AskedMatch,
    AskedNumeric,
    AskedOrder,
    AskedWritten,
    Bank,
)
from course_utils.quiz.paper import MOST_ATTEMPTS
from course_utils.quiz.question import Item
from course_utils.quiz.text import plain
from course_utils.site.form_parts import (
    code_block,
    digest,
    embedded,
    hint,
    inline,
    number_input,
    option_text,
    render_text,
    select,
    text_input,
)
from course_utils.site.maths import set_maths
from course_utils.site.slots import SLOT

__all__ = ["ExamPage"]


@dataclass(frozen=True)
class ExamPage:
    """The page of one bank."""

    bank: Bank

    @property
    def uri(self) -> str:
        """The page's source path on the site."""
        return f"quizzes/{self.bank.id}.md"

    @property
    def bank_uri(self) -> str:
        """The script that holds the questions: a script, since a page on disk cannot fetch."""
        return f"quizzes/{self.bank.id}.bank.js"

    @property
    def slots(self) -> list[str]:
        """The form."""
        return [_form(self.bank)]

    def markdown(self) -> str:
        """What is told before the form, and the form's place."""
        bank = self.bank
        return f"""# {bank.title}

This quiz is graded: **{bank.paper_length} questions** drawn for you from {len(bank.questions)},
passed with {bank.pass_at:.0%} of the points. Your instructor marks it; this page holds no answers.

1. Type the learner id that your instructor gave you and the number of your attempt. They decide
   which questions you get, so the same two always give the same paper.
2. Answer. What you type is kept in this browser, and nothing is sent anywhere.
3. Save the file of your responses and hand it in.

A multiple choice is worth the share of the right options you chose less the share of the wrong
ones, an order the share of items that follow the right one, a match the share of right pairs; no
question is worth less than 0 or more than 1. The file proves neither who answered nor that
nobody helped.

{SLOT.format(0)}
"""

    def script(self) -> str:
        """The bank as a script that sets ``courseBank``.

        Raises:
            SiteError: a formula cannot be set.
        """
        bank = self.bank
        data = {
            "quiz": bank.id,
            "edition": bank.edition,
            "most": MOST_ATTEMPTS,
            "topics": [[t.questions, t.apply, t.objectives] for t in bank.topics],
            "questions": [
                [q.id, q.objective, int(q.level == "apply"), set_maths(_field(q), page=self.uri)[0]]
                for q in bank.questions
            ],
        }
        return f"window.courseBank = {embedded(data)};\n"


def _form(bank: Bank) -> str:
    return (
        f'<form class="quiz exam" data-quiz="{html.escape(bank.id)}" data-search-exclude'
        ' autocomplete="off"><noscript><p>Drawing a paper needs JavaScript.</p></noscript>'
        '<p class="exam-who"><label>Learner id <input type="text" name="learner" maxlength="64"'
        ' size="16" autocapitalize="off" spellcheck="false"></label> '
        '<label>Attempt <input type="text" inputmode="numeric" name="attempt" value="1" size="3">'
        '</label> <button type="submit" class="md-button">Show my paper</button></p>'
        '<p class="exam-said" role="status"></p><div class="exam-paper"></div>'
        '<p class="exam-actions" hidden><button type="button" class="md-button exam-save">'
        'Save my responses</button></p><p class="exam-saved" role="status"></p></form>'
    )


def _field(question: Asked) -> str:
    name = f"exam-{question.id}"
    code = code_block(getattr(question, "shown", ""), render_text)
    guide = hint(question.type, chosen=isinstance(question, AskedChoice))
    return (
        f'<fieldset class="quiz-question" data-question="{question.id}" data-type="{question.type}"'
        f' aria-labelledby="{name}-n {name}-prompt"><legend id="{name}-n"><h3>'
        '<span class="quiz-word">Question </span><span class="exam-number"></span></h3></legend>'
        f'<div class="quiz-prompt" id="{name}-prompt">{render_text(question.prompt)}{guide}</div>'
        f'{code}{_BODIES[type(question)](question, name)}<p class="exam-hint" role="status"></p>'
        "</fieldset>"
    )


def _choice(question: AskedChoice, name: str) -> str:
    kind = "checkbox" if question.type == "multiple" else "radio"
    options = question.options
    if question.type != "bug":
        options = _mixed(question.id, options)
    return "".join(
        f'<div class="quiz-option"><label><input type="{kind}" name="{name}" value="{option.id}">'
        f"<span>{option_text(question.type, option.text, render_text)}</span></label></div>"
        for option in options
    )


def _order(question: AskedOrder, name: str) -> str:
    places = [(str(n), str(n)) for n in range(1, len(question.items) + 1)]
    return "".join(
        '<div class="quiz-row quiz-step">'
        f"{select(f'{name}-{item.id}', item.id, places, f'Place of: {plain(item.text)}')}"
        f"<span>{inline(render_text(item.text))}</span></div>"
        for item in _mixed(question.id, question.items)
    )


def _match(question: AskedMatch, name: str) -> str:
    choices = [(item.id, plain(item.text)) for item in _mixed(question.id, question.rights)]
    return "".join(
        f'<div class="quiz-row quiz-pair"><span>{inline(render_text(left.text))}</span>'
        f"{select(f'{name}-{left.id}', left.id, choices, f'Belongs to {plain(left.text)}')}</div>"
        for left in question.lefts
    )


_BODIES: dict[type, Callable[[Any, str], str]] = {
    AskedChoice: _choice,
    AskedNumeric: lambda question, name: number_input(name, question.unit),
    AskedWritten: lambda question, name: text_input(name),
    AskedOrder: _order,
    AskedMatch: _match,
}


def _mixed(question_id: str, items: list[Item]) -> list[Item]:
    """An order of chance, whatever the order in the file may tell."""
    return sorted(items, key=lambda item: digest(question_id, item.id))

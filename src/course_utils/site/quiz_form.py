"""Practice quizzes as forms: plain HTML that quiz.js marks in the page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Any

from course_utils.quiz import Question, Quiz, QuizError
from course_utils.quiz.question import Choice, Match, Numeric, Option, Order, Written
from course_utils.quiz.text import plain
from course_utils.site.form_parts import (
    Render,
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

__all__ = ["render_form"]


def render_form(
    quiz: Quiz,
    *,
    questions: Sequence[str] | None = None,
    heading_level: int | None = None,
    render: Render = render_text,
) -> str:
    """The quiz, or those of its questions named by id, as one HTML form.

    With `heading_level`, a number from 1 to 6, the number of each question is a heading.

    Raises:
        QuizError: a name is no question of the quiz, or the quiz is graded: a page cannot keep
            its key secret.
    """
    if quiz.kind != "practice":
        raise QuizError(f"{quiz.place()}: a graded quiz cannot be marked in a page")
    chosen = quiz.questions if questions is None else [quiz.question(name) for name in questions]
    form = f"{quiz.id}{'' if questions is None else '-' + '-'.join(questions)}"
    slug = re.sub(r"[^a-z0-9-]+", "-", form)
    tag = "span" if heading_level is None else f"h{heading_level}"
    fields = [_field(q, _legend(n, tag), slug, render) for n, q in enumerate(chosen, 1)]
    data = {question.id: _data(question) for question in chosen}
    return (
        f'<form class="quiz" data-quiz="{html.escape(form)}" data-search-exclude'
        ' autocomplete="off"><p class="quiz-note">'
        "A practice quiz: it is marked in this page, and nothing leaves it.<noscript> Marking "
        "needs JavaScript; without it, each question’s answer folds open.</noscript></p>"
        f"{''.join(fields)}"
        '<p class="quiz-total"></p><p class="quiz-actions">'
        '<button type="button" class="md-button quiz-again">Start again</button></p>'
        f'<script type="application/json">{embedded(data)}</script></form>'
    )


def _legend(number: int, tag: str) -> str:
    return f'<{tag}><span class="quiz-word">Question </span>{number}</{tag}>'


def _field(question: Question, legend: str, slug: str, render: Render) -> str:
    name = f"{slug}-{question.id}"
    code = code_block(getattr(question, "shown", ""), render)
    guide = hint(question.type, chosen=isinstance(question, Choice))
    return (
        f'<fieldset class="quiz-question" data-question="{question.id}" data-type="{question.type}"'
        f' aria-labelledby="{name}-n {name}-prompt"><legend id="{name}-n">{legend}</legend>'
        f'<div class="quiz-prompt" id="{name}-prompt">{render(question.prompt)}{guide}'
        f"</div>{code}{_BODIES[type(question)](question, name, render)}"
        '<p class="quiz-actions"><button type="button" class="md-button">Check</button></p>'
        '<div class="quiz-result"></div>'
        f'<details class="quiz-key"><summary>Answer</summary>{_solution(question, render)}'
        f"{render(question.explain)}</details></fieldset>"
    )


def _choice_body(question: Choice, name: str, render: Render) -> str:
    kind = "checkbox" if question.type == "multiple" else "radio"
    options = (
        f'<div class="quiz-option" data-option="{option.id}">'
        f'<label><input type="{kind}" name="{name}" value="{option.id}">'
        f"<span>{option_text(question.type, option.text, render)}</span></label>"
        f"{_why(question.why_of(option), render)}</div>"
        for option in _mixed(question)
    )
    return "".join(options)


def _mixed(question: Choice) -> list[Option]:
    """The options in an order of chance, since authors tend to write the right one first."""
    if question.type == "bug":
        return question.options
    return sorted(question.options, key=lambda option: digest(question.id, option.id))


def _why(text: str, render: Render) -> str:
    """The explanation that a mark uncovers; the style sheet puts the mark's word before it."""
    return f'<div class="quiz-why" hidden>{inline(render(text))}</div>'


def _order_body(question: Order, name: str, render: Render) -> str:
    texts = {item.id: item.text for item in question.items}
    places = [(str(n), str(n)) for n in range(1, len(texts) + 1)]
    rows = (
        f'<div class="quiz-row quiz-step" data-option="{i}">'
        f"{select(f'{name}-{i}', i, places, f'Place of: {plain(texts[i])}')}"
        f"<span>{inline(render(texts[i]))}</span>{_why('', render)}</div>"
        for i in _shuffled(question.key)
    )
    return "".join(rows)


def _match_body(question: Match, name: str, render: Render) -> str:
    rights = {pair.id: plain(pair.right) for pair in question.pairs}
    choices = [(i, rights[i]) for i in _shuffled(list(rights))]
    rows = (
        f'<div class="quiz-row quiz-pair" data-option="{pair.id}">'
        f"<span>{inline(render(pair.left))}</span>"
        f"{select(f'{name}-{pair.id}', pair.id, choices, f'Belongs to {plain(pair.left)}')}"
        f"{_why(pair.why, render)}</div>"
        for pair in question.pairs
    )
    return "".join(rows)


def _numeric_body(question: Numeric, name: str, render: Render) -> str:
    return number_input(name, question.unit)


def _written_body(question: Written, name: str, render: Render) -> str:
    return text_input(name)


_BODIES: dict[type, Callable[[Any, str, Render], str]] = {
    Choice: _choice_body,
    Numeric: _numeric_body,
    Written: _written_body,
    Order: _order_body,
    Match: _match_body,
}


def _solution(question: Question, render: Render) -> str:
    """The key in words, for readers without JavaScript and for print."""
    if isinstance(question, Choice):
        texts = [option_text(question.type, o.text, render) for o in question.options if o.right]
    elif isinstance(question, Order):
        texts = [f"{n}. {inline(render(item.text))}" for n, item in enumerate(question.items, 1)]
    elif isinstance(question, Match):
        pairs = question.pairs
        texts = [f"{inline(render(p.left))} — {inline(render(p.right))}" for p in pairs]
    elif isinstance(question, Numeric):
        texts = [html.escape(f"{question.answer:g} {question.unit}".strip())]
    else:
        texts = [f"<code>{html.escape(question.key)}</code>"]
    return "".join(f'<p class="quiz-solution">{text}</p>' for text in texts)


def _data(question: Question) -> dict[str, Any]:
    """What quiz.js needs to mark the question."""
    if isinstance(question, Choice):
        return {"rule": "choice", "key": question.key, "of": len(question.options)}
    if isinstance(question, Numeric):
        return {"rule": "numeric", "key": question.answer, "margin": question.margin}
    if isinstance(question, Written):
        return {"rule": "written", "key": question.accepted, "cased": question.case_sensitive}
    return {"rule": question.type, "key": question.key}


def _shuffled(ids: list[str]) -> list[str]:
    """A fixed order that is not the given one."""
    order = sorted(ids, key=lambda i: digest(*ids, i))
    return order if order != ids else order[1:] + order[:1]

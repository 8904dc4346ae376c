"""Practice quizzes as forms: plain HTML that quiz.js marks in the page."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import markdown
import nh3

from course_utils.quiz import Question, Quiz
from course_utils.quiz.model import Choice, Match, Numeric, Order, Written

__all__ = ["render_form", "render_text"]

Render = Callable[[str], str]

_ALLOWED = {"p", "code", "pre", "em", "strong", "span", "div", "br", "ul", "ol", "li", "sub", "sup"}


def render_text(text: str) -> str:
    """Markdown as HTML with nothing in it but text, code and emphasis."""
    rendered = markdown.markdown(
        text,
        extensions=["pymdownx.superfences", "pymdownx.highlight"],
        extension_configs={"pymdownx.highlight": {"anchor_linenums": False}},
    )
    return nh3.clean(rendered, tags=_ALLOWED, attributes={"*": {"class"}}, link_rel=None)


def render_form(
    quiz: Quiz,
    *,
    questions: Sequence[str] | None = None,
    render: Render = render_text,
) -> str:
    """The quiz, or those of its questions named by id, as one HTML form.

    Raises:
        QuizError: a name is no question of the quiz.
    """
    chosen = quiz.questions if questions is None else [quiz.question(name) for name in questions]
    form = f"{quiz.id}{'' if questions is None else '-' + '-'.join(questions)}"
    slug = re.sub(r"[^a-z0-9-]+", "-", form)
    fields = [_field(q, n, slug, render) for n, q in enumerate(chosen, 1)]
    data = {question.id: _data(question, render) for question in chosen}
    return (
        f'<form class="quiz" data-quiz="{html.escape(form)}" data-search-exclude'
        ' autocomplete="off"><p class="quiz-note">'
        "A practice quiz: it is marked in this page, and nothing leaves it.</p>"
        f"{''.join(fields)}"
        '<p class="quiz-total" role="status"></p>'
        f'<script type="application/json">{_embedded(data)}</script></form>'
    )


def _field(question: Question, number: int, slug: str, render: Render) -> str:
    name = f"{slug}-{question.id}"
    body = _BODIES[type(question)](question, name, render)
    return (
        f'<fieldset class="quiz-question" data-question="{question.id}" data-type="{question.type}"'
        f' aria-labelledby="{name}-prompt">'
        f'<div class="quiz-prompt" id="{name}-prompt"><span class="quiz-number">{number}</span>'
        f"<div>{render(question.prompt)}{_hint(question)}</div></div>"
        f"{body}"
        '<p class="quiz-actions"><button type="submit" class="md-button">Check</button></p>'
        '<div class="quiz-result" role="status"></div>'
        f'<details class="quiz-key"><summary>Answer</summary>{_solution(question, render)}'
        f"{render(question.explain)}</details></fieldset>"
    )


def _hint(question: Question) -> str:
    hints = {
        "multiple": "Choose all that apply.",
        "order": "Give each its place, from 1.",
        "output": "Write what it prints.",
        "bug": "Choose the line with the fault.",
    }
    hint = hints.get(question.type)
    return f'<p class="quiz-hint">{hint}</p>' if hint else ""


def _choice_body(question: Choice, name: str, render: Render) -> str:
    kind = "checkbox" if question.type == "multiple" else "radio"
    options = (
        f'<div class="quiz-option"><label><input type="{kind}" name="{name}" value="{option.id}">'
        f"<span>{_option_text(question, option.text, render)}</span></label>"
        f'<div class="quiz-why" data-why="{option.id}"></div></div>'
        for option in question.options
    )
    return "".join(options)


def _option_text(question: Choice, text: str, render: Render) -> str:
    if question.type == "bug":
        return f'<code class="quiz-line">{html.escape(text)}</code>'
    return _inline(render(text))


def _numeric_body(question: Numeric, name: str, render: Render) -> str:
    unit = f" {html.escape(question.unit)}" if question.unit else ""
    return (
        f'<p><label>Your number: <input type="text" inputmode="decimal" name="{name}" size="10">'
        f"{unit}</label></p>"
    )


def _written_body(question: Written, name: str, render: Render) -> str:
    shown = render(f"```python\n{question.shown.rstrip()}\n```") if question.shown else ""
    return f'{shown}<p><label>Your answer: <input type="text" name="{name}" size="32"></label></p>'


def _order_body(question: Order, name: str, render: Render) -> str:
    texts = dict(zip(question.key, question.items, strict=True))
    places = [(str(n), str(n)) for n in range(1, len(texts) + 1)]
    rows = (
        '<div class="quiz-row">'
        f"{_select(f'{name}-{i}', i, places, f'Place of: {_plain(texts[i])}')}"
        f"<span>{_inline(render(texts[i]))}</span></div>"
        for i in _shuffled(question.key)
    )
    return "".join(rows)


def _match_body(question: Match, name: str, render: Render) -> str:
    rights = {pair.id: _plain(pair.right) for pair in question.pairs}
    choices = [(i, rights[i]) for i in _shuffled(list(rights))]
    rows = (
        f'<div class="quiz-row quiz-pair"><span>{_inline(render(pair.left))}</span>'
        f"{_select(f'{name}-{pair.id}', pair.id, choices, f'Belongs to {_plain(pair.left)}')}</div>"
        for pair in question.pairs
    )
    return "".join(rows)


_BODIES: dict[type, Callable[[Any, str, Render], str]] = {
    Choice: _choice_body,
    Numeric: _numeric_body,
    Written: _written_body,
    Order: _order_body,
    Match: _match_body,
}


def _select(name: str, part: str, choices: Sequence[tuple[str, str]], label: str) -> str:
    options = "".join(
        f'<option value="{html.escape(value)}">{html.escape(text)}</option>'
        for value, text in [("", "—"), *choices]
    )
    return (
        f'<select name="{name}" data-part="{part}" aria-label="{html.escape(label)}">'
        f"{options}</select>"
    )


def _solution(question: Question, render: Render) -> str:
    """The key in words, for readers without JavaScript and for print."""
    if isinstance(question, Choice):
        texts = [_option_text(question, o.text, render) for o in question.options if o.right]
    elif isinstance(question, Order):
        texts = [f"{n}. {_inline(render(item))}" for n, item in enumerate(question.items, 1)]
    elif isinstance(question, Match):
        pairs = question.pairs
        texts = [f"{_inline(render(p.left))} — {_inline(render(p.right))}" for p in pairs]
    elif isinstance(question, Numeric):
        texts = [html.escape(f"{question.answer:g} {question.unit}".strip())]
    else:
        texts = [f"<code>{html.escape(question.key)}</code>"]
    return "".join(f'<p class="quiz-solution">{text}</p>' for text in texts)


def _data(question: Question, render: Render) -> dict[str, Any]:
    """What quiz.js needs to mark the question."""
    if isinstance(question, Choice):
        whys = {option.id: _inline(render(option.why)) for option in question.options}
        return {"key": question.key, "why": whys}
    if isinstance(question, Numeric):
        return {"key": question.answer, "margin": question.margin}
    if isinstance(question, Written):
        return {"key": question.accepted, "case": question.case_sensitive}
    if isinstance(question, Match):
        whys = {pair.id: _inline(render(pair.why)) for pair in question.pairs if pair.why}
        return {"key": question.key, "why": whys}
    return {"key": question.key}


def _embedded(data: object) -> str:
    """JSON that no text can break out of."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _inline(rendered: str) -> str:
    match = re.fullmatch(r"\s*<p>((?:(?!</p>).)*)</p>\s*", rendered, re.DOTALL)
    return match[1] if match else rendered


def _plain(text: str) -> str:
    return text.replace("`", "").replace("*", "")


def _shuffled(ids: list[str]) -> list[str]:
    """A fixed order that is not the given one."""
    order = sorted(ids, key=lambda i: hashlib.sha256(f"{ids}{i}".encode()).hexdigest())
    return order if order != ids else order[1:] + order[:1]

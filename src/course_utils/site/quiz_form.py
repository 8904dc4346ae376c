"""Practice quizzes as forms: plain HTML that quiz.js marks in the page."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import nh3
from markdown import Markdown

from course_utils.quiz import Question, Quiz, QuizError
from course_utils.quiz.question import Choice, Match, Numeric, Option, Order, Written

__all__ = ["render_form", "render_text"]

Render = Callable[[str], str]

_ALLOWED = {"p", "code", "pre", "em", "strong", "span", "div", "br", "ul", "ol", "li", "sub", "sup"}


def render_text(text: str) -> str:
    """Markdown as HTML with nothing in it but text, code, emphasis and formulas.

    Tags in the text are text: a quiz on tokenisers may speak of <s> and <pad>. A formula becomes
    what `course_utils.site.maths` sets.
    """
    rendered = _markdown().reset().convert(text)
    return nh3.clean(rendered, tags=_ALLOWED, attributes={"*": {"class"}}, link_rel=None)


@cache
def _markdown() -> Markdown:
    made = Markdown(
        extensions=["pymdownx.superfences", "pymdownx.highlight", "pymdownx.arithmatex"],
        extension_configs={
            "pymdownx.highlight": {"anchor_linenums": False},
            "pymdownx.arithmatex": {"generic": True},
        },
    )
    made.preprocessors.deregister("html_block")
    made.inlinePatterns.deregister("html")
    return made


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
        f'<script type="application/json">{_embedded(data)}</script></form>'
    )


def _legend(number: int, tag: str) -> str:
    return f'<{tag}><span class="quiz-word">Question </span>{number}</{tag}>'


def _field(question: Question, legend: str, slug: str, render: Render) -> str:
    name = f"{slug}-{question.id}"
    shown = getattr(question, "shown", "")
    code = render(f"````python\n{shown.rstrip()}\n````") if shown else ""
    return (
        f'<fieldset class="quiz-question" data-question="{question.id}" data-type="{question.type}"'
        f' aria-labelledby="{name}-n {name}-prompt"><legend id="{name}-n">{legend}</legend>'
        f'<div class="quiz-prompt" id="{name}-prompt">{render(question.prompt)}{_hint(question)}'
        f"</div>{code}{_BODIES[type(question)](question, name, render)}"
        '<p class="quiz-actions"><button type="button" class="md-button">Check</button></p>'
        '<div class="quiz-result"></div>'
        f'<details class="quiz-key"><summary>Answer</summary>{_solution(question, render)}'
        f"{render(question.explain)}</details></fieldset>"
    )


def _hint(question: Question) -> str:
    hints = {
        "multiple": "Choose all that apply.",
        "order": "Give each its place, from 1.",
        "output": f"{'Choose' if isinstance(question, Choice) else 'Write'} what it prints.",
        "bug": "Choose the line with the fault.",
    }
    hint = hints.get(question.type)
    return f'<p class="quiz-hint">{hint}</p>' if hint else ""


def _choice_body(question: Choice, name: str, render: Render) -> str:
    kind = "checkbox" if question.type == "multiple" else "radio"
    options = (
        f'<div class="quiz-option" data-option="{option.id}">'
        f'<label><input type="{kind}" name="{name}" value="{option.id}">'
        f"<span>{_option_text(question, option.text, render)}</span></label>"
        f"{_why(question.why_of(option), render)}</div>"
        for option in _mixed(question)
    )
    return "".join(options)


def _mixed(question: Choice) -> list[Option]:
    """The options in an order of chance, since authors tend to write the right one first."""
    if question.type == "bug":
        return question.options
    return sorted(question.options, key=lambda option: _digest(question.id, option.id))


def _why(text: str, render: Render) -> str:
    """The explanation that a mark uncovers; the style sheet puts the mark's word before it."""
    return f'<div class="quiz-why" hidden>{_inline(render(text))}</div>'


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
    return (
        f'<p><label>Your answer: <input type="text" name="{name}" size="32" spellcheck="false"'
        ' autocapitalize="off"></label></p>'
    )


def _order_body(question: Order, name: str, render: Render) -> str:
    texts = {item.id: item.text for item in question.items}
    places = [(str(n), str(n)) for n in range(1, len(texts) + 1)]
    rows = (
        f'<div class="quiz-row quiz-step" data-option="{i}">'
        f"{_select(f'{name}-{i}', i, places, f'Place of: {_plain(texts[i])}')}"
        f"<span>{_inline(render(texts[i]))}</span>{_why('', render)}</div>"
        for i in _shuffled(question.key)
    )
    return "".join(rows)


def _match_body(question: Match, name: str, render: Render) -> str:
    rights = {pair.id: _plain(pair.right) for pair in question.pairs}
    choices = [(i, rights[i]) for i in _shuffled(list(rights))]
    rows = (
        f'<div class="quiz-row quiz-pair" data-option="{pair.id}">'
        f"<span>{_inline(render(pair.left))}</span>"
        f"{_select(f'{name}-{pair.id}', pair.id, choices, f'Belongs to {_plain(pair.left)}')}"
        f"{_why(pair.why, render)}</div>"
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
        texts = [f"{n}. {_inline(render(item.text))}" for n, item in enumerate(question.items, 1)]
    elif isinstance(question, Match):
        pairs = question.pairs
        texts = [f"{_inline(render(p.left))} — {_inline(render(p.right))}" for p in pairs]
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
    order = sorted(ids, key=lambda i: _digest(*ids, i))
    return order if order != ids else order[1:] + order[:1]


def _digest(*names: str) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()

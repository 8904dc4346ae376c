"""What the forms of practice and of graded quizzes are made of."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable, Sequence
from functools import cache

import nh3
from markdown import Markdown

__all__ = [
    "Render",
    "code_block",
    "digest",
    "embedded",
    "hint",
    "inline",
    "number_input",
    "option_text",
    "render_text",
    "select",
    "text_input",
]

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


def code_block(code: str, render: Render) -> str:
    """Python code, if there is any."""
    return render(f"````python\n{code.rstrip()}\n````") if code else ""


def hint(kind: str, *, chosen: bool) -> str:
    """What to do with a question of the type `kind`; `chosen` if it has options."""
    hints = {
        "multiple": "Choose all that apply.",
        "order": "Give each its place, from 1.",
        "output": f"{'Choose' if chosen else 'Write'} what it prints.",
        "bug": "Choose the line with the fault.",
    }
    text = hints.get(kind)
    return f'<p class="quiz-hint">{text}</p>' if text else ""


def option_text(kind: str, text: str, render: Render) -> str:
    """An option's text; of a bug, a line of code."""
    if kind == "bug":
        return f'<code class="quiz-line">{html.escape(text)}</code>'
    return inline(render(text))


def number_input(name: str, unit: str) -> str:
    """The field for a number."""
    after = f" {html.escape(unit)}" if unit else ""
    return (
        f'<p><label>Your number: <input type="text" inputmode="decimal" name="{name}" size="10">'
        f"{after}</label></p>"
    )


def text_input(name: str) -> str:
    """The field for a short text."""
    return (
        f'<p><label>Your answer: <input type="text" name="{name}" size="32" spellcheck="false"'
        ' autocapitalize="off"></label></p>'
    )


def select(name: str, part: str, choices: Sequence[tuple[str, str]], label: str) -> str:
    """A list to choose from; `choices` are values with texts, `label` is read out."""
    options = "".join(
        f'<option value="{html.escape(value)}">{html.escape(text)}</option>'
        for value, text in [("", "—"), *choices]
    )
    return (
        f'<select name="{name}" data-part="{part}" aria-label="{html.escape(label)}">'
        f"{options}</select>"
    )


def embedded(data: object) -> str:
    """JSON that no text can break out of."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def inline(rendered: str) -> str:
    """HTML without the paragraph around it, if it is one paragraph."""
    match = re.fullmatch(r"\s*<p>((?:(?!</p>).)*)</p>\s*", rendered, re.DOTALL)
    return match[1] if match else rendered


def digest(*names: str) -> str:
    """A number of chance, always the same, for these names."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()

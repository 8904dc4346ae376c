"""The texts of a question as HTML, for other systems."""

from __future__ import annotations

from collections.abc import Callable

from course_utils.quiz.question import Choice, Match, Option, Question

__all__ = ["Render", "explanation", "option_html", "prompt"]

#: Turns Markdown into HTML.
Render = Callable[[str], str]


def prompt(question: Question, render: Render) -> str:
    """What is asked, the code shown, and the unit of the answer."""
    shown = getattr(question, "shown", "")
    unit = getattr(question, "unit", "")
    code = _code(shown, render) if shown else ""
    return render(question.prompt) + code + (render(f"In {unit}.") if unit else "")


def option_html(question: Choice, option: Option, render: Render) -> str:
    """An option; of a bug, a line of code."""
    return _code(option.text, render) if question.type == "bug" else render(option.text)


def explanation(question: Question, render: Render) -> str:
    """The explanation, with what is said of single pairs."""
    pairs = question.pairs if isinstance(question, Match) else []
    whys = [f"{pair.left}: {pair.why}" for pair in pairs if pair.why]
    return "".join(render(text) for text in [question.explain, *whys])


def _code(code: str, render: Render) -> str:
    return render(f"````python\n{code.rstrip()}\n````")

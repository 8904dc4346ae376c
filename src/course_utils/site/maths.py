"""Formulas set at build time: KaTeX runs here, so that a page needs no JavaScript for them.

The vendored KaTeX is npm's `katex`, its stylesheet cut down to the woff2 fonts.
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

from py_mini_racer import JSEvalException, MiniRacer

from course_utils.site.errors import SiteError

__all__ = ["render_formula", "set_maths"]

_KATEX = Path(__file__).parent / "assets" / "katex" / "katex.min.js"
#: What pymdownx.arithmatex (generic) makes of $…$ and $$…$$.
_SLOT = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?P<kind>[(\[])(?P<tex>.*?)\\[)\]]</(?P=tag)>',
    re.DOTALL,
)


def set_maths(content: str, *, page: str) -> tuple[str, int]:
    """Replace the formulas in a page's HTML; return the HTML and how many there were.

    Raises:
        SiteError: a formula is not TeX that KaTeX reads; the text names `page` and the formula.
    """

    def replace(match: re.Match[str]) -> str:
        tex = html.unescape(match["tex"]).strip()
        display = match["kind"] == "["
        try:
            formula = render_formula(tex, display=display)
        except JSEvalException as error:
            raise SiteError(f"{page}: the formula ${tex}$ is wrong: {_reason(error)}") from error
        tag = match["tag"]
        return f'<{tag} class="maths" data-search-exclude>{formula}</{tag}>'

    return _SLOT.subn(replace, content)


def render_formula(tex: str, *, display: bool) -> str:
    """Set one formula as HTML with MathML inside for screen readers."""
    options = {"displayMode": display, "throwOnError": True, "strict": "ignore"}
    return str(_engine().call("katex.renderToString", tex, options))


@cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    engine.eval(_KATEX.read_text(encoding="utf-8"))
    return engine


def _reason(error: JSEvalException) -> str:
    first = str(error).strip().splitlines()[0]
    return re.sub(r"^.*?ParseError: ", "", first)

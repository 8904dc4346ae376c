"""A code cell's outputs as HTML in which nothing that came from data can act."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

import nh3
from nbformat import NotebookNode

from course_utils.lesson import RESULTS_MIME

__all__ = ["escape", "image_of", "merge_streams", "output_html"]

#: Text outputs longer than this are cut to their head, the rest folds open.
LONG, HEAD = 36, 14

_TAGS = {
    *("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"),
    *("b", "i", "em", "strong", "code", "pre", "samp", "kbd", "mark", "small", "sub", "sup"),
    *("span", "div", "p", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd"),
}
_CELL = {"colspan", "rowspan", "scope"}
_ATTRIBUTES = {"th": _CELL, "td": _CELL, "span": {"title", "lang"}, "p": {"lang"}}
#: Classes that lesson code may use; course.css gives them colours for both schemes.
_CLASSES = {
    "span": {"token", *(f"token-{n}" for n in range(6))},
    "div": {"tokens"},
    "p": {"tokens"},
}
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CARRIAGE = re.compile(r"[^\n]*\r(?!\n)")
_TABLE = re.compile(r"<table.*?</table>", re.DOTALL)


def escape(text: str) -> str:
    """Escape `text` for HTML inside Markdown: neither tags, nor fences, nor blank lines survive.

    A blank line would end the HTML block and a fence would be read as code, so newlines that
    follow a newline, backticks and tildes become character references.
    """
    safe = html.escape(text, quote=False).replace("`", "&#96;").replace("~", "&#126;")
    return re.sub(r"\n(?=[ \t]*\n)", "&#10;", safe)


def merge_streams(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring pieces of one stream, which arrive in arbitrary cuts."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if output.output_type == "stream" and last is not None and last.get("name") == output.name:
            merged[-1] = NotebookNode({**last, "text": last.text + output.text})
        else:
            merged.append(output)
    return merged


def image_of(output: NotebookNode) -> tuple[str, str] | None:
    """The picture of an output as (MIME type, data), or None if it shows none."""
    data = output.get("data", {})
    for mime in ("image/svg+xml", "image/png"):
        if mime in data:
            return mime, str(data[mime])
    return None


def output_html(output: NotebookNode) -> str:
    """Render one output that is not a picture; empty where there is nothing to show."""
    if output.output_type == "stream":
        return _text(output.text, "nb-stderr" if output.name == "stderr" else "")
    if output.output_type == "error":
        return _error(output)
    return _data(output.get("data", {}))


def _data(data: dict[str, Any]) -> str:
    if RESULTS_MIME in data and "text/html" in data:
        # Made by course_utils.lesson, which escapes what it shows.
        return _wide(str(data["text/html"]))
    if "text/html" in data:
        return _wide(_clean(str(data["text/html"])))
    return _text(str(data.get("text/plain", "")))


def _clean(markup: str) -> str:
    safe = nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        link_rel=None,
    )
    return re.sub(r"\n\s*\n", "\n", safe).replace("`", "&#96;").replace("~", "&#126;")


def _wide(markup: str) -> str:
    """Let each table scroll sideways by itself."""
    markup = markup.replace("<table>", '<table class="nb-table">')
    return _TABLE.sub(lambda match: f'<div class="nb-scroll">{match[0]}</div>', markup.strip())


def _text(text: str, style: str = "") -> str:
    text = _CARRIAGE.sub("", _ANSI.sub("", text)).rstrip()
    if not text:
        return ""
    lines = text.split("\n")
    if len(lines) <= LONG:
        return _pre(lines, style)
    rest = len(lines) - HEAD
    return _pre(lines[:HEAD], style) + _fold(f"{rest} more lines", _pre(lines[HEAD:], style))


def _pre(lines: list[str], style: str) -> str:
    attribute = f' class="{style}"' if style else ""
    return f"<pre{attribute}>{escape(chr(10).join(lines))}</pre>"


def _error(output: NotebookNode) -> str:
    message = f"{output.ename}: {output.evalue}" if output.evalue else output.ename
    trace = [line for part in output.traceback for line in _ANSI.sub("", part).split("\n")]
    return _pre(message.split("\n"), "nb-error") + (
        _fold("Traceback", _pre(trace, "")) if trace else ""
    )


def _fold(summary: str, body: str) -> str:
    # Each tag on a line of its own: inside a fold of Markdown the parser asks for that.
    return f'\n<details class="nb-more">\n<summary>{summary}</summary>\n{body}\n</details>'

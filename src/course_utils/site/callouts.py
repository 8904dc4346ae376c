"""Material's call-outs (`!!! trap "…"`, `??? hint "…"`) in the form that Jupyter shows."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

__all__ = ["to_jupyter"]

_OPENING = re.compile(r'^(?P<mark>!!!|\?\?\?\+?) (?P<kind>[\w-]+)(?: "(?P<title>[^"]*)")?\s*$')


def to_jupyter(markdown: str) -> str:
    """Rewrite call-outs: fixed ones as quotes under a bold title, folded ones as `<details>`."""
    return "\n".join(_rewritten(markdown.split("\n")))


def _rewritten(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        match = _OPENING.match(lines[at])
        at += 1
        if match is None:
            yield lines[at - 1]
            continue
        end = _end_of_body(lines, at)
        body = to_jupyter(textwrap.dedent("\n".join(lines[at:end])).strip())
        title = match["title"] if match["title"] is not None else match["kind"].capitalize()
        yield from _folded(title, body) if match["mark"] != "!!!" else _quoted(title, body)
        at = end


def _end_of_body(lines: list[str], start: int) -> int:
    """Where the indented block that starts at `start` ends, trailing blank lines left out."""
    end = start
    for at in range(start, len(lines)):
        if lines[at].startswith("    "):
            end = at + 1
        elif lines[at].strip():
            break
    return end


def _quoted(title: str, body: str) -> Iterator[str]:
    yield f"> **{title}**"
    if body:
        yield ">"
        yield from (f"> {line}".rstrip() for line in body.split("\n"))


def _folded(title: str, body: str) -> Iterator[str]:
    yield from (f"<details><summary>{title}</summary>", "", body, "", "</details>")

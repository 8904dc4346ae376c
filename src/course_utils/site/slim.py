"""The HTML of a page without what no reader sees."""

from __future__ import annotations

import re

import minify_html

__all__ = ["slim"]

#: Names, punctuation, operators and white space: course.css gives them the colour of plain code.
_PLAIN = re.compile(r'<span class="(?:n|p|o|w)">([^<]*)</span>')


def slim(page: str) -> str:
    """Drop the markup of plain code and the white space that the templates leave."""
    return minify_html.minify(
        _PLAIN.sub(r"\1", page),
        keep_closing_tags=True,
        keep_html_and_head_opening_tags=True,
        minify_css=False,
        minify_js=False,
    )

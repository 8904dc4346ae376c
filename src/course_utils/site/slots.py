"""Places in a page's Markdown for finished HTML that Markdown must not touch."""

from __future__ import annotations

import re

__all__ = ["SLOT", "fill_slots"]

#: The place of the HTML with this number.
SLOT = '<div data-course-slot="{}"></div>'
_SLOT = re.compile(SLOT.format(r"(\d+)"))


def fill_slots(content: str, slots: list[str]) -> str:
    """Put the finished HTML into its places in a page's HTML."""
    return _SLOT.sub(lambda match: slots[int(match[1])], content)

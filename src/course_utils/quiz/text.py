"""Text as it is compared and as it is shown plain. quiz.js compares by the same rules."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["normal", "plain"]

#: What JavaScript and Python each call a space differs: here it is what either does.
_SPACE = re.compile(r"[\s\ufeff]+")
#: Phones write typographic quotes and dashes where code has plain ones.
_PLAIN = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


def normal(text: str, case_sensitive: bool = False) -> str:
    """`text` with single spaces and plain quotes, and in small letters unless case counts."""
    composed = unicodedata.normalize("NFC", text).translate(_PLAIN)
    words = _SPACE.sub(" ", composed).strip(" ")
    return words if case_sensitive else words.lower()


def plain(text: str) -> str:
    """Markdown for where no markup is possible."""
    return text.replace("`", "").replace("*", "")

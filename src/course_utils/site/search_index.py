"""The search index without what makes it large: the code of lessons."""

from __future__ import annotations

import json
import re

__all__ = ["without_code"]

_CODE = re.compile(r"\s*<pre>.*?</pre>", re.DOTALL)


def without_code(index: str) -> str:
    """Drop the code blocks from a search index; names in running text can still be found.

    Every visitor's browser loads the whole index, and half of it would be code.
    """
    found = json.loads(index)
    for entry in found["docs"]:
        entry["text"] = _CODE.sub("", entry["text"])
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))

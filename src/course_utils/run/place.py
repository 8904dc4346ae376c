"""Where in a lesson's source a cell stands, and what failed there, in one line."""

from __future__ import annotations

import re

__all__ = ["Places", "plain"]

_MARKER = re.compile(r"#\s*%%")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Places:
    """The cells of the percent script `text`, which messages call `file`."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.starts = [n for n, line in enumerate(_lines(text), 1) if _MARKER.match(line)]
        self.lines = _lines(text)

    def of(self, cell_index: int, line: int = 1) -> str:
        """The place of a cell's `line`, counted from 1, as file, line of the file, and cell."""
        if cell_index >= len(self.starts):
            return f"{self.file}: cell {cell_index + 1}"
        first = self.starts[cell_index]  # the marker: counted from 1, so also the next line's index
        while first < len(self.lines) and not self.lines[first].strip():
            first += 1
        return f"{self.file}:{first + line}: cell {cell_index + 1}"

    def locate(self, cell_index: int, name: str, value: str, traceback: object) -> str:
        """The failure of a cell in one line: place and error."""
        inside = re.search(r"Cell In\[\d+\], line (\d+)", plain(traceback))
        message = plain(value).strip().partition("\n")[0]
        return f"{self.of(cell_index, int(inside[1]) if inside else 1)}: {name}: {message}"


def _lines(text: str) -> list[str]:
    return text.split("\n")


def plain(text: object) -> str:
    """A text, or its lines, without colours."""
    return _COLOUR.sub("", "\n".join(text) if isinstance(text, list) else str(text))

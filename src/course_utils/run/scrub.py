"""Removes from outputs what differs between two runs of the same code, or tells of the machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

__all__ = ["PUBLIC_ENDPOINT", "Scrubber"]

#: The Hub's address as pages show it, whatever port it had.
PUBLIC_ENDPOINT = "http://127.0.0.1:8080"

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")
_CELL_FILE = re.compile(r"\S*/ipykernel_\d+/\d+\.py")
_PROGRESS = re.compile(r"^.*(?:\d+%\|.*\||\bit/s\b|\bs/it\b|examples/s).*$\n?", re.MULTILINE)
_FOLDER = re.compile(r"(?:/[\w.-]+)*/course-run-[\w.-]+/?")


class Scrubber:
    """Scrubs the outputs of one run, whose Hub is at `endpoint`."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def text(self, text: str) -> str:
        """`text` without the Hub's port, temporary paths, colours, addresses or progress bars."""
        text = text.replace(self.endpoint, PUBLIC_ENDPOINT)
        text = text.replace(self.endpoint.removeprefix("http://"), PUBLIC_ENDPOINT[7:])
        text = _FOLDER.sub("", _CELL_FILE.sub("<cell>", _ANSI.sub("", text)))
        return _ADDRESS.sub("at 0x…", _overwritten(text))

    def outputs(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        """Scrubbed outputs; streams that held nothing but progress are dropped."""
        scrubbed = [self._output(output) for output in outputs]
        return [o for o in scrubbed if o.output_type != "stream" or o.text.strip()]

    def _output(self, output: NotebookNode) -> NotebookNode:
        for key in ("text", "ename", "evalue", "traceback", "data"):
            if key in output:
                output[key] = _map_text(output[key], self.text)
        if output.output_type == "stream":
            output.text = _PROGRESS.sub("", output.text)
        return output


def _overwritten(text: str) -> str:
    """What a terminal shows in the end: a carriage return starts the line anew."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _map_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_text(item, change) for item in value]
    if isinstance(value, dict):
        return type(value)({key: _map_text(item, change) for key, item in value.items()})
    return value

"""Removes from outputs what differs between two runs of the same code, or tells of the machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

__all__ = ["PUBLIC_ENDPOINT", "Scrubber"]

#: The Hub's address as pages show it, whatever port it had.
PUBLIC_ENDPOINT = "http://127.0.0.1:8080"

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
#: The beginning of an absolute path, up to and with a separator.
_HEAD = r"(?<![\w/\\.+-])(?:[A-Za-z]:)?(?:[/\\][\w.+~-]+)*[/\\]"
_CELL_FILE = re.compile(_HEAD + r"ipykernel_\d+[/\\]\d+\.py")
_RUN_FOLDER = re.compile(_HEAD + r"course-run-\w+[/\\]?")
_PACKAGES = re.compile(_HEAD + r"(?=(?:site|dist)-packages[/\\])")
_TEMPORARY = re.compile(r"(?<=[/\\])tmp[a-z0-9_]{8}\b")
#: As tqdm draws them: "Map: 50%|█  | 1/2 [00:01<00:01, 2.1it/s]", "3 rows [00:00, ? rows/s]".
_PROGRESS = re.compile(r"^.*(?:\d%\|.*\||\[\d\d:\d\d(?::\d\d)?[<,].*/s\b.*\]).*$\n?", re.MULTILINE)
#: As the Trainer draws it above its table, with seconds that no two runs share.
_BAR = re.compile(r"<div>[^<]*<progress\b.*?</div>", re.DOTALL)


class Scrubber:
    """Scrubs the outputs of one run, whose Hub is at `endpoint`.

    Paths below one of `folders` are shown from there on; `folders` names those of this machine.
    """

    def __init__(self, endpoint: str, folders: Iterable[Path] = ()) -> None:
        self.replacements = {f"{folder}/": "" for folder in folders if folder != Path("/")}
        if endpoint:
            self.replacements[endpoint] = PUBLIC_ENDPOINT
            self.replacements[endpoint.partition("://")[2]] = PUBLIC_ENDPOINT.partition("://")[2]

    def text(self, text: str) -> str:
        """`text` without the Hub's port, paths of this machine, colours or addresses in memory."""
        for old, new in self.replacements.items():
            text = text.replace(old, new)
        text = _CELL_FILE.sub("<cell>", _COLOUR.sub("", text))
        text = _TEMPORARY.sub("tmp…", _RUN_FOLDER.sub("", _PACKAGES.sub("", text)))
        return _ADDRESS.sub("at 0x…", text)

    def outputs(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        """Scrubbed outputs; those that held nothing but progress are dropped."""
        return [o for o in map(self._output, _merged(outputs)) if not _is_empty(o)]

    def _output(self, output: NotebookNode) -> NotebookNode:
        for key in ("text", "ename", "evalue", "traceback"):
            if key in output:
                output[key] = _map_text(output[key], self.text)
        for kind, value in output.get("data", {}).items():
            if not kind.startswith("image/"):
                output.data[kind] = _map_text(value, self.text)
        if output.output_type == "stream":
            output.text = _PROGRESS.sub("", _overwritten(output.text))
        if "text/html" in output.get("data", {}):
            output.data["text/html"] = _map_text(output.data["text/html"], _without_bar)
        return output


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Between two other outputs, at most one text of each stream: where it was cut is chance."""
    merged: list[NotebookNode] = []
    for is_stream, group in groupby(outputs, lambda output: output.output_type == "stream"):
        if not is_stream:
            merged += group
            continue
        texts = {"stdout": "", "stderr": ""}
        for output in group:
            texts[output.name] += output.text
        merged += [
            nbformat.v4.new_output("stream", name=name, text=text)
            for name, text in texts.items()
            if text
        ]
    return merged


def _without_bar(html: str) -> str:
    return _BAR.sub("", html)


def _is_empty(output: NotebookNode) -> bool:
    if output.output_type == "stream":
        return not output.text.strip()
    return not "".join(output.get("data", {}).get("text/html", "-")).strip()


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

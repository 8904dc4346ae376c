"""Runs a submission and answers calls of its functions; whatever it says is only a claim."""

from __future__ import annotations

import json
import socket
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .frames import receive, send
from .values import ValueFaultError, dumps, loads

__all__ = ["serve"]

_REQUEST_LIMIT = 1 << 28
_TEXT_LIMIT = 500


def serve(line: socket.socket) -> None:
    """Answer the grader's requests, one at a time, until it hangs up."""
    module = types.ModuleType("submission")
    sys.modules["submission"] = module
    while True:
        try:
            request = json.loads(receive(line, _REQUEST_LIMIT))
        except EOFError:
            return
        send(line, _answer(module, request))


def _answer(module: types.ModuleType, request: dict[str, Any]) -> bytes:
    head: dict[str, object] = {"id": request["id"]}
    try:
        if request["op"] == "load":
            found: object = _load(module, request["cells"], request["files"])
        else:
            found = _call(module, request["name"], request["arguments"])
        body = dumps(found)
    except BaseException as error:
        head["error"] = _described(error)
        body = b"null"
    return json.dumps(head).encode() + b"\n" + body


def _load(module: types.ModuleType, cells: Sequence[str], files: dict[str, str]) -> object:
    """Put the submission's files into the working folder and run its cells in order.

    A cell that fails does not keep the next from running, as in a notebook: unfinished work
    still earns what works. Returns the first failure, if any.
    """
    _write(files)
    module.__dict__.update(display=lambda *_, **__: None)
    first = None
    for number, source in enumerate(cells, 1):
        try:
            exec(_compiled(source, f"cell {number}"), module.__dict__)  # noqa: S102
        except BaseException as error:
            where = f"cell {number}" if len(cells) > 1 else "the code"
            first = first or {"where": where, **_described(error)}
    return first


def _write(files: dict[str, str]) -> None:
    for name, data in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(bytes.fromhex(data))


def _compiled(source: str, name: str) -> types.CodeType:
    """The cell as code; its magics and shell lines are left out, as they make it no Python."""
    try:
        return compile(source, name, "exec")
    except SyntaxError:
        lines = source.splitlines()
        plain = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in lines]
        return compile("\n".join(plain), name, "exec")


def _call(module: types.ModuleType, name: str, arguments: Sequence[Any]) -> object:
    function = module.__dict__.get(name)
    if not callable(function):
        raise NameError(f"there is no function {name}")
    return function(*loads(json.dumps(arguments).encode()))


def _described(error: BaseException) -> dict[str, object]:
    """The error's type, text and line in the submission, as far as they can be had."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    if isinstance(error, ValueFaultError):
        text = f"the function returned {text}"
    line, trace = getattr(error, "lineno", None), error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("cell "):
            line = trace.tb_lineno
        trace = trace.tb_next
    return {"type": type(error).__name__[:100], "text": text[:_TEXT_LIMIT], "line": line}

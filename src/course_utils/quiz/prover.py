"""The process in which proofs run: reads them as JSON from its input, writes the faults found."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

from course_utils.quiz.text import normal


def faults(proofs: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Ids of questions whose proof does not hold, each with the reason."""
    for proof in proofs:
        fault = _fault_of_output(proof) if "prints" in proof else _fault_of_key(proof)
        if fault:
            yield proof["id"], fault


def _fault_of_key(proof: dict[str, Any]) -> str:
    error, _ = _execute(proof["code"], answer=proof["answer"])
    if error:
        return f"its code fails with the key: {error}"
    error, _ = _execute(proof["code"], answer=proof["wrong"])
    return "" if error else f"its code passes with {proof['wrong']!r} too: let it assert `answer`"


def _fault_of_output(proof: dict[str, Any]) -> str:
    error, printed = _execute(proof["code"])
    if error:
        return f"what it shows fails: {error}; give it `code` that proves the key"
    if normal(printed) in proof["prints"]:
        return ""
    return f"what it shows prints {normal(printed)!r}: accept that"


def _execute(code: str, **names: Any) -> tuple[str, str]:
    """Run `code`; returns the error in one line, with its line in the code, and what it printed."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "code", "exec"), {"__name__": "proof", **names})  # noqa: S102
    except Exception as error:
        reason = " ".join(str(error).split())
        return f"{type(error).__name__}{_line(error)}{': ' if reason else ''}{reason}", ""
    return "", printed.getvalue()


def _line(error: Exception) -> str:
    step, line = error.__traceback__, 0
    while step:
        if step.tb_frame.f_code.co_filename == "code":
            line = step.tb_lineno
        step = step.tb_next
    return f" in line {line} of it" if line else ""


if __name__ == "__main__":
    found = list(faults(json.load(sys.stdin)))
    sys.stdout.write("\n" + json.dumps(found))

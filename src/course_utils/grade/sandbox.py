"""The sandbox from outside: a warm template, and one worker in it for each submission."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import secrets
import select
import signal
import socket
import struct
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from course_utils.errors import CourseError
from course_utils.grade import watch
from course_utils.grade.inside import values
from course_utils.grade.inside.frames import FrameError, receive, send
from course_utils.grade.inside.template import SCRATCH, Limits
from course_utils.grade.record import Isolation

__all__ = [
    "CallError",
    "Sandbox",
    "SandboxError",
    "Setting",
    "Worker",
    "WorkerLostError",
    "best_isolation",
    "printable",
]

PACKAGE = Path(__file__).parent.parent
START_SECONDS = 600.0  # a busy machine imports torch slowly
FORK_SECONDS = 60.0
_CREDENTIALS = struct.Struct("3i")  # process, user, group

Reason = Literal["timeout", "memory", "crashed", "policy"]


class SandboxError(CourseError):
    """The sandbox itself cannot be had or broke; the text says why and what may help."""


class CallError(Exception):
    """The submission answered a call with an error, or with a value that may not cross."""


class WorkerLostError(Exception):
    """The submission's process is gone: it was too slow, too large, it died, or broke the rules."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason: Reason = reason
        self.why = why


@dataclass(frozen=True)
class Setting:
    """What a template is made for.

    `shown` are the paths outside and inside the sandbox that a submission may read, beside
    Python and its packages; `warm` the modules imported before any submission is read.
    """

    isolation: Isolation
    limits: Limits
    warm: tuple[str, ...] = ()
    shown: tuple[tuple[Path, str], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Sandbox:
    """Starts workers, from any thread; close it when done.

    With namespaces all workers are forked from one warm template. With Landlock, which hides no
    process from another, each has a fresh process of its own.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._lock = threading.Lock()
        self._template = _Template(setting) if setting.isolation == "namespaces" else None

    def worker(self, reply_bytes: int) -> Worker:
        """A new worker, shut in and waiting for its submission.

        Raises:
            SandboxError: it could not be started.
        """
        if self._template is None:
            own = _Template(self.setting)
            return Worker(own.fork(), self.setting.limits.memory, reply_bytes, own)
        with self._lock:
            try:
                lines = self._template.fork()
            except SandboxError:
                self._template.close()
                self._template = _Template(self.setting)
                lines = self._template.fork()
        return Worker(lines, self.setting.limits.memory, reply_bytes)

    def close(self) -> None:
        """End the template and every worker."""
        if self._template is not None:
            self._template.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Template:
    """The process from which workers are forked."""

    def __init__(self, setting: Setting) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        plan = json.dumps(_plan(setting))
        start = (  # the folder's other modules must not stand in for libraries of their names
            "import sys; sys.path.append(sys.argv[1]); from inside.template import main; "
            "sys.path.remove(sys.argv[1]); main(int(sys.argv[2]), sys.argv[3])"
        )
        arguments = [str(PACKAGE / "grade"), str(theirs.fileno()), plan]
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-s", "-P", "-c", start, *arguments],
            env=_environment(setting),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            cwd="/",
        )
        theirs.close()
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def _wait_until_ready(self) -> None:
        self._control.settimeout(START_SECONDS)
        try:
            answer = json.loads(self._control.recv(1 << 16) or b'{"error": "it died at its start"}')
        except TimeoutError:
            answer = {"error": f"it was not ready after {START_SECONDS:.0f} s"}
        if "error" in answer:
            raise SandboxError(f"the sandbox cannot be set up: {answer['error']}")

    def fork(self) -> tuple[socket.socket, int]:
        """Have a worker forked: the line to it, and where its end will be reported."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        report, reported = os.pipe()
        try:
            socket.send_fds(self._control, [b"fork"], [theirs.fileno(), reported])
        except OSError as error:
            ours.close()
            os.close(report)
            raise SandboxError(f"the sandbox's template is gone ({error.strerror})") from error
        finally:
            theirs.close()
            os.close(reported)
        return ours, report

    def close(self) -> None:
        """Hang up, at which the template ends; kill it where it does not."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Worker:
    """One submission's process, asked for values; nothing it says is more than a claim.

    Calls are answered one at a time. After `WorkerLostError` it is of no further use. `spent`
    is the time in seconds that its answers took, without what a busy machine added.
    """

    def __init__(
        self,
        lines: tuple[socket.socket, int],
        memory: int,
        reply_bytes: int,
        own: _Template | None = None,
    ) -> None:
        self._line, self._report = lines
        self._own = own
        self._reply_bytes = reply_bytes
        self._lost: WorkerLostError | None = None
        self.spent = 0.0
        try:
            self._handle = self._greeted()
        except BaseException:
            self._hang_up()
            raise
        self._watch = watch.Watch(self._handle, memory)

    def load(self, cells: Sequence[str], files: Mapping[str, bytes], seconds: float) -> str:
        """Have the submission run its cells; returns its first error in words, or nothing.

        Raises:
            WorkerLostError: it did not come back from that.
        """
        carried = {name: data.hex() for name, data in files.items()}
        try:
            first = self._ask({"op": "load", "cells": list(cells), "files": carried}, seconds)
        except CallError as error:
            return str(error)
        return _in_words(first) if isinstance(first, dict) else ""

    def call(self, name: str, arguments: Sequence[Any], seconds: float) -> Any:
        """What the submission's function `name` returns for plain `arguments`.

        Raises:
            CallError: it raised, or returned what may not cross.
            WorkerLostError: it did not answer.
        """
        plain = json.loads(values.dumps(list(arguments)))
        return self._ask({"op": "call", "name": name, "arguments": plain}, seconds)

    def close(self) -> None:
        """Kill what is left of the submission, and wait until nothing is."""
        self._watch.stop()
        self._handle.kill()
        self._ended(FORK_SECONDS)
        self._handle.close()
        self._hang_up()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _greeted(self) -> watch.Handle:
        """Wait until the worker is shut in; the kernel vouches for the process that says so."""
        self._line.settimeout(FORK_SECONDS)
        try:
            head, extra, _, _ = self._line.recvmsg(4, socket.CMSG_SPACE(_CREDENTIALS.size))
            length = int.from_bytes(head, "big")
            message = json.loads(self._line.recv(length, socket.MSG_WAITALL) if length else b"")
        except (OSError, ValueError) as error:
            said = self._ended(1.0).get("error", type(error).__name__)
            raise SandboxError(f"a submission's sandbox cannot be set up: {said}") from None
        if "error" in message:
            raise SandboxError(f"a submission's sandbox cannot be set up: {message['error']}")
        kernel_says = next(data for _, kind, data in extra if kind == socket.SCM_CREDENTIALS)
        pid, _, _ = _CREDENTIALS.unpack(kernel_says)
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        return watch.Handle(pid)

    def _ask(self, request: dict[str, Any], seconds: float) -> Any:
        if self._lost is not None:
            raise self._lost
        number = secrets.token_hex(16)
        patience = watch.Patience(self._handle, seconds)
        try:
            self._line.settimeout(seconds * watch.LONGEST)
            send(self._line, json.dumps({"id": number, **request}).encode())
            payload = receive(self._line, self._reply_bytes, patience.left)
        except TimeoutError:
            raise self._loss("timeout", f"no answer within {seconds:.0f} s") from None
        except FrameError as error:
            raise self._loss("policy", str(error)) from None
        except (EOFError, OSError):
            raise self._loss("crashed", "") from None
        finally:
            self.spent += patience.spent()
        return self._checked(payload, number)

    def _checked(self, payload: bytes, number: str) -> Any:
        """The reply's value, if it is the one reply to this request."""
        head, _, body = payload.partition(b"\n")
        try:
            said = json.loads(head)
            fits = isinstance(said, dict) and said.get("id") == number
        except (ValueError, RecursionError):
            fits = False
        if not fits:
            raise self._loss("policy", "it wrote on the grader's line itself")
        if "error" in said:
            raise CallError(_in_words(said["error"]))
        try:
            return values.loads(body)
        except values.ValueFaultError as error:
            raise CallError(f"it returned {error}") from None

    def _loss(self, reason: Reason, why: str) -> WorkerLostError:
        """End the worker and say what became of it; running out of memory goes before all else."""
        ended = self._ended(1.0) if reason == "crashed" else {}
        if self._watch.exceeded:
            reason, why = "memory", f"it used more memory than {self._watch.limit / 1e9:g} GB"
        elif reason == "crashed":
            why = _end_in_words(ended)
        self._lost = WorkerLostError(reason, why)
        self._handle.kill()
        return self._lost

    def _ended(self, seconds: float) -> dict[str, Any]:
        """The report of the worker's end, once it is there; empty if it does not come."""
        if self._report < 0 or not select.select([self._report], [], [], seconds)[0]:
            return {}
        data = os.read(self._report, 4096)
        os.close(self._report)
        self._report = -1
        return dict(json.loads(data)) if data else {}

    def _hang_up(self) -> None:
        self._line.close()
        if self._report >= 0:
            os.close(self._report)
            self._report = -1
        if self._own is not None:
            self._own.close()


@functools.cache
def best_isolation() -> tuple[Isolation, str]:
    """The strongest isolation that works here, and why no stronger one does."""
    why = "only Linux has a sandbox" if sys.platform != "linux" else ""
    limits = Limits(memory=1 << 28, disk=1 << 20, cpu_seconds=10, processes=16)
    levels: tuple[Isolation, ...] = get_args(Isolation)
    for level in levels[:2] if not why else ():
        try:
            with Sandbox(Setting(level, limits)) as sandbox, sandbox.worker(1 << 10) as worker:
                worker.load(["def works(): return True"], {}, 5)
                if worker.call("works", [], 5) is True:
                    return level, why
        except (SandboxError, CallError, WorkerLostError) as error:
            why = why or str(error)
    return "none", why


def _plan(setting: Setting) -> dict[str, object]:
    return {
        "level": setting.isolation,
        "shown": [[str(a), b] for a, b in (*_python_paths(), *setting.shown)],
        "hidden": [str(p) for p in _installed_copies()],
        "warm": list(setting.warm),
        "lesson": (PACKAGE / "lesson.py").read_text("utf-8"),
        "limits": asdict(setting.limits),
    }


def _python_paths() -> list[tuple[Path, str]]:
    """Python's own library, the installed packages, and the system's shared libraries."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = [Path(sysconfig.get_path(name)) for name in names]
    found += [Path(name) for name in ("/usr/lib", "/usr/lib64", "/lib", "/lib64")]
    chosen: list[Path] = []
    for path in sorted(dict.fromkeys(found)):
        if path.exists() and not any(path.is_relative_to(p) for p in chosen if not p.is_symlink()):
            chosen.append(path)
    return [(path, str(path)) for path in chosen]


def _installed_copies() -> list[Path]:
    """Where this package lies among the packages shown: it is covered there."""
    places = [Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")]
    places.append(Path(sysconfig.get_path("stdlib"), "site-packages"))
    return sorted({place / "course_utils" for place in places if (place / "course_utils").is_dir()})


def _environment(setting: Setting) -> dict[str, str]:
    """Nothing of the grader's own environment, which may hold secrets."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": SCRATCH,
        "TMPDIR": SCRATCH,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "CUDA_VISIBLE_DEVICES": "",
        "HF_HUB_OFFLINE": "1",
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **setting.environment,
    }


def _in_words(said: object) -> str:
    """An error as the submission told it: capped, in one line, only printable."""
    if not isinstance(said, dict):
        return "an error that it could not name"
    place, kind, text = (_text(said.get(name)) for name in ("where", "type", "text"))
    line = said.get("line")
    at = f"line {line}" if type(line) is int and 0 < line < 1 << 31 else ""
    return printable(f"{', '.join(filter(None, (place, at)))}: {kind}: {text}").strip(": ")


def _text(said: object) -> str:
    return said[:500] if isinstance(said, str) else ""


def printable(text: str) -> str:
    """The text in one line, without what could not be shown or stored."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def _end_in_words(ended: Mapping[str, Any]) -> str:
    code = ended.get("ended")
    if type(code) is int and code < 0:
        with contextlib.suppress(ValueError):
            return f"its process was ended by {signal.Signals(-code).name}"
    return "its process ended by itself"

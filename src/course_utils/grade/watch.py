"""Watching the processes of one submission from outside: their memory, and their end."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
import time
from pathlib import Path

__all__ = ["Handle", "Patience", "Watch"]

INTERVAL = 0.05  # seconds
LONGEST = 10
FEW = 4  # processes of its own that a submission may need
PAGE = resource.getpagesize()


class Handle:
    """A process that cannot be mistaken for a later one of the same number."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)

    def kill(self) -> None:
        """End it, and with it all processes of its PID namespace; no matter if it is gone."""
        if self._descriptor >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)
        self._descriptor = -1

    def kept_waiting(self) -> float:
        """Seconds in which the process could have run and the machine was busy with others."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text("ascii").split()[1]) / 1e9
        except (OSError, IndexError):
            return 0.0

    def crowded(self) -> bool:
        """Whether it has so many processes that they may be what keeps it waiting."""
        return len(_tree(self.pid)) > FEW

    def memory(self, enough: int) -> int:
        """Bytes that the process and its descendants occupy, a page they share counted once.

        While even counting shared pages for each of them gives no more than `enough`, that
        larger number will do, which is quick to have.
        """
        tree = _tree(self.pid)
        resident = sum(_resident(pid) for pid in tree)
        return resident if resident <= enough else sum(_proportional(pid) for pid in tree)


class Patience:
    """How long an answer may take: the time in which a busy machine kept it waiting is not counted.

    A submission that keeps itself waiting gains `LONGEST` times, and with many processes nothing.
    """

    def __init__(self, handle: Handle, seconds: float) -> None:
        self._handle = handle
        self._seconds = seconds
        self._started = time.monotonic()
        self._waited = handle.kept_waiting()

    def spent(self) -> float:
        """Seconds used up since the beginning."""
        elapsed = time.monotonic() - self._started
        if self._handle.crowded():
            return elapsed
        waited = min(elapsed, max(0.0, self._handle.kept_waiting() - self._waited))
        return max(elapsed - waited, elapsed / LONGEST)

    def left(self) -> float:
        """Seconds that are left; they may be more when they are over."""
        return self._seconds - self.spent()


class Watch:
    """Kills a process that, with its descendants, occupies more than `limit` bytes."""

    def __init__(self, handle: Handle, limit: int) -> None:
        self.limit = limit
        self.exceeded = False
        self._handle = handle
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(INTERVAL):
            if self._handle.memory(self.limit) > self.limit:
                self.exceeded = True
                self._handle.kill()
                return


def _tree(root: int) -> list[int]:
    """The process and all its descendants, as far as they are there."""
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                todo += [int(child) for child in (thread / "children").read_text("ascii").split()]
    return found


def _resident(pid: int) -> int:
    """Bytes of the process that are in memory; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE
    except OSError:
        return 0


def _proportional(pid: int) -> int:
    """The process's share of its pages (PSS), in bytes; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except PermissionError:
        return _resident(pid)
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

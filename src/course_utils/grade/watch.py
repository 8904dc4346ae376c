"""Watching the processes of one submission from outside: their memory, and their end."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path

import psutil

__all__ = ["Handle", "Watch"]

INTERVAL = 0.05


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

    def memory(self) -> int:
        """Bytes that the process and its descendants occupy, a page they share counted once."""
        try:
            root = psutil.Process(self.pid)
            tree = [root.pid, *(child.pid for child in root.children(recursive=True))]
        except psutil.NoSuchProcess:
            return 0
        return sum(_proportional(pid) for pid in tree)


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
            if self._handle.memory() > self.limit:
                self.exceeded = True
                self._handle.kill()
                return


def _proportional(pid: int) -> int:
    """The process's share of its pages (PSS), in bytes; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except (ProcessLookupError, FileNotFoundError):
        return 0
    except PermissionError:
        return _resident(pid)
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
    return sum(kilobytes) * 1024


def _resident(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0

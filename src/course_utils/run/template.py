"""The warm template: a process that has imported the libraries, and forks a kernel per lesson.

It only imports: a parent that has run a multi-threaded torch operation makes its children hang.
No GPU is visible to it, since peft brings in bitsandbytes, which asks for one. Each connection to
its socket is one kernel: a JSON line asks for it, closing the connection ends it.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from typing import Any

IMPORTS = (
    "torch",
    "transformers.trainer",
    "transformers.trainer_seq2seq",
    "transformers.pipelines",
    "transformers.models.auto",
    "transformers.models.bert",
    "peft",
    "datasets",
    "evaluate",
    "sklearn.linear_model",
    "sklearn.feature_extraction",
    "seqeval.metrics",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "pandas",
    "ipykernel.kernelapp",
)


def main(path: str) -> None:
    """Listen on the Unix socket `path` until standard input closes."""
    for name in IMPORTS:
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        Template(listener).serve()


class Template:
    """The kernels that are alive, each with the connection that asked for it."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.pid = os.getpid()
        self.kernels: dict[socket.socket, int] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin, selectors.EVENT_READ)
        self.selector.register(listener, selectors.EVENT_READ)

    def serve(self) -> None:
        """Answer until the parent, which holds our standard input, is gone."""
        while True:
            for key, _ in self.selector.select(timeout=0.1):
                if key.fileobj is sys.stdin:
                    return self.end_all()
                if key.fileobj is self.listener:
                    self.accept()
                else:
                    self.hear(key.fileobj)  # type: ignore[arg-type]
            self.reap()

    def accept(self) -> None:
        """Fork the kernel that a new connection asks for."""
        connection, _ = self.listener.accept()
        with connection.makefile("r") as stream:
            line = stream.readline()
        if not line.endswith("\n"):  # it was killed before it could ask
            connection.close()
            return
        pid = os.fork()
        if pid == 0:
            self.become_kernel(json.loads(line), connection)
        self.kernels[connection] = pid
        self.selector.register(connection, selectors.EVENT_READ)

    def hear(self, connection: socket.socket) -> None:
        """A byte is an interrupt, the end of the stream ends the kernel."""
        byte = connection.recv(1)
        pid = self.kernels[connection]
        _signal_group(pid, signal.SIGINT if byte else signal.SIGKILL)
        if not byte:
            os.waitpid(pid, 0)
            self.forget(connection)

    def reap(self) -> None:
        """Tell the connections of kernels that ended, by closing them."""
        for connection, pid in list(self.kernels.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)  # what the lesson may have left running
                self.forget(connection)

    def forget(self, connection: socket.socket) -> None:
        """Close a connection and drop its kernel."""
        self.selector.unregister(connection)
        del self.kernels[connection]
        connection.close()

    def end_all(self) -> None:
        """Kill every kernel, and what it started."""
        for pid in self.kernels.values():
            _signal_group(pid, signal.SIGKILL)

    def become_kernel(self, request: dict[str, Any], own: socket.socket) -> None:
        """In the forked child: take the folder and environment asked for, and be a kernel."""
        status = 1
        try:
            os.setsid()
            self.die_together()
            # An end of another's connection held here would keep that one from closing.
            for connection in (own, self.listener, *self.kernels):
                connection.close()
            self.selector.close()
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            os.dup2(nothing, 1)  # nobody reads our standard output: a full pipe would block
            os.environ.clear()
            os.environ.update(request["environment"])
            os.chdir(request["folder"])
            sys.argv = ["ipykernel_launcher"]
            from ipykernel.kernelapp import IPKernelApp

            IPKernelApp.launch_instance(request["arguments"])
            status = 0
        finally:
            os._exit(status)

    def die_together(self) -> None:
        """In the child: end when the template ends, however it ends."""
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
        if os.getppid() != self.pid:
            os._exit(1)


def _signal_group(pid: int, number: int) -> None:
    """Signal a kernel and its children; one that has no group of its own yet, alone."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        os.kill(pid, number)


if __name__ == "__main__":
    main(sys.argv[1])

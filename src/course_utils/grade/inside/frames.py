"""Messages over a stream socket: four bytes of length, then that many bytes."""

from __future__ import annotations

import socket
from collections.abc import Callable

__all__ = ["FrameError", "receive", "send"]

_PREFIX = 4


class FrameError(Exception):
    """The other side closed the line, or broke the rules of the exchange."""


def send(line: socket.socket, payload: bytes) -> None:
    """Write one frame; blocks as the socket's timeout allows."""
    line.sendall(len(payload).to_bytes(_PREFIX, "big") + payload)


def receive(line: socket.socket, limit: int, left: Callable[[], float] | None = None) -> bytes:
    """Read one frame of at most `limit` bytes; `left` says how many seconds it may still take.

    Raises:
        TimeoutError: none are left.
        FrameError: the frame is longer than `limit`.
        EOFError: the other side is gone.
    """
    length = int.from_bytes(_exactly(line, _PREFIX, left), "big")
    if length > limit:
        raise FrameError(f"a reply of more than {limit:,} bytes")
    return _exactly(line, length, left)


def _exactly(line: socket.socket, count: int, left: Callable[[], float] | None) -> bytes:
    chunks: list[bytes] = []
    while count:
        if left is not None:
            seconds = left()
            if seconds <= 0:
                raise TimeoutError
            line.settimeout(seconds)
        try:
            chunk = line.recv(min(count, 1 << 20))
        except TimeoutError:
            continue  # there may be more left by now
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        count -= len(chunk)
    return b"".join(chunks)

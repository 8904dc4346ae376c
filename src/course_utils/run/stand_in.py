"""Stands in for a kernel process that was forked elsewhere: it lives and dies with that kernel.

Run as a plain script without site-packages, so that it starts in some 20 ms. It asks the template
for a kernel, passes interrupts on, and exits when the kernel's connection closes.
"""

import json
import os
import signal
import socket
import sys


def main(path: str, *arguments: str) -> None:
    """Ask the template at the socket `path` for a kernel, and wait for its end."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    signal.signal(signal.SIGINT, lambda *_: connection.send(b"i"))
    request = {
        "arguments": arguments,
        "folder": os.getcwd(),  # noqa: PTH109 - pathlib costs a third of the start
        "environment": dict(os.environ),
    }
    connection.sendall(json.dumps(request).encode() + b"\n")
    connection.recv(1)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""``python -m course_utils.hub``: the Hub as a child process, which ends when its stdin closes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.hub.alias import parse_aliases
from course_utils.hub.server import serve


def _announce(endpoint: str) -> None:
    sys.stdout.write(endpoint + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the parent goes; an error is one line on standard error."""
    parser = argparse.ArgumentParser(prog="python -m course_utils.hub", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--root", type=Path, action="append")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--alias", action="append", default=[])
    options = parser.parse_args()
    try:
        aliases = parse_aliases(options.alias)
        settings = (options.root, options.port, options.data, aliases)
        serve(*settings, ready=_announce, until_stdin_closes=True)
    except CourseError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

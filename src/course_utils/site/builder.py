"""Building the site, and serving it while lessons are being written."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course_utils.site.errors import SiteError

__all__ = ["BuildReport", "build", "serve"]


@dataclass(frozen=True)
class BuildReport:
    """A finished build: its folder, the number of HTML pages and the seconds it took."""

    folder: Path
    pages: int
    seconds: float


def build(root: Path) -> BuildReport:
    """Build the site of the course at `root` into ``site/``.

    The build is strict, and goes to a folder of its own that takes the place of ``site/`` only
    when all is done: a failed build leaves the old site as it was.

    Raises:
        CourseError: a lesson is not executed, a link leads nowhere, a folder cannot be written.
    """
    started = time.perf_counter()
    target = root / "site"
    try:
        scratch = Path(tempfile.mkdtemp(prefix=".site-", dir=root))
        try:
            _mkdocs_build(root, scratch)
            scratch.chmod(0o755)
            _swap(scratch, target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise SiteError(
            f"{error.filename or target}: {error.strerror or error}: "
            "make room or make the folder writable"
        ) from error
    pages = sum(1 for _ in target.rglob("*.html"))
    return BuildReport(target, pages, time.perf_counter() - started)


def serve(root: Path, port: int = 8000) -> None:
    """Serve the site on 127.0.0.1, rebuilt whenever a source or an executed notebook changes.

    Returns when interrupted.

    Raises:
        CourseError: the port is taken, or the first build fails.
    """
    _check_free(port)
    address = f"127.0.0.1:{port}"
    os.environ.setdefault("SITE_URL", f"http://{address}/")
    from mkdocs.commands.serve import serve as mkdocs_serve

    names = ("lessons", "quizzes", "assignments", "rubrics", "build/notebooks", "results")
    present = [str(root / name) for name in names if (root / name).is_dir()]
    # What goes wrong in a rebuild is told while the server runs on.
    logging.getLogger("mkdocs").addHandler(logging.StreamHandler())
    with _one_line_errors():
        mkdocs_serve(
            str(root / "mkdocs.yml"), livereload=True, watch=present, dev_addr=address, strict=False
        )


def _mkdocs_build(root: Path, folder: Path) -> None:
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config

    with _one_line_errors():
        config = load_config(str(root / "mkdocs.yml"), site_dir=str(folder), strict=True)
        config.plugins.on_startup(command="build", dirty=False)
        mkdocs_build(config)
        config.plugins.on_shutdown()


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Turn MkDocs's exceptions and logged warnings into one SiteError."""
    # Material's notice about its end of life is for us, not for those who build the site.
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    from mkdocs.exceptions import MkDocsException

    heard = _Heard()
    logger = logging.getLogger("mkdocs")
    logger.addHandler(heard)
    try:
        yield
    except (MkDocsException, SystemExit) as error:
        if isinstance(error, SystemExit) and not heard.messages:
            raise
        raise SiteError(_summary(heard.messages or [str(error)])) from error
    finally:
        logger.removeHandler(heard)


class _Heard(logging.Handler):
    """Collects what MkDocs warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(" ".join(record.getMessage().split()))


def _summary(messages: list[str]) -> str:
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return f"the site was not built: {messages[0]}{more}"


def _swap(new: Path, target: Path) -> None:
    old = new.with_name(new.name + "-old")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SiteError(
                f"127.0.0.1:{port}: {error.strerror}: stop what uses the port, "
                "or name another one with --port"
            ) from error

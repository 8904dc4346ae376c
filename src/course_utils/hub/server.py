"""Starting and stopping the Hub: on loopback, on any free port, in a process of its own."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import platformdirs

from course_utils import world
from course_utils.errors import CourseError
from course_utils.hub.alias import Aliases
from course_utils.hub.store import KINDS, Store

__all__ = [
    "RunningHub",
    "checkpoint_folder",
    "default_roots",
    "launch",
    "list_repos",
    "serve",
    "start",
]

HOST = "127.0.0.1"
PACKAGED = Path(__file__).with_name("repos")
START_TIMEOUT = 300.0  # seconds; the first start also generates the world


def default_roots() -> list[Path]:
    """The folders of the pocket Hub: packaged models and metrics, and the generated datasets."""
    return [PACKAGED, world.ensure()]


def checkpoint_folder(name: str) -> Path:
    """Where the package keeps the pocket checkpoint `name`."""
    return PACKAGED / "models" / "pocket" / name


def learner_folder() -> Path:
    """Where a learner's own repositories are kept: ``COURSE_DATA``, else the user's data folder."""
    chosen = os.environ.get("COURSE_DATA")
    return Path(chosen) if chosen else platformdirs.user_data_path("course-utils") / "hub"


def list_repos(roots: Sequence[Path] | None = None) -> list[dict[str, object]]:
    """Describe every repository: kind, id, sha, number of files, size in bytes, summary."""
    store = Store.over(roots or default_roots())
    return [repo.describe() for kind in KINDS for repo in store.repos(kind)]


def serve(
    roots: Sequence[Path] | None = None,
    port: int = 0,
    data: Path | None = None,
    aliases: Mapping[str, str] | None = None,
    *,
    ready: Callable[[str], None],
    until_stdin_closes: bool = False,
) -> None:
    """Serve in this process until interrupted; `ready` is called with the endpoint.

    What is written goes to the folder `data`, or is forgotten when the Hub ends. `aliases` are
    other ids, under which repositories are served too.

    Raises:
        CourseError: the port is in use, or a root is missing.
    """
    import uvicorn

    from course_utils.hub.app import make_app
    from course_utils.hub.overlay import Overlays

    store = Store.over(roots or default_roots())
    if aliases:
        store = store.under(Aliases(aliases, store.layers))
    listener = _listen(port)
    with tempfile.TemporaryDirectory(prefix="course-hub-") as forgotten:
        app = make_app(store, Overlays(data or Path(forgotten)))
        config = uvicorn.Config(app, log_level="error", lifespan="off", access_log=False)
        server = uvicorn.Server(config)
        if until_stdin_closes:
            threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
        ready(f"http://{HOST}:{listener.getsockname()[1]}")
        server.run(sockets=[listener])


def launch(
    roots: Sequence[Path] | None = None,
    port: int = 0,
    data: Path | None = None,
    aliases: Mapping[str, str] | None = None,
) -> RunningHub:
    """Start a Hub in a child process, which ends with this one, however this one ends.

    Raises:
        CourseError: it did not start; the text is its own.
    """
    arguments = [argument for root in roots or [] for argument in ("--root", str(root))]
    arguments += ["--data", str(data)] if data else []
    arguments += [f"--alias={real}={pocket}" for real, pocket in (aliases or {}).items()]
    command = [sys.executable, "-m", "course_utils.hub", "--port", str(port), *arguments]
    process = subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    return RunningHub(process, _endpoint_of(process))


class RunningHub:
    """A Hub in a child process; as a context manager it stops at the end of the block."""

    def __init__(self, process: subprocess.Popen[str], endpoint: str) -> None:
        self._process = process
        self.endpoint = endpoint

    def stop(self) -> None:
        """End the process; calling it again does nothing."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait(timeout=10)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def __enter__(self) -> RunningHub:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start() -> None:
    """Give this process a Hub: none is started where ``HF_ENDPOINT`` already names one.

    Sets ``HF_ENDPOINT``, ``HF_HOME`` (a folder of its own) and ``HF_TOKEN`` (made up).

    Raises:
        CourseError: huggingface_hub was imported before, so that it would not see the settings.
    """
    if os.environ.get("HF_ENDPOINT"):
        return
    if "huggingface_hub" in sys.modules:
        raise CourseError(
            "hub.start() must come before the first Hugging Face import: "
            "restart the kernel and run the first cell first"
        )
    hub = launch(data=learner_folder())
    home = tempfile.TemporaryDirectory(prefix="course-hf-")
    atexit.register(home.cleanup)
    atexit.register(hub.stop)
    os.environ.update(HF_ENDPOINT=hub.endpoint, HF_HOME=home.name, HF_TOKEN="hf_course_learner")  # noqa: S106
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ["HF_HUB_DISABLE_XET"] = "1"  # large files go by the route that this Hub speaks


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise CourseError(
            f"port {port} is in use: choose another with --port, or --port 0 for any free one"
        ) from error
    listener.listen(128)
    return listener


def _end_with_stdin(server: object) -> None:
    """The parent holds the other end: it closes when the parent ends, even by SIGKILL."""
    sys.stdin.read()
    server.should_exit = True  # type: ignore[attr-defined]


def _endpoint_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None and process.stderr is not None  # noqa: S101
    watchdog = threading.Timer(START_TIMEOUT, process.kill)
    watchdog.start()
    line = process.stdout.readline().strip()
    watchdog.cancel()
    if line.startswith("http://"):
        return line
    _, errors = process.communicate()
    raise CourseError(errors.strip().rpartition("\n")[2] or "the pocket Hub did not start")

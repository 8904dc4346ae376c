"""The warm template: shut in first, then the libraries imported, then forked per submission.

It gets its plan and one control socket from the grader and nothing else. Each message on the
socket brings two descriptors: the line on which the submission's process answers, and one on
which its end is reported.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
import types
from pathlib import Path

from . import system
from .frames import send
from .worker import serve

__all__ = ["Limits", "Plan", "main"]

NOBODY = 65534
NEW_ROOT = "/tmp"  # noqa: S108
#: The one place where a submission may write.
SCRATCH = "/submission"
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


@dataclasses.dataclass(frozen=True)
class Limits:
    """What one submission may use: bytes of memory and of files, CPU seconds, processes."""

    memory: int
    disk: int
    cpu_seconds: int
    processes: int


@dataclasses.dataclass(frozen=True)
class Plan:
    """How to shut in: the level, the paths shown (outside, inside), modules to import."""

    level: str
    shown: list[list[str]]
    hidden: list[str]
    warm: list[str]
    lesson: str
    limits: dict[str, int]


def main(control_number: int, plan_text: str) -> None:
    """Become the template that `plan_text` (JSON) describes, and serve until the grader goes."""
    plan = Plan(**json.loads(plan_text))
    control = socket.socket(fileno=control_number)
    try:
        if plan.level != "none":
            for name in (".syscalls", ".landlock"):  # which are out of reach once shut in
                importlib.import_module(name, __package__)
        privileged = _shut_in(plan) if plan.level == "namespaces" else False
        _stand_in(plan.lesson)
        sys.path[:] = [entry for entry in sys.path if Path(entry).is_dir()]
        for name in plan.warm:
            importlib.import_module(name)
        if privileged:
            _become_nobody()
    except Exception as error:
        control.send(json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()[:60_000])
        raise
    control.send(b'{"ready": true}')
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    _serve(control, plan)


def _serve(control: socket.socket, plan: Plan) -> None:
    limits = Limits(**plan.limits)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 64, 2)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _guardian(plan, limits, *descriptors)
        for number in descriptors:
            os.close(number)


def _guardian(plan: Plan, limits: Limits, line: int, report: int) -> None:
    """Enter the submission's own namespaces, fork its first process, report how that ended."""
    said, folder = "", None
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if plan.level == "namespaces":
            _enter_user_namespace()
        else:
            system.die_with_parent(os.getppid())
            system.reap_orphans()
            folder = tempfile.mkdtemp(prefix="submission-")
        parent = 0 if plan.level == "namespaces" else os.getpid()
        child = os.fork()
        if child == 0:
            os.close(report)
            _submission(plan, limits, line, parent, folder)
        os.close(line)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = json.dumps({"ended": status})
        if plan.level != "namespaces":
            _end_descendants()
    except Exception as error:
        said = json.dumps({"error": f"{type(error).__name__}: {error}"})
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    os.write(report, said.encode())
    os._exit(0)


def _submission(plan: Plan, limits: Limits, line: int, parent: int, folder: str | None) -> None:
    """Lock this process up, say so, and only then read the submission."""
    talk = socket.socket(fileno=line)
    try:
        system.die_with_parent(parent)
        os.setsid()
        _limit(limits)
        if folder is None:
            _own_files(limits)
        else:
            os.chdir(folder)
            os.environ.update(HOME=folder, TMPDIR=folder)
        _close_all_but(line)
        _lock(plan, folder)
        send(talk, b"{}")
    except Exception as error:
        with contextlib.suppress(OSError):
            send(talk, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        os._exit(1)
    code = 0
    try:
        serve(talk)
    except BaseException:
        code = 1
    os._exit(code)


def _lock(plan: Plan, folder: str | None) -> None:
    if plan.level == "none":
        return
    from . import landlock, syscalls

    system.drop_capabilities()
    system.no_new_privileges()
    if plan.level == "namespaces":
        syscalls.lock()
    else:
        shown = [path for outside, _ in plan.shown for path in _without(outside, plan.hidden)]
        landlock.confine([*shown, *DEVICES], [str(folder), "/dev/null"])
        syscalls.lock(refused=() if landlock.version() >= 6 else syscalls.SIGNALS)


def _without(path: str, hidden: list[str]) -> list[str]:
    """`path`, or, where something below it is hidden, the paths that cover the rest of it."""
    if path in hidden:
        return []
    if not any(Path(one).is_relative_to(path) for one in hidden):
        return [path]
    return [found for entry in os.scandir(path) for found in _without(entry.path, hidden)]


def _shut_in(plan: Plan) -> bool:
    """New namespaces, of which a child of this process is the first; a root with little in it.

    Returns whether root made them, without a user namespace; only the child returns.
    """
    privileged = os.geteuid() == 0 and _may_administer()
    if privileged:
        system.unshare(system.NEW_ALL)
    else:
        _enter_user_namespace()
    child = os.fork()
    if child:
        os.closerange(3, 1 << 16)
        os._exit(max(0, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
    system.die_with_parent(0)
    _own_root(plan)
    return privileged


def _may_administer() -> bool:
    """Whether root really may: in a container it often may not."""
    status = Path("/proc/self/status").read_text("ascii")
    effective = next(line for line in status.splitlines() if line.startswith("CapEff"))
    return bool(int(effective.split()[1], 16) >> 21 & 1)


def _own_root(plan: Plan) -> None:
    """A file system in memory that shows the paths of the plan, read-only, and nothing else."""
    system.mount("none", "/", "", system.MS_REC | system.MS_PRIVATE)
    system.mount("tmpfs", NEW_ROOT, "tmpfs", system.MS_NOSUID | system.MS_NODEV, "mode=755")
    old = Path(NEW_ROOT, ".old")
    old.mkdir()
    system.pivot_root(NEW_ROOT, str(old))
    os.chdir("/")
    for outside, inside in [*plan.shown, *([name, name] for name in DEVICES)]:
        _show(f"/.old{outside}", inside)
    for path in plan.hidden:
        system.mount("tmpfs", path, "tmpfs", system.MS_NOSUID | system.MS_NODEV, "size=4k")
    for name in ("/proc", SCRATCH):
        Path(name).mkdir(exist_ok=True)
    for name in ("/dev/shm", "/tmp"):  # noqa: S108
        if not Path(name).exists():
            Path(name).symlink_to(SCRATCH)
    flags = system.MS_NOSUID | system.MS_NODEV
    try:
        system.mount("proc", "/proc", "proc", flags | system.MS_NOEXEC)
    except PermissionError:  # a container masks parts of it; submissions will not see it either way
        system.mount("/.old/proc", "/proc", "", system.MS_BIND | system.MS_REC)
    system.unmount("/.old")
    Path("/.old").rmdir()
    system.read_only("/", below=False)
    system.mount("tmpfs", SCRATCH, "tmpfs", flags, "size=16m")


def _show(outside: str, inside: str) -> None:
    source, target = Path(outside), Path(inside)
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.touch()
    system.bind_read_only(outside, inside)


def _become_nobody() -> None:
    """Root would be the owner of the host's files: submissions get a user that owns none."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    system.stay_inspectable()
    system.die_with_parent(0)  # the change of user had undone it


def _enter_user_namespace() -> None:
    """All new namespaces, with the same user inside as outside, and no other."""
    user, group = os.geteuid(), os.getegid()
    system.unshare(system.NEW_USER | system.NEW_ALL)
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")


def _own_files(limits: Limits) -> None:
    """One file system in memory for all that the submission writes; /proc is covered."""
    flags = system.MS_NOSUID | system.MS_NODEV
    system.mount("none", "/", "", system.MS_REC | system.MS_PRIVATE)
    options = f"size={limits.disk},nr_inodes=20000,mode=700"
    system.mount("tmpfs", SCRATCH, "tmpfs", flags, options)
    system.mount("tmpfs", "/proc", "tmpfs", flags, "size=4k,nr_inodes=2,mode=555")
    os.chdir(SCRATCH)


def _close_all_but(line: int) -> None:
    nowhere = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.closerange(3, line)
    os.closerange(line + 1, 1 << 16)


def _limit(limits: Limits) -> None:
    """Per process; the grader watches the whole tree from outside."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    for which, most in (
        (resource.RLIMIT_AS, pages * resource.getpagesize() + limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(which, (most, most))


def _end_descendants() -> None:
    """Kill what the submission left behind, until nothing is left."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(ChildProcessError):
        while True:
            for pid in children.read_text("ascii").split():
                os.kill(int(pid), signal.SIGKILL)
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)


def _stand_in(lesson: str) -> None:
    """`course_utils` as a learner's notebook knows it: the lesson module, a Hub that is there."""
    package, hub = types.ModuleType("course_utils"), types.ModuleType("course_utils.hub")
    package.__path__ = []
    hub.__dict__["start"] = lambda: None
    module = types.ModuleType("course_utils.lesson")
    sys.modules.update({m.__name__: m for m in (package, hub, module)})
    exec(compile(lesson, "lesson.py", "exec"), module.__dict__)  # noqa: S102
    package.__dict__.update(hub=hub, lesson=module)

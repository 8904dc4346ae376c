"""The few system calls of Linux that Python lacks; every failure is an OSError that names one."""

from __future__ import annotations

import ctypes
import os
import struct

__all__ = [
    "MS_BIND",
    "MS_NODEV",
    "MS_NOEXEC",
    "MS_NOSUID",
    "MS_PRIVATE",
    "MS_REC",
    "NEW_ALL",
    "NEW_USER",
    "bind_read_only",
    "die_with_parent",
    "drop_capabilities",
    "mount",
    "no_new_privileges",
    "pivot_root",
    "read_only",
    "reap_orphans",
    "stay_inspectable",
    "syscall",
    "unmount",
    "unshare",
]

NEW_USER = 0x10000000
#: Mount, UTS, IPC, PID and network namespaces.
NEW_ALL = 0x00020000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER = 24, 36
# The same numbers on every architecture, being newer than their unification.
_SYS_MOUNT_SETATTR = 442
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_READ_ONLY, _ATTR_NOSUID = 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """`result` of a C call, or the OSError that it left in errno."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(number: int, what: str, *arguments: object) -> int:
    """A system call by its number."""
    return check(_libc.syscall(ctypes.c_long(number), *arguments), what)


def unshare(flags: int) -> None:
    """Enter new namespaces; of a new PID namespace the next child is the first process."""
    check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """Mount a file system or change a mount."""
    result = _libc.mount(
        source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    check(result, f"mount {target}")


def bind_read_only(source: str, target: str) -> None:
    """Show `source` and all mounts below it at `target`, read-only, without set-user-id."""
    mount(source, target, "", MS_BIND | MS_REC)
    read_only(target)


def read_only(target: str, *, below: bool = True) -> None:
    """Make a mount, and all below it if told, read-only, without set-user-id."""
    attributes = struct.pack("4Q", _ATTR_READ_ONLY | _ATTR_NOSUID, 0, 0, 0)
    syscall(
        _SYS_MOUNT_SETATTR,
        f"mount_setattr {target}",
        ctypes.c_int(_AT_FDCWD),
        ctypes.c_char_p(target.encode()),
        ctypes.c_uint(_AT_RECURSIVE if below else 0),
        ctypes.c_char_p(attributes),
        ctypes.c_size_t(len(attributes)),
    )


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root and put the old one at `old`."""
    check(_libc.pivot_root(new.encode(), old.encode()), "pivot_root")


def unmount(target: str) -> None:
    """Detach a mount and all below it."""
    check(_libc.umount2(target.encode(), ctypes.c_int(MNT_DETACH)), f"umount {target}")


def prctl(option: int, what: str, *arguments: int) -> None:
    """Set an attribute of this process."""
    padded = [*arguments, 0, 0, 0, 0][:4]
    check(_libc.prctl(ctypes.c_int(option), *(ctypes.c_ulong(n) for n in padded)), what)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent, `parent`, ends; 0 if it is not visible."""
    prctl(_PR_SET_PDEATHSIG, "prctl PDEATHSIG", 9)
    if os.getppid() != parent:
        os._exit(1)


def stay_inspectable() -> None:
    """Undo what a change of user did: let this process write its own /proc files."""
    prctl(_PR_SET_DUMPABLE, "prctl DUMPABLE", 1)


def reap_orphans() -> None:
    """Become the parent of descendants that lose theirs."""
    prctl(_PR_SET_CHILD_SUBREAPER, "prctl SUBREAPER", 1)


def no_new_privileges() -> None:
    """No program run from here gains rights."""
    prctl(_PR_SET_NO_NEW_PRIVS, "prctl NO_NEW_PRIVS", 1)


def drop_capabilities() -> None:
    """Give up every capability, for good."""
    for number in range(64):
        try:
            prctl(_PR_CAPBSET_DROP, "prctl CAPBSET_DROP", number)
        except OSError:
            break  # past the last one; or an ordinary user, who has none to give up
    header = struct.pack("Ii", 0x20080522, 0)
    nothing = struct.pack("6I", *([0] * 6))
    check(_libc.capset(ctypes.c_char_p(header), ctypes.c_char_p(nothing)), "capset")

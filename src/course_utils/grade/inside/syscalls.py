"""The system calls that a submission may make; the kernel refuses every other one."""

from __future__ import annotations

import errno

import pyseccomp

__all__ = ["SIGNALS", "lock"]

#: The calls that signal another process.
SIGNALS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")

# Unknown calls look as if the kernel had none, so that the C library falls back to older ones.
_ALLOWED = """
access alarm arch_prctl brk capget chdir chmod clock_getres clock_gettime clock_nanosleep close
close_range copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait
epoll_pwait2 epoll_wait eventfd eventfd2 exit exit_group faccessat faccessat2 fadvise64 fallocate
fchdir fchmod fchmodat fcntl fdatasync fgetxattr flock fork fstat fstatfs fsync ftruncate futex
futex_waitv get_mempolicy get_robust_list getcpu getcwd getdents getdents64 getegid geteuid getgid
getgroups getitimer getpeername getpgid getpgrp getpid getpriority getrandom getresgid getresuid
getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr
inotify_add_watch inotify_init inotify_init1 inotify_rm_watch kill lgetxattr link linkat listxattr
llistxattr lseek lstat madvise membarrier mincore mkdir mkdirat mprotect mremap msync munmap
nanosleep newfstatat open openat openat2 pause pipe pipe2 poll ppoll pread64 preadv preadv2
pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmsg
rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask
rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
sched_getscheduler sched_setaffinity sched_yield select sendfile sendmsg sendto set_robust_list
set_tid_address setitimer setpgid setpriority setsid setsockopt shutdown sigaltstack splice stat
statfs statx symlink symlinkat sync_file_range sysinfo tee tgkill time timer_create timer_delete
timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times
tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork wait4 waitid write writev
"""

_NEW_NAMESPACES = 0x7E020000 | 0x00000080
_MAP_SHARED_ANONYMOUS = 0x01 | 0x20
_OPTIONS = (15, 16, 0x53564D41)  # prctl: PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
_REQUESTS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # ioctl: is it a terminal, how long
_AF_UNIX = 1


def lock(refused: tuple[str, ...] = ()) -> None:
    """Install the filter on this process; its children inherit it and nothing can lift it.

    Args:
        refused: calls to take away from the list, where no namespace makes them harmless.
    """
    chosen = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
    for name in _ALLOWED.split():
        if name not in refused:
            _rule(chosen, name)
    masked, equal = pyseccomp.MASKED_EQ, pyseccomp.EQ
    _rule(chosen, "clone", pyseccomp.Arg(0, masked, _NEW_NAMESPACES, 0))
    # Shared anonymous memory outlives the process that the watchdog would charge with it.
    for flags in (0, 0x01, 0x20):
        _rule(chosen, "mmap", pyseccomp.Arg(3, masked, _MAP_SHARED_ANONYMOUS, flags))
    _rule(chosen, "socketpair", pyseccomp.Arg(0, equal, _AF_UNIX))
    _rule(chosen, "prlimit64", pyseccomp.Arg(2, equal, 0))  # read, not set
    for option in _OPTIONS:
        _rule(chosen, "prctl", pyseccomp.Arg(0, equal, option))
    for request in _REQUESTS:
        _rule(chosen, "ioctl", pyseccomp.Arg(1, equal, request))
    for name in ("socket", "execve", "execveat", "ptrace", "unshare", "mount", "setns"):
        chosen.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    chosen.load()


def _rule(chosen: pyseccomp.SyscallFilter, name: str, *arguments: pyseccomp.Arg) -> None:
    """Allow `name`, where this architecture and this libseccomp know it."""
    try:
        number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
    except (OSError, ValueError):
        return
    if number >= 0:
        chosen.add_rule(pyseccomp.ALLOW, number, *arguments)

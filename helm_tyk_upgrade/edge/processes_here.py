"""Which process this is, so that another one of the same machine can tell whether it still lives.

Linux only, out of /proc: elsewhere nothing is known, and nothing is claimed.
"""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def identity() -> str:
    """`BOOT/NAMESPACE/PID/START` of this process, empty where the system does not tell. A number alone would be used
    again by the next process, and means another one in another container."""
    start = _start(os.getpid())
    here = _machine()
    return f"{here}/{os.getpid()}/{start}" if here and start else ""


def machine_of(text: str) -> str:
    """The part of an identity that all processes of one container or machine share, until it is started anew."""
    return "/".join(text.split("/")[:2])


def is_gone(text: str) -> bool:
    """Whether the process was of this machine and is no more. False where that cannot be told."""
    here = identity()
    if not here or not text or machine_of(text) != machine_of(here):
        return False
    _, _, pid, start = text.split("/")
    found = _start(int(pid))
    return found != start if found else _is_no_more(int(pid))


def _is_no_more(pid: int) -> bool:
    """/proc may hide the processes of other users (hidepid); the kernel tells of them all the same."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return not _may_live(pid)


def _may_live(pid: int) -> bool:
    """Not where /proc tells of a zombie; a process that it hides is taken to live."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return True


def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.stat(_PROC / 'self/ns/pid').st_ino}"
    except OSError:
        return ""


def _start(pid: int) -> str:
    """When it was started, in ticks since the boot; empty where there is no such process."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces
    return "" if fields[0] in "ZX" else fields[19]

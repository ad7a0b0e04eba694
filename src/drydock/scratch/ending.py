"""Ending what runs in a throwaway directory, and removing it: by the owner, by its watchdog, by the next start."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

CLUSTER = "cluster"
"""Where in a throwaway directory the server's files are."""

PATIENCE_SECONDS = 10.0
_TICK = 0.005
_PROC = Path("/proc")


def remove(directory: Path) -> bool:
    """End what runs in the directory, and remove it; whether it is gone. Never raises."""
    end_server(directory / CLUSTER)
    _end_all_in(directory)
    shutil.rmtree(directory, ignore_errors=True)
    return not os.path.lexists(directory)


def end_server(cluster: Path) -> None:
    """End the postmaster of this cluster, if there is one, at once and without a checkpoint; wait for its end."""
    pid = postmaster_of(cluster)
    if pid is None:
        return
    for number in (signal.SIGQUIT, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
        if _soon(lambda: not is_running(pid)):
            return


def postmaster_of(cluster: Path) -> int | None:
    """The postmaster's pid as its lock file says; None when there is none, or when it is another cluster's."""
    try:
        pid, place, *_ = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    if not pid.isdigit() or Path(place) != cluster or not is_running(int(pid)):
        return None
    # A number from a file may meanwhile be somebody else's: a postmaster works in its own cluster.
    return int(pid) if not _PROC.exists() or int(pid) in _working_in(cluster) else None


def is_running(pid: int) -> bool:
    """Whether a process of this number exists; one that has ended and was not waited for does not count."""
    try:
        state = (_PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, 0)
            return not (_PROC / "self").exists()
        return False
    return state not in ("Z", "X")


def _end_all_in(directory: Path) -> None:
    """An initdb or a backend that was left alone would go on writing."""
    for pid in _working_in(directory):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    _soon(lambda: not _working_in(directory))


def _working_in(directory: Path) -> frozenset[int]:
    """Pids of the processes, other than this one, whose working directory is in this one, gone or not."""
    found = set()
    for entry in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            place = str((entry / "cwd").readlink())
            if f"{place} ".startswith((f"{directory}/", f"{directory} ")) and is_running(int(entry.name)):
                found.add(int(entry.name))
    return frozenset(found - {os.getpid()})


def _soon(is_true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(_TICK)
    return True

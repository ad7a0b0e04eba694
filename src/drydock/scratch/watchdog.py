"""Ends a throwaway server and removes its directory when its owner is gone, even by SIGKILL.

`python -m drydock.scratch.watchdog DIRECTORY`, started by the owner as soon as the directory is there. It waits for the
end of its standard input, which the kernel closes with the owner, however that ended. It lives in a session of its own,
so a signal to the owner's process group does not reach it.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

CLUSTER = "cluster"
PATIENCE_SECONDS = 10.0


def main(directory: Path) -> int:
    """Wait for the owner's end, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    # The owner may have been killed while the server was starting: its pid appears a moment later.
    for _ in range(3):
        end_server(directory / CLUSTER)
        shutil.rmtree(directory, ignore_errors=True)
        if not directory.exists():
            return 0
        time.sleep(0.5)
    return 1


def end_server(cluster: Path) -> None:
    """End the postmaster of this cluster, if there is one, at once: SIGQUIT, then SIGKILL."""
    pid = postmaster_of(cluster)
    if pid is None:
        return
    for number in (signal.SIGQUIT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if not is_running(pid):
                return
            time.sleep(0.05)


def postmaster_of(cluster: Path) -> int | None:
    """The postmaster's pid as its lock file says; None when there is none, or when it is another cluster's."""
    try:
        pid, place, *_ = (cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    return int(pid) if pid.isdigit() and Path(place) == cluster and is_running(int(pid)) else None


def is_running(pid: int) -> bool:
    """Whether a process of this number exists; one that has ended and was not waited for does not count."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, 0)
            return not Path("/proc/self").exists()
        return False
    return state not in ("Z", "X")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

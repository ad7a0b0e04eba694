"""Throwaway directories whose owner can be seen to live: it holds a lock on the directory, which ends with it.

The kernel frees the lock however the owner ends. So whoever gets the lock of such a directory may remove it: nobody
needs it any more, and the watchdog was killed as well.
"""

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drydock.scratch.account import Account
from drydock.scratch.ending import remove
from drydock.scratch.watch import Watch

PREFIX = "drydock-scratch-"
_ATTEMPTS = 20
_LOOKING = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class Claim:
    """A private directory (0700) of ours, empty at first."""

    def __init__(self, path: Path, lock: int) -> None:
        """Take a directory and the descriptor that holds its lock."""
        self.path = path
        self._lock = lock

    def release(self) -> None:
        """End what runs in it, and remove it."""
        remove(self.path)
        os.close(self._lock)


def claim(place: Path, watch: Watch) -> Claim:
    """A new directory in `place`, which the watchdog knows. Raises OSError when it cannot be made or locked."""
    for _ in range(_ATTEMPTS):
        path = place.resolve() / f"{PREFIX}{secrets.token_hex(6)}"
        watch.removes(path)
        path.mkdir(mode=0o700)
        try:
            lock = _locked(path)
        except OSError:
            path.rmdir()
            raise
        if lock is not None:
            return Claim(path, lock)
    raise OSError("every directory is taken away at once")


@contextmanager
def claimed(place: Path, watch: Watch) -> Iterator[Path]:
    """A new directory in `place`, gone with the scope. Raises OSError when it cannot be made."""
    made = claim(place, watch)
    try:
        yield made.path
    finally:
        made.release()


def sweep(places: Iterable[Path], account: Account) -> tuple[Path, ...]:
    """Remove what earlier runs left in these places, ours or the account's; the directories that are gone now."""
    found = (path for place in places for path in _left_in(place))
    return tuple(path.resolve() for path in found if _swept(path, account))


def _left_in(place: Path) -> tuple[Path, ...]:
    # A place that may not be entered holds nothing of ours.
    with suppress(OSError):
        return tuple(place.glob(f"{PREFIX}*"))
    return ()


def _locked(path: Path) -> int | None:
    """The descriptor that holds the lock; None when somebody who swept was faster."""
    try:
        lock = os.open(path, _LOOKING)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError:
        os.close(lock)
        raise
    # While we waited, who swept may have removed it.
    if path.exists() and os.path.samestat(path.stat(), os.fstat(lock)):
        return lock
    os.close(lock)
    return None


def _swept(path: Path, account: Account) -> bool:
    with suppress(OSError):
        if not account.owns(path):
            return False
        lock = os.open(path, _LOOKING)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return remove(path.resolve())
        finally:
            os.close(lock)
    return False

"""Where a throwaway directory may be: the first place that can be written, has the room, and lets the server in."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drydock.errors import RehearsalError
from drydock.scratch.account import Account
from drydock.scratch.claim import Claim, claim
from drydock.scratch.watch import Watch

MARGIN_BYTES = 160 << 20
"""An empty cluster, its database and its first WAL take about 70 MB; the rest is for what migrations add."""

FILES_BYTES = 1 << 20

SYSTEM = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - a private directory is made inside
_MODE = 0o777


def free_bytes(place: Path) -> int:
    """How much an ordinary user may still write there."""
    return shutil.disk_usage(place).free


Free = Callable[[Path], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a place must offer."""

    needed_bytes: int
    """All that will be there, `MARGIN_BYTES` included."""
    account: Account
    """Who must be able to enter."""
    free: Free = free_bytes


def room_for_files(account: Account) -> Wish:
    """For a socket and small files only; bulk has its own question, `Scratch.room_bytes`."""
    return Wish(needed_bytes=FILES_BYTES, account=account)


def places_of(environ: Mapping[str, str], *, first: Path | None, last: Path) -> tuple[Path, ...]:
    """The candidates in order: the configured one, TMPDIR, the system's, and `last`, the current directory."""
    temporary = environ.get("TMPDIR")
    named = [place for place in (first, Path(temporary) if temporary else None) if place is not None]
    return tuple(dict.fromkeys((*named, *SYSTEM, last)))


@contextmanager
def claimed_in(places: Iterable[Path], wish: Wish, *, watch: Watch) -> Iterator[Path]:
    """A private directory in the first place that will do, gone with the scope, with all that runs in it.

    Raises RehearsalError that says of each place why not.
    """
    made = _claim_in(places, wish, watch=watch)
    try:
        yield made.path
    finally:
        made.release()


def _claim_in(places: Iterable[Path], wish: Wish, *, watch: Watch) -> Claim:
    refusals: list[str] = []
    for place in places:
        made = _why_not(place, wish) or _attempt(place, wish, watch=watch)
        if isinstance(made, Claim):
            return made
        refusals.append(f"{place}: {made}")
    raise RehearsalError(
        "There is no directory for the scratch server; " + "; ".join(refusals) + ".",
        hint="Name one with room in TMPDIR, or give the container one: "
        f"--tmpfs /tmp:size={_size(wish.needed_bytes)}, or a volume.",
    )


def _why_not(place: Path, wish: Wish) -> str | None:
    try:
        if not place.is_dir():
            return "is not there"
        if not wish.account.may_enter(place.resolve()):
            return "may not be entered by the account that the server runs as"
        free = wish.free(place)
    except OSError as error:
        return (error.strerror or "cannot be used").lower()
    if free >= wish.needed_bytes:
        return None
    return f"has {_size(free)} free, of the {_size(wish.needed_bytes)} that are needed"


def _attempt(place: Path, wish: Wish, *, watch: Watch) -> Claim | str:
    try:
        made = claim(place, watch)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    try:
        wish.account.give(made.path)
        found = made.path.stat()
        if found.st_mode & _MODE == 0o700 and found.st_uid == (wish.account.user or os.geteuid()):
            return made
        reason = "does not keep owners and permissions"
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
    made.release()
    return reason


def _size(count: int) -> str:
    return f"{-(-count // (1 << 20))}m"

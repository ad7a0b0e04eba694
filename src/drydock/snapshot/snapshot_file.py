"""The source `snapshot`: a pg_dump archive with the target's rows, as a backup job leaves it.

What fails on these rows would fail on the target's: the rehearsal proves what it ran.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from drydock.errors import RehearsalError
from drydock.model import Loaded, Origin
from drydock.redact import Secret
from drydock.scratch.interface import Scratch
from drydock.snapshot.archive import Client, complaint

MOST_JOBS = 8
GROWTH = 6
"""Rows, their indexes and WAL take about so many times the bytes of a compressed dump; measured dumps took 3 to 5."""
MAKE_ONE = "Make one with: pg_dump --format=custom --file=snapshot.dump"
CUSTOM, TAR_NAME, TAR_MAGIC = b"PGDMP", b"toc.dat", b"ustar"
_VERSION = re.compile(r"^;\s+Dumped from database version: (?P<version>(?P<major>\d+)\S*)", re.MULTILINE)
_TAKEN = re.compile(r"^; Archive created at (?P<when>.+)$", re.MULTILINE)
_HAS_ROWS = re.compile(r"^\d+; \d+ \d+ TABLE DATA ", re.MULTILINE)


class SnapshotFile:
    """See the module docstring and `Source`."""

    def __init__(self, path: Path, client: Client, *, shown: str, freshen: Callable[[Secret], None]) -> None:
        """`shown` is the path as messages name it; `freshen` brings the planner's statistics up to date."""
        self._path = path
        self._client = client
        self._shown = shown
        self._freshen = freshen
        self._heading = ""

    def prepare(self) -> None:
        """Look whether it is there, whole, and of a format that can be restored. Raises RehearsalError."""
        problem = _problem_of(self._path)
        if problem is not None:
            raise RehearsalError(f"The snapshot {self._shown} {problem}.", hint=MAKE_ONE)
        done = self._client.listed(self._path)
        if done.exit_code != 0:
            raise RehearsalError(
                f"The snapshot {self._shown} cannot be read: {complaint(done)}",
                hint="It may be cut short, or made by a newer pg_dump than the pg_restore found here.",
            )
        self._heading = done.stdout

    @property
    def major(self) -> int:
        """Of the server that was dumped."""
        found = _VERSION.search(self._heading)
        return int(found["major"]) if found else 0

    @property
    def needed_bytes(self) -> int:
        """See `GROWTH`."""
        return _size(self._path) * GROWTH

    def load(self, scratch: Scratch) -> Loaded:
        """See `Source.load`."""
        is_parallel = not (self._path.is_file() and _starts(self._path)[:5] != CUSTOM)
        jobs = min(os.cpu_count() or 1, MOST_JOBS) if is_parallel else 1
        skipped = self._client.restore(self._path, scratch, jobs=jobs)
        self._freshen(scratch.address)
        version, taken = _VERSION.search(self._heading), _TAKEN.search(self._heading)
        origin = Origin(
            kind="snapshot",
            name=self._shown,
            has_rows=_HAS_ROWS.search(self._heading) is not None,
            server_version=version["version"] if version else None,
            taken_at=taken["when"].strip() if taken else None,
            size_bytes=_size(self._path),
        )
        return Loaded(origin=origin, skipped=skipped)


def _problem_of(path: Path) -> str | None:
    if path.is_dir():
        return None if (path / "toc.dat").is_file() else "is a folder without a toc.dat, so no directory dump"
    if not path.is_file():
        return "is not there"
    start = _starts(path)
    if not start:
        return "is empty"
    is_tar = start.startswith(TAR_NAME) and start[257:262] == TAR_MAGIC
    if start.startswith(CUSTOM) or is_tar:
        return None
    return (
        "is neither a custom, a directory nor a tar dump (a plain, compressed or encrypted file cannot be restored yet)"
    )


def _starts(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(512)
    except OSError as error:
        raise RehearsalError(f"The snapshot {path.name} cannot be read: {error.strerror}.") from None


def _size(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())

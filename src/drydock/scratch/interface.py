"""Where a rehearsal takes place: a database that stands in for the target, and is gone afterwards.

One module of this folder is one kind of scratch. A provider knows nothing of migrations and nothing of dumps.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from drydock.model import ScratchKind
from drydock.redact import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What the scratch must be like to stand in for the target."""

    major: int
    """Of the target's PostgreSQL (or the dump's, if newer); 0 when there is neither: the newest will do."""
    database: str
    encoding: str
    collate: str
    ctype: str
    """LC_COLLATE and LC_CTYPE, used where the scratch's machine has them."""
    wal_level: str
    full_page_writes: bool
    checksums: bool


def usual_likeness(database: str) -> Likeness:
    """A database as most are made, on the newest server that there is: for where no target says what it is like."""
    return Likeness(
        major=0,
        database=database,
        encoding="UTF8",
        collate="C.UTF-8",
        ctype="C.UTF-8",
        wal_level="replica",
        full_page_writes=True,
        checksums=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """PostgreSQL's client programs of one version, and how they may be run."""

    binaries: Path
    """Holds pg_dump and pg_restore."""
    major: int


class Scratch(Protocol):
    """One scratch database, ready to be filled."""

    @property
    def kind(self) -> ScratchKind:
        """Which kind of scratch it is."""

    @property
    def address(self) -> Secret:
        """The database as its owner sees it: a superuser on `embedded`, the given user elsewhere."""

    def address_as(self, user: str, password: Secret) -> Secret:
        """The same database as another role sees it."""

    @property
    def takes_content(self) -> bool:
        """Whether it is empty and to be filled; a clone is used as it is."""

    @property
    def takes_roles(self) -> bool:
        """Whether roles may be created, and statements run that reach the whole server."""

    @property
    def directory(self) -> Path:
        """A private place for bulky files, on the disk that has the room; gone with the scratch."""

    @property
    def notes(self) -> tuple[str, ...]:
        """In what it is unlike the target: version, locale, settings."""

    def room_bytes(self) -> int | None:
        """Free space where the data goes; None when that cannot be told."""

    def settle(self) -> None:
        """Between filling and rehearsing: give the server the target's settings. Ends all sessions on it.

        Raises RehearsalError.
        """


class ScratchProvider(Protocol):
    """Makes scratches of one kind."""

    def provide(self, likeness: Likeness, *, needed_bytes: int) -> AbstractContextManager[Scratch]:
        """A scratch with room for `needed_bytes`, provably gone on exit however we leave (a clone stays).

        Raises RehearsalError when it cannot be had, saying what to install, free or configure.
        """

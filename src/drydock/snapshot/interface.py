"""What a scratch is filled with. One module of this folder is one source.

A source knows nothing of the rehearsal: it says how much room it needs, and fills an empty scratch.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from drydock.model import Loaded
from drydock.redact import Secret
from drydock.scratch.interface import Scratch
from drydock.sql.interface import Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotOrder:
    """A snapshot that the user asked for: `drydock snapshot PATH`."""

    path: Path
    is_directory: bool
    """pg_dump's directory format, read by several sessions; else its custom format."""
    with_rows: bool
    overwrite: bool


AskNeeds = Callable[[], Needs]
"""Whose rows may be met by the steps that a scratch, as it is when this is asked, will see."""


class Source(Protocol):
    """See the module docstring."""

    def prepare(self) -> None:
        """Look at what there is before any scratch is made: find, download, verify, read the heading.

        Raises RehearsalError naming the file and what is wrong with it.
        """

    @property
    def major(self) -> int:
        """The major version that was dumped; 0 when there is none. Ask after `prepare`."""

    @property
    def needed_bytes(self) -> int:
        """An estimate of the disk that the content takes, restored. Ask after `prepare`."""

    def load(self, scratch: Scratch, needs: AskNeeds) -> Loaded:
        """Fill the scratch, if need be only with the rows that the steps may meet.

        `needs` is asked at most once, when the scratch has its structure and the rows of the tool's history. Raises
        RehearsalError when the scratch cannot be filled as it should be.
        """


class CutError(Exception):
    """The server did not answer, or the connection ended before all was there: trying again may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a web server answers when it is asked for a file, or for what follows a part of it."""

    status: int
    version: str | None
    """A mark of this version of the file, fit for `If-Range`; None when the server gives none."""
    begins_at: int
    """Of which byte on `blocks` are."""
    total_bytes: int | None
    """Of the whole file."""
    blocks: Iterator[bytes]
    """As the server stores it. Raises CutError."""


class Fetch(Protocol):
    """Asks a web server; `fetch` in http.py is the real one."""

    def __call__(self, url: Secret, *, begin: int, version: str | None) -> AbstractContextManager[Answer]:
        """Ask for a file from byte `begin` on, if it is still that version, else for all of it.

        Any status but a redirect is an answer. Raises CutError, RehearsalError for a redirect away from https and for
        a certificate that cannot be trusted; no message holds the URL.
        """

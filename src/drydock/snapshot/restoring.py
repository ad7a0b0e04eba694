"""The values of a restore: what a dump is, what is needed to restore it, and what came of it. `restore.py` does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from drydock.model import NOTHING_LEFT_OUT, LeftOut, Skipped, Table
from drydock.postgres.interface import OpenFilling
from drydock.scratch.interface import Programs, Scratch
from drydock.sql.interface import Needs

Form = Literal["custom", "directory", "tar", "plain"]
Wrapping = Literal["none", "gzip", "zstd"]
MOST_WORKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a dump says of itself at its beginning; None where it does not say."""

    server_version: str | None = None
    """Of the server that was dumped: `15.3`."""
    dumped_by: str | None = None
    """The version of the pg_dump that wrote it."""
    taken_at: str | None = None
    archive_version: tuple[int, int] | None = None
    """Of the format, for archives: 1.14 is read by every pg_restore from 12 on."""
    is_compressed: bool = False
    """Whether the rows inside an archive are compressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """A dump on the local disk. `look_at` in `dumps.py` makes one."""

    path: Path
    shown: str
    """Its name in messages; no credentials."""
    form: Form
    wrapping: Wrapping
    """A compression around the whole file."""
    heading: Heading
    size_bytes: int
    """Of the file, or of all files of a directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a restore works with."""

    programs: Programs
    environment: Mapping[str, str]
    """All that pg_restore sees: an allow-listed environment."""
    open_filling: OpenFilling
    say: Callable[[str], None]
    """Gets a plain line of progress, at most one every few seconds."""
    stopped: Callable[[], bool]
    """Asked often, from several threads; when it says so the restore ends soon, with RehearsalError."""
    workers: int
    """How many sessions load rows and build indexes at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """How to choose whose rows are restored."""

    kept: tuple[Table, ...]
    """The tool's history, whose rows come first; one without a schema in any."""
    needs: Callable[[], Needs]
    """Whose rows the steps may meet: asked once, when the structure and the rows of `kept` are on the scratch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of a restore."""

    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    tables: int
    """Tables whose rows were loaded, empty ones included."""
    has_rows: bool
    """Whether the dump carries rows at all; false for one made with --schema-only."""
    left_out: LeftOut = NOTHING_LEFT_OUT


class Restore(Protocol):
    """Restores dumps; `restore` in `restore.py` is the real one."""

    def __call__(self, dump: Dump, scratch: Scratch, *, means: Means, skipped: tuple[Skipped, ...] = ()) -> Restored:
        """Fill an empty scratch from a dump.

        `skipped` is what is known to be missing from the dump (schemas that were excluded from it): what then fails
        because it hangs on that is skipped too, and named. The result's `skipped` begins with it.
        Raises RehearsalError naming the dump, what of it, and what the server said.
        """

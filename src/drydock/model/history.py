"""What is on disk, and what the tool's history says of it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One unit of the migration tool: what its history table has one row for."""

    name: str
    """The identity that the tool records."""
    file: Path
    """The SQL file, as shown to the user: relative to the directory of the run where possible."""
    checksum: str
    """Lower-case hex SHA-256 of the script as the tool computes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A migration that the history calls applied. Times are the server's text, with its time zone."""

    name: str
    finished_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRow:
    """A migration that was started and never finished: a failed row, or a dirty flag."""

    name: str
    started_at: str | None
    migration: Migration | None
    """The file on disk, when there is one of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The file changed after it was applied: the target has what the old text made."""

    name: str
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Applied on the target, not on disk, and older than the newest migration on disk."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """Applied on the target by a newer checkout: sorts after everything on disk."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfOrder:
    """Pending, though a migration that sorts after it is applied."""

    name: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBaselined:
    """No history, but the database already has tables: the tool would refuse, and so do we."""

    tables: tuple[str, ...]
    """A few of their names, for the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrupt:
    """Applied, and not on disk, while something is pending: the tool refuses to run anything, and so do we."""

    names: tuple[str, ...]
    on_disk_as: tuple[str, ...]
    """For each of them, the file of the same name with another extension, or an empty text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """The tool's lock is taken, in a table, by a run that goes on or that was killed."""

    table: str
    sessions: tuple[str, ...]
    """Who works with the tool's tables now, for the message; nobody means that the run was killed."""


Standstill = NotBaselined | Corrupt | Locked
"""Why the tool would not run anything; about no single migration."""
HistoryProblem = FailedRow | Edited | Missing | Newer | OutOfOrder | Standstill


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The qualified name of a history table."""

    schema: str
    name: str

    def __str__(self) -> str:
        """As a person would write it; not quoted for SQL."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLock:
    """The session advisory lock by which the tool keeps a second run out.

    `holders_block` says that the tool waits for it by blocking: a session blocked in `pg_advisory_lock` holds a
    snapshot, which `CREATE INDEX CONCURRENTLY` waits for, while the waiter waits for us: a deadlock.
    """

    key: int
    holders_block: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenByTool:
    """The tool's program takes its lock itself while it runs; we hold nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the migration tool says about a database: applied, pending, and anything wrong with the history."""

    tool: str
    history: Table
    lock: ToolLock | TakenByTool
    applied: tuple[Applied, ...]
    pending: tuple[Migration, ...]
    problems: tuple[HistoryProblem, ...]
    preparation: tuple[str, ...]
    """SQL statements that create the history table, when it is not there yet."""

"""What the rest of the program may ask of Postgres, without knowing psycopg."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from drydock.command import Command
from drydock.model import Attempt, Migration, Plan, Progress, Refusal, Status, Step, StepOutcome, Target
from drydock.redact import Secret

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The answer to a query; every value is the server's text form."""

    rows: tuple[Row, ...]

    def first(self) -> Row:
        """The first row; raises IndexError when there is none."""
        return self.rows[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThere:
    """A query named a table, schema or column that does not exist, or that this role may not read."""

    refusal: Refusal


class Reader(Protocol):
    """Reads from one database."""

    def read(self, *queries: str) -> tuple[Rows | NotThere, ...]:
        """Answers, in order, all in one round trip; each query has its own snapshot and fails alone.

        Raises UnreachableError when the connection is lost, DrydockError when a query fails otherwise.
        """


class Executor(Protocol):
    """Runs steps on one database."""

    def run(self, step: Step, begun: Callable[[Migration], None]) -> tuple[StepOutcome, ...]:
        """Run one step and say what became of each migration that was begun, in order; `begun` hears of each.

        The last outcome tells how it ended; before it stand applied ones, and such as were rolled back with it. A
        refusal by the server is an outcome, not an exception. Fewer outcomes than migrations, all of them applied, mean
        that a signal came between two. Raises LockError when the tool's lock, released for an earlier step, cannot be
        had again; StrayError when the tool's program would work on another database than this one, or cannot be run.
        """

    def is_lost(self) -> bool:
        """Whether a connection was lost, so that no further step may be run."""


class Engagement(Protocol):
    """The target while we have it to ourselves."""

    @property
    def reader(self) -> Reader:
        """Reads with the tool's lock held: a status read through it stays true. Raises LockError."""

    def begin(self, plan: Plan, status: Status, *, mark_as: str | None) -> tuple[str, ...]:
        """Create what is missing (history table, our own tables), mark the database, note the attempt.

        Answers with notes on what could not be done and is not needed. Raises AccessError when the history table
        cannot be created.
        """

    @property
    def executor(self) -> Executor:
        """Runs steps; ask after `begin`."""

    def repair(self, statements: Sequence[str], *, name: str) -> str | None:
        """Run statements that repair the history of a migration, all or none, and forget how far it got.

        Answers None when they succeeded, else why not.
        """

    def mark(self, environment: str, *, replace: str | None) -> None:
        """Mark the database. Raises HistoryError when another mark is there, AccessError when it cannot be written."""

    def run_text(self, text: str) -> Refusal | None:
        """Run a seed's SQL as one message on a session of its own; the refusal when the server said no."""

    @property
    def is_lost(self) -> bool:
        """The session that holds the mutex and keeps the notes is gone."""

    def seeded(self) -> None:
        """Note that the seed, which `begin` noted as due, ran to its end."""

    def end(self, outcome: str) -> None:
        """Note how the attempt ended."""


class Deployable(Protocol):
    """A database that can be read, and engaged to be changed."""

    def read(self, *queries: str) -> tuple[Rows | NotThere, ...]:
        """See `Reader.read`."""

    def describe(self) -> Target:
        """Who is on the other end; no credentials."""

    @property
    def progress(self) -> tuple[Progress, ...]:
        """What careful steps left behind."""

    @property
    def seed_is_due(self) -> bool:
        """Whether an earlier seed was begun and did not end well."""

    def log(self) -> tuple[Attempt, ...]:
        """The last 20 deploys that the audit table knows, newest first; empty when there is no such table."""

    def require_writable(self) -> None:
        """Raises UnreachableError when the server accepts reads only."""

    def close(self) -> None:
        """End the session; never raises."""


Engage = Callable[[Status], AbstractContextManager[Engagement]]
"""Takes the mutex of this history on the way in, and lets everything go on the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDatabase:
    """A database to create. Where the server has not the locale, the nearest that it has is taken."""

    name: str
    encoding: str
    collate: str
    ctype: str


class Administration(Protocol):
    """Makes and drops databases on servers that stand in for the target; every address is a server's of that kind."""

    def major(self, address: Secret) -> int:
        """The major version of the server. Raises RehearsalError when it cannot be reached."""

    def set_password(self, address: Secret, password: Secret) -> None:
        """Change the password of the address's own user. Raises RehearsalError."""

    def create(self, address: Secret, wanted: NewDatabase) -> tuple[str, ...]:
        """Create a database, in place of one of that name; says in what it differs. Raises RehearsalError."""

    def leased(self, address: Secret, wanted: NewDatabase) -> AbstractContextManager[tuple[str, ...]]:
        """Create a database, and drop it with the scope; answers as `create`.

        A session holds a lock meanwhile, by which others see that the database has an owner. Raises RehearsalError.
        """

    def drop_abandoned(self, address: Secret, prefix: str) -> tuple[str, ...]:
        """Drop databases named `prefix` and twelve hex digits that have neither owner nor session; their names.

        What may not be dropped stays. Raises RehearsalError when the server cannot be reached.
        """

    def dropping(self, address: Secret, name: str) -> Command:
        """A command that drops a leased database when its owner is gone, for others to run."""

    def elsewhere(
        self, address: Secret, *, database: str | None = None, user: str | None = None, password: Secret | None = None
    ) -> Secret:
        """The same server's address with another database, user or password. Raises RehearsalError if unreadable."""

    def require_apart(self, address: Secret, nonce: int) -> None:
        """Raises RehearsalError when the server holds the advisory lock `nonce`, which a session on the target took."""


class Filling(Protocol):
    """One session that fills a scratch. Every call returns soon once the `stopped` it was opened with says so."""

    def execute(self, statement: bytes) -> Refusal | None:
        """Run exactly one statement, in the session's client encoding; the refusal when the server said no.

        Two statements in one text are refused by the server (42601) and neither is run. A transaction that failed is
        rolled back at once.
        """

    def copy(self, statement: bytes, blocks: Iterable[bytes]) -> Refusal | None:
        """Run COPY ... FROM STDIN with the blocks as its rows. When it is refused, not all blocks may be asked for."""

    def load(self, table: bytes, statement: bytes, *, blocks: Iterable[bytes]) -> Refusal | None:
        """Like `copy`, for a table named as SQL needs it; an empty plain table is filled without WAL, and frozen."""

    def read(self, query: str, *values: str) -> tuple[Row, ...]:
        """The rows that a query answers; `$1` and so on stand for the values. Raises RehearsalError."""

    @property
    def is_lost(self) -> bool:
        """Whether the connection is gone."""


OpenFilling = Callable[[Secret, Callable[[], bool]], AbstractContextManager[Filling]]
"""Opens a session to an address; it cancels what runs once the second argument says to stop."""

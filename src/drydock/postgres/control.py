"""The second session on the target: it holds the mutex, writes the audit row, and watches while a step runs.

The mutex keeps other Drydocks out. It is polled, never waited for: a session that blocks on an advisory lock holds a
snapshot, and `CREATE INDEX CONCURRENTLY` waits for every older snapshot. It lives on a session of its own, because a
script may well release every advisory lock of the session that runs it (DISCARD ALL).
"""

import random
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from psycopg import OperationalError

from drydock.errors import InterruptedRun, LockError, UnreachableError
from drydock.interruption import Interruption
from drydock.model import Refusal, Table
from drydock.postgres.house import NEVER_IDLE_OUT
from drydock.postgres.interface import NotThere, Rows
from drydock.postgres.lookup import MY_BACKEND, NOBODY, Backend
from drydock.postgres.message import APPLICATION, Guard
from drydock.postgres.session import Done, Lost, Refused, Session

MUTEX_CLASS = 0x44525944
POLL_PAUSES = (0.2, 1.0)
BLOCKERS = """SELECT a.pid, a.usename, a.application_name, a.state,
    pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start)), a.query
  FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::integer)) AS b(pid)
  JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid ORDER BY a.xact_start LIMIT 5"""
ORPHANS = f"""SELECT a.pid, a.usename, a.application_name, a.state,
    pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start)), a.query
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datname = pg_catalog.current_database() AND a.application_name = '{APPLICATION}'
   AND a.state IS DISTINCT FROM 'idle'
   AND a.pid <> $1::integer ORDER BY a.xact_start LIMIT 5"""
CANCEL = """SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
 WHERE pid = $1::integer AND (backend_start IS NULL OR backend_start = $2::timestamptz)"""
HOLDERS = """SELECT a.pid, a.usename, a.application_name, a.state,
    pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - a.backend_start), ''
  FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND l.database = (
     SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid LIMIT 5"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How long to try for a lock, and whom to tell."""

    budget: timedelta
    stop: Interruption
    say: Callable[[str], None]


class Control:
    """The control session; see the module docstring."""

    def __init__(self, session: Session, *, guard: Guard, show_queries: bool) -> None:
        """Take over an open session. `show_queries` lets blockers' query text into the output."""
        self._session = session
        self._limits = guard.query(application=f"{APPLICATION} control")
        self._show_queries = show_queries
        self._alive = True
        self._backend = NOBODY

    @property
    def is_lost(self) -> bool:
        """The session is gone, and the mutex with it. Looks at the socket: the server may have ended it unasked."""
        return not self._alive or self._session.notice_loss()

    @property
    def backend(self) -> Backend:
        """The server process behind this session."""
        return self._backend

    def take_mutex(self, history: Table, waiting: Waiting) -> None:
        """Poll for the mutex. Raises LockError when the budget is spent, naming the holder."""
        keys = (MUTEX_CLASS, _signed(zlib.crc32(str(history).encode())))
        query = f"SELECT pg_catalog.pg_try_advisory_lock({keys[0]}, {keys[1]})"
        poll(lambda: self._took(query), waiting, what="another Drydock", holders=lambda: self._holders(*keys))

    def blockers(self, pid: int) -> tuple[str, ...]:
        """The sessions that the backend `pid` waits for: pid, user, application, state, age."""
        return self._sessions(BLOCKERS, str(pid))

    def orphans(self, pid: int) -> tuple[str, ...]:
        """The applying sessions of other runs, apart from `pid`, that are in a statement."""
        return self._sessions(ORPHANS, str(pid))

    def cancel(self, backend: Backend) -> None:
        """Cancel what this backend runs, if it is still the same. Never raises."""
        self.ask(CANCEL, backend.pid, backend.start or "-infinity")

    def holders_of(self, key: int) -> tuple[str, ...]:
        """The sessions that hold the advisory lock with this one 64-bit key."""
        return self._holders(key >> 32, key & 0xFFFFFFFF)

    def tell(self, *statements: str) -> str | None:
        """Run statements of ours as one message; None when they succeeded, else why not. Never raises."""
        match self._session.send("; ".join(statements), cancellable=False):
            case Done():
                return None
            case Refused(refusal=refusal):
                return str(refusal)
            case Lost():
                self._alive = False
                return "the connection was lost"

    def tell_each(self, *statements: str) -> tuple[str | None, ...]:
        """Run statements of ours in one round trip, each for itself; None per success, else why not. Never raises."""
        try:
            answers = self._session.read(*statements)
        except OperationalError:
            self._alive = False
            return tuple("the connection was lost" for _ in statements)
        return tuple(None if isinstance(answer, Rows) else str(_reason(answer)) for answer in answers)

    def ask(self, query: str, *values: str) -> tuple[tuple[str | None, ...], ...]:
        """The rows of one query, or none when it failed. Never raises."""
        try:
            answer = self._session.read(query, values=values)[0]
        except OperationalError:
            self._alive = False
            return ()
        return answer.rows if isinstance(answer, Rows) else ()

    def close(self) -> None:
        """End the session, and with it the mutex; never raises."""
        self._session.close()

    def _holders(self, high: int, low: int) -> tuple[str, ...]:
        return self._sessions(HOLDERS, str(high & 0xFFFFFFFF), str(low & 0xFFFFFFFF))

    def _sessions(self, query: str, *values: str) -> tuple[str, ...]:
        return tuple(_described(row, show_query=self._show_queries) for row in self.ask(query, *values))

    def _took(self, query: str) -> bool:
        try:
            *_, backend, answer = self._session.read(NEVER_IDLE_OUT, self._limits, MY_BACKEND, query)
        except OperationalError:
            raise UnreachableError("The connection that waits for the mutex was lost.", hint="Run again.") from None
        if isinstance(backend, Rows):
            self._backend = Backend(pid=backend.first()[0] or "0", start=backend.first()[1])
        return isinstance(answer, Rows) and answer.first()[0] == "t"


def poll(attempt: Callable[[], bool], waiting: Waiting, *, what: str, holders: Callable[[], tuple[str, ...]]) -> None:
    """Try until it succeeds. Raises LockError when the budget is spent, InterruptedRun on a signal."""
    deadline = time.monotonic() + waiting.budget.total_seconds()
    told = False
    while not attempt():
        held_by = "; ".join(holders()) if not told or time.monotonic() > deadline else ""
        if time.monotonic() > deadline:
            raise LockError(
                f"Waited {waiting.budget.total_seconds():.0f} s for {what}, in vain"
                + (f"; held by {held_by}." if held_by else "."),
                hint="Run again when the other run has ended.",
            )
        if not told:
            waiting.say(f"Waiting for {what} to finish" + (f" ({held_by})" if held_by else "") + ".")
            told = True
        if waiting.stop.pause(random.uniform(*POLL_PAUSES)):
            raise InterruptedRun(waiting.stop.signal_number or 15)


def _reason(answer: NotThere | Refusal) -> Refusal:
    return answer.refusal if isinstance(answer, NotThere) else answer


def _signed(number: int) -> int:
    return number - (1 << 32) if number >= 1 << 31 else number


def _described(row: tuple[str | None, ...], *, show_query: bool) -> str:
    pid, user, application, state, age, query = row
    described = f"pid {pid}, user {user}, {application or 'no application name'}, {state or 'unknown'}, since {age}"
    return f"{described}: {query}" if show_query and query else described

"""What became of a message whose answer was lost: never assumed, always looked up.

The old backend may still be working on it. So first that backend must be gone (it notices the cut by itself, or is
ended after a while), and only then does the history row tell: the row and the objects were in one transaction.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import TypeVar

from psycopg import OperationalError

from drydock.errors import DrydockError
from drydock.interruption import Interruption
from drydock.postgres.connect import Connector, Patience
from drydock.postgres.interface import NotThere, Rows
from drydock.postgres.session import Session

MY_BACKEND = "SELECT pid, backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()"
# A session whose role was set by ALTER ROLE ... SET role may not see when its own backends began: then the pid alone
# must do, and a backend that may be the old one counts as the old one.
STILL_THERE = (
    "SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = $1::integer AND (backend_start IS NULL "
    "OR $2::timestamptz = '-infinity' OR backend_start = $2::timestamptz)"
)
END_IT = (
    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
    "WHERE pid = $1::integer AND backend_start = $2::timestamptz"
)
_Answer = TypeVar("_Answer")
PATIENCE = Patience(attempt=timedelta(seconds=5), total=timedelta(seconds=30))
HASTE = Patience(attempt=timedelta(seconds=2), total=timedelta(seconds=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One server process; pids are used again, so its start belongs to it."""

    pid: str
    start: str | None


NOBODY = Backend(pid="0", start=None)


class Found(Enum):
    """What the history says of a migration after the old backend has ended."""

    APPLIED = "applied"
    OPEN = "open"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Looks up the outcome of a lost message on a new connection."""

    connector: Connector
    stop: Interruption
    give_it: timedelta = timedelta(seconds=20)
    """How long the old backend may go on by itself before it is ended."""

    def outcome(self, query: str, backend: Backend) -> Found:
        """What `query` (a ledger's lookup) says once `backend` has ended. Never raises."""
        return self._after((backend,), lambda session: _asked(session, query)) or Found.UNKNOWN

    def names(self, query: str, backends: Sequence[Backend]) -> frozenset[str] | None:
        """The names that `query` answers once all the backends have ended; None when that is not known. Never raises.

        No history counts as no names.
        """
        return self._after(backends, lambda session: _names(session, query))

    def _after(self, backends: Sequence[Backend], ask: Callable[[Session], _Answer]) -> _Answer | None:
        try:
            session = self.connector.open(patience=self._patience())
        except DrydockError:
            return None
        try:
            return ask(session) if all(self._is_over(session, backend) for backend in backends) else None
        except OperationalError:
            return None
        finally:
            session.close()

    def _patience(self) -> Patience:
        if self.stop.signal_number:
            return HASTE
        return replace(PATIENCE, total=min(PATIENCE.total, self.connector.patience.total))

    def _is_over(self, session: Session, backend: Backend) -> bool:
        values = (backend.pid, backend.start or "-infinity")
        give_it = 1.0 if self.stop.signal_number else self.give_it.total_seconds()
        for query, seconds in ((STILL_THERE, give_it), (END_IT, 3.0)):
            deadline = time.monotonic() + seconds
            session.read(query, values=values)
            while time.monotonic() < deadline:
                answer = session.read(STILL_THERE, values=values)[0]
                if isinstance(answer, Rows) and not answer.rows:
                    return True
                time.sleep(0.1)
        return False


def _asked(session: Session, query: str) -> Found:
    match session.read(query)[0]:
        case Rows(rows=((str(word),),)):
            return Found(word)
        case _:
            return Found.UNKNOWN


def _names(session: Session, query: str) -> frozenset[str] | None:
    match session.read(query)[0]:
        case Rows(rows=rows):
            return frozenset(row[0] or "" for row in rows)
        case NotThere():
            return frozenset()
        case _:
            return None

"""A session that fills a scratch: one statement a message, rows straight into COPY, everything cancellable.

Statements go by the extended protocol, which takes one at a time: a text that holds two where we see one is refused.
"""

import select
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import Connection, OperationalError
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from drydock.errors import RehearsalError
from drydock.model import Refusal
from drydock.postgres.interface import Row
from drydock.postgres.refusal import LOST_CONNECTION, refusal_of
from drydock.redact import Secret

TICK = 0.1
SETTINGS = (
    b"SET synchronous_commit = off",
    b"SET statement_timeout = 0",
    b"SET lock_timeout = 0",
    b"SET idle_in_transaction_session_timeout = 0",
    b"SET client_min_messages = error",
    b"SET application_name = 'drydock restore'",
    # Triggers and foreign keys of a dump that adds its rows last; refused to all but superusers, who alone need it.
    b"SET session_replication_role = replica",
)
_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY})
_CAN_FREEZE = """
    SELECT 1 FROM pg_catalog.pg_class c
    WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind = 'r' AND pg_catalog.pg_relation_size(c.oid) = 0
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      AND d.objid = c.oid AND d.deptype = 'e')
"""


@contextmanager
def open_filling(address: Secret, stopped: Callable[[], bool]) -> Iterator["FillingSession"]:
    """A session on a scratch; see `Filling` in interface.py. Raises RehearsalError when none can be had."""
    try:
        connection: Connection[tuple[object, ...]] = psycopg.connect(
            address.reveal(), autocommit=True, prepare_threshold=None, connect_timeout=10, client_encoding="utf8"
        )
    except psycopg.Error as error:
        raise RehearsalError(
            "The scratch database takes no session to fill it.",
            hint=f"SQLSTATE {error.sqlstate}." if error.sqlstate else "Its server does not answer.",
        ) from None
    session = FillingSession(connection, stopped)
    try:
        for setting in SETTINGS:
            session.execute(setting)
        yield session
    finally:
        connection.close()


class FillingSession:
    """See `Filling` in interface.py."""

    def __init__(self, connection: Connection[tuple[object, ...]], stopped: Callable[[], bool]) -> None:
        """Take over an open connection in autocommit."""
        self._connection = connection
        self._pgconn: PGconn = connection.pgconn
        self._pgconn.nonblocking = 1
        self._stopped = stopped

    @property
    def is_lost(self) -> bool:
        """See `Filling`."""
        return self._connection.closed or self._pgconn.transaction_status == TransactionStatus.UNKNOWN

    def execute(self, statement: bytes) -> Refusal | None:
        """See `Filling`."""
        try:
            refused = self._refused(self._ask(statement))
        except OperationalError:
            return LOST_CONNECTION
        if refused is not None:
            self._roll_back()
        return refused

    def read(self, query: str, *values: str) -> tuple[Row, ...]:
        """See `Filling`."""
        try:
            results = self._ask(query.encode(), *(value.encode() for value in values))
            refused = self._refused(results)
        except OperationalError:
            refused, results = LOST_CONNECTION, []
        if refused is not None:
            raise RehearsalError(f"The scratch database could not be asked about its content: {refused}.")
        return tuple(_row(results[0], number) for number in range(results[0].ntuples))

    def copy(self, statement: bytes, blocks: Iterable[bytes]) -> Refusal | None:
        """See `Filling`."""
        try:
            refused = self._begin_copy(statement) or self._feed(blocks)
        except OperationalError:
            return LOST_CONNECTION
        if refused is not None:
            self._roll_back()
        return refused

    def load(self, table: bytes, statement: bytes, *, blocks: Iterable[bytes]) -> Refusal | None:
        """See `Filling`."""
        if not self._begin_frozen(table, statement):
            return self.copy(statement, blocks)
        try:
            refused = self._feed(blocks)
        except OperationalError:
            return LOST_CONNECTION
        return refused or self.execute(b"COMMIT")

    def _begin_frozen(self, table: bytes, statement: bytes) -> bool:
        """Begin a COPY that writes no WAL (where wal_level allows) and nothing that must be vacuumed later."""
        if not statement.lower().endswith(b" stdin") or not self._can_freeze(table):
            return False
        with suppress(OperationalError):
            # TRUNCATE in the same transaction is what FREEZE and the saved WAL depend on.
            if not self.execute(b"BEGIN") and not self.execute(b"TRUNCATE ONLY " + table):
                return self._begin_copy(statement + b" WITH (FREEZE)") is None
        return False

    def _can_freeze(self, table: bytes) -> bool:
        with suppress(OperationalError):
            results = self._ask(_CAN_FREEZE.encode(), table)
            return self._refused(results) is None and results[0].ntuples == 1
        return False

    def _begin_copy(self, statement: bytes) -> Refusal | None:
        self._pgconn.send_query_params(statement, None)
        result = self._next_result()
        if result is not None and result.status == ExecStatus.COPY_IN:
            return None
        refused = self._refused([result, *self._results()] if result else [])
        if refused is not None:
            self._roll_back()
        return refused

    def _feed(self, blocks: Iterable[bytes]) -> Refusal | None:
        for block in blocks:
            self._require_going_on()
            self._pgconn.put_copy_data(block)
            self._flush()
        self._require_going_on()
        self._pgconn.put_copy_end()
        refused = self._refused(list(self._results()))
        if refused is not None:
            self._roll_back()
        return refused

    def _require_going_on(self) -> None:
        if self._stopped():
            raise RehearsalError("The restore was stopped.")

    def _flush(self) -> None:
        while self._pgconn.flush():
            readable, _, _ = select.select([self._pgconn.socket], [self._pgconn.socket], [], TICK)
            if readable:
                self._pgconn.consume_input()
            self._require_going_on()

    def _ask(self, statement: bytes, *values: bytes) -> list[PGresult]:
        self._pgconn.send_query_params(statement, list(values) or None)
        return list(self._results())

    def _results(self) -> Iterator[PGresult]:
        while (result := self._next_result()) is not None:
            yield result
            if result.status in (ExecStatus.COPY_IN, ExecStatus.COPY_OUT):
                # Only `_begin_copy` expects it, and that does not come here: the session is of no use any more.
                raise OperationalError("an unexpected COPY")

    def _next_result(self) -> PGresult | None:
        while self._pgconn.flush() or self._pgconn.is_busy():
            writing = [self._pgconn.socket] if self._pgconn.flush() else []
            select.select([self._pgconn.socket], writing, [], TICK)
            if self._stopped():
                self._cancel()
            self._pgconn.consume_input()
        return self._pgconn.get_result()

    def _cancel(self) -> None:
        # Asked again each time round: a cancel that arrives before the backend has begun is lost.
        with suppress(OperationalError):
            self._connection.cancel_safe(timeout=2.0)

    def _refused(self, results: list[PGresult]) -> Refusal | None:
        self._require_going_on()
        for result in results:
            if result.status not in _GOOD:
                return refusal_of(result)
        return LOST_CONNECTION if self.is_lost or not results else None

    def _roll_back(self) -> None:
        if self._pgconn.transaction_status == TransactionStatus.INERROR:
            self._ask(b"ROLLBACK")


def _row(result: PGresult, number: int) -> Row:
    values = (result.get_value(number, column) for column in range(result.nfields))
    return tuple(value.decode("utf-8", "replace") if value is not None else None for value in values)

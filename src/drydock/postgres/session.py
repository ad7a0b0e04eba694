"""One connection, driven message by message.

`Session.send` sends one simple-query message exactly as given and reads its results one by one, so that the number of
the failed statement is known (results received + 1) and nothing is kept in memory. `Session.read` asks several
questions in one round trip. Both wait in a `select`, so that a signal can cancel what runs and a watcher can be called
meanwhile.
"""

import select
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from psycopg import Connection, OperationalError
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

from drydock.interruption import Interruption
from drydock.model import Refusal
from drydock.postgres.endpoint import Endpoint, endpoint_of
from drydock.postgres.interface import NotThere, Row, Rows
from drydock.postgres.refusal import position_of, refusal_of

WATCH_EVERY = 1.0
CANCELLED_WITHIN = 4.0
NOT_THERE = frozenset({"42P01", "42703", "42501", "3F000", "42883"})
MOST_NOTHINGS = 8
MARK_NAME = "drydock mark"
MARK = f"SELECT pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) AS \"{MARK_NAME}\""
"""Between two statements of a message: the server says when it came by. It takes a snapshot, as any SELECT does."""
_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY})
_COPYING = frozenset({ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Every statement of the message succeeded."""

    results: int
    marks: tuple[float, ...] = ()
    """The server's clock, in seconds, at each `MARK` of the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The server refused a statement of the message."""

    refusal: Refusal
    results: int
    """How many statements had succeeded before; the failed one is the next."""
    position: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The connection ended before the answer was complete: the message may or may not have taken effect."""

    results: int


Reply = Done | Refused | Lost
Watcher = Callable[[float], None]


class Session:
    """A connection in autocommit; see the module docstring. `stop` cancels what runs when it is marked."""

    def __init__(self, connection: Connection[tuple[object, ...]], stop: Interruption) -> None:
        """Take over an open connection."""
        self._connection = connection
        self._pgconn: PGconn = connection.pgconn
        self._stop = stop
        self._cancellable = True
        self._noticed_at: float | None = None
        self.watcher: Watcher | None = None
        """Called about once a second with the seconds waited, while an answer is outstanding."""
        self.watch_first_after = WATCH_EVERY
        """Seconds until the watcher's first call: shorter where a statement gives up sooner than that."""

    @property
    def startup_pid(self) -> int:
        """The backend's pid as the start-up exchange gave it; a pooler gives one of its own."""
        return self._pgconn.backend_pid

    @property
    def endpoint(self) -> Endpoint:
        """Where this session is, for a program that shall work there too."""
        return endpoint_of(self._pgconn)

    @property
    def is_idle(self) -> bool:
        """No transaction is open."""
        return self._pgconn.transaction_status == TransactionStatus.IDLE

    @property
    def is_lost(self) -> bool:
        """The connection is gone."""
        return self._connection.closed or self._pgconn.transaction_status == TransactionStatus.UNKNOWN

    def notice_loss(self) -> bool:
        """Look at the socket, without a round trip, whether the other end hung up meanwhile; `is_lost` afterwards."""
        try:
            while not self.is_lost and select.select([self._pgconn.socket], [], [], 0)[0]:
                self._pgconn.consume_input()
        except OperationalError:
            return True
        return self.is_lost

    def send(self, message: str, *, cancellable: bool = True) -> Reply:
        """Send one simple-query message and read its results. The text goes as it is; `%` is literal.

        A signal cancels what runs unless `cancellable` is false: then it only bounds the wait.
        """
        self._begin(cancellable=cancellable)
        results, marks = 0, list[float]()
        refused: Refused | None = None
        try:
            self._pgconn.send_query(message.encode())
            self._pgconn.set_single_row_mode()
            for result in self._results():
                if result.status in _GOOD:
                    results += 1
                elif result.status in _COPYING:
                    self._end_copy(result)
                elif result.status == ExecStatus.SINGLE_TUPLE:
                    marks.extend(_mark_in(result))
                elif refused is None:
                    refused = Refused(refusal=refusal_of(result), results=results, position=position_of(result))
                result.clear()
        except OperationalError:
            return Lost(results=results)
        if self.is_lost:
            return Lost(results=results)
        return refused or Done(results=results, marks=tuple(marks))

    def read(self, *queries: str, values: tuple[str, ...] = ()) -> tuple[Rows | NotThere | Refusal, ...]:
        """Answers to several queries in one round trip, each with its own snapshot.

        `values` go as `$1`, `$2` ... into each query. Raises OperationalError when the connection is lost.
        """
        self._begin(cancellable=False)
        parameters = [value.encode() for value in values]
        self._pgconn.enter_pipeline_mode()
        for query in queries:
            self._pgconn.send_query_params(query.encode(), parameters or None)
            self._pgconn.pipeline_sync()
        answers = tuple(self._answer() for _ in queries)
        self._pgconn.exit_pipeline_mode()
        return answers

    def restore_lexing(self) -> None:
        """Undo a script's SET of what decides how the next script's text is read. Asks nothing when nothing is amiss.

        The server reports both settings unasked (manual section 55.2.7).
        """
        encoding = self._pgconn.parameter_status(b"client_encoding")
        conforming = self._pgconn.parameter_status(b"standard_conforming_strings")
        if encoding != b"UTF8" or conforming != b"on":
            self.send("SET client_encoding = 'UTF8'; SET standard_conforming_strings = on", cancellable=False)

    def close(self) -> None:
        """End the connection; never raises."""
        self._connection.close()

    def _begin(self, *, cancellable: bool) -> None:
        self._cancellable = cancellable
        self._noticed_at = None

    def _end_copy(self, result: PGresult) -> None:
        if result.status == ExecStatus.COPY_IN:
            self._pgconn.put_copy_end(b"Drydock does not feed COPY FROM STDIN")
            return
        while (received := self._pgconn.get_copy_data(1)[0]) >= 0:
            if received == 0:
                self._wait_a_moment(time.monotonic())
                self._pgconn.consume_input()

    def _answer(self) -> Rows | NotThere | Refusal:
        """The answer up to the next sync.

        libpq carries single-row mode over from the last `send` into a pipeline's first query, so rows may come one by
        one; and it puts a None behind each result.
        """
        rows: list[Row] = []
        refused: NotThere | Refusal | None = None
        nothings = 0
        while nothings < MOST_NOTHINGS:
            self._await_result()
            result = self._pgconn.get_result()
            nothings = nothings + 1 if result is None else 0
            if result is None:
                continue
            if result.status == ExecStatus.PIPELINE_SYNC:
                return refused or Rows(rows=tuple(rows))
            if result.status in _GOOD or result.status == ExecStatus.SINGLE_TUPLE:
                rows.extend(_row(result, number) for number in range(result.ntuples))
            else:
                refused = _refused(result)
        raise OperationalError("the connection ended before the answer was complete")

    def _results(self) -> Iterator[PGresult]:
        while True:
            self._await_result()
            result = self._pgconn.get_result()
            if result is None:
                return
            yield result

    def _await_result(self) -> None:
        waited_since = time.monotonic()
        while self._pgconn.flush() or self._pgconn.is_busy():
            self._wait_a_moment(waited_since)
            self._pgconn.consume_input()

    def _wait_a_moment(self, waited_since: float) -> None:
        waiting = [self._pgconn.socket] + ([] if self._noticed_at else [self._stop.fileno()])
        writing = [self._pgconn.socket] if self._pgconn.flush() else []
        has_waited = time.monotonic() - waited_since
        patience = self.watch_first_after if has_waited < self.watch_first_after else WATCH_EVERY
        ready, _, _ = select.select(waiting, writing, [], patience)
        if self._stop.signal_number is not None:
            self._notice_signal()
        if not ready and self.watcher is not None:
            self.watcher(time.monotonic() - waited_since)

    def _notice_signal(self) -> None:
        self._noticed_at = self._noticed_at or time.monotonic()
        if time.monotonic() - self._noticed_at > CANCELLED_WITHIN:
            raise OperationalError("the server did not answer in time after a signal")
        if self._cancellable:
            # Again each time round: a cancel that arrives before the backend has begun the message is lost.
            self.cancel()

    def cancel(self) -> None:
        """Ask the server to cancel what this session runs; never raises."""
        try:
            self._connection.cancel_safe(timeout=2.0)
        except OperationalError:
            return


def _refused(result: PGresult) -> NotThere | Refusal:
    refusal = refusal_of(result)
    return NotThere(refusal=refusal) if refusal.sqlstate in NOT_THERE else refusal


def _mark_in(result: PGresult) -> tuple[float, ...]:
    if result.fname(0) != MARK_NAME.encode():
        return ()
    value = result.get_value(0, 0)
    return (float(value),) if value else ()


def _row(result: PGresult, number: int) -> Row:
    values = (result.get_value(number, column) for column in range(result.nfields))
    return tuple(value.decode() if value is not None else None for value in values)

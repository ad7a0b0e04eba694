"""The migration tool's own advisory lock, on the session that applies: it keeps the tool's CLI out.

Polled like the mutex. Released for the length of a CONCURRENTLY or VACUUM statement where the tool waits by blocking;
the open row keeps the CLI out meanwhile. Taken again before the next step, not before: the row is written first.
"""

from contextlib import suppress

from drydock.errors import UnreachableError
from drydock.model import TakenByTool, ToolLock
from drydock.postgres.control import Control, Waiting, poll
from drydock.postgres.interface import NotThere, Rows
from drydock.postgres.target import TargetDatabase


class HeldLock:
    """The lock, and whether we hold it now."""

    def __init__(
        self, lock: ToolLock | TakenByTool, *, target: TargetDatabase, control: Control, waiting: Waiting
    ) -> None:
        """Nothing is taken yet."""
        self._lock = lock
        self._target = target
        self._control = control
        self._waiting = waiting
        self._held = False

    def read(self, *queries: str) -> tuple[Rows | NotThere, ...]:
        """Take the lock and ask, in one round trip; a reader for a status that stays true.

        Raises LockError when the lock is not free within the budget.
        """
        answers: list[tuple[Rows | NotThere, ...]] = []

        def attempt() -> bool:
            locked, *others = self._target.read_anew(self._take(), *queries)
            answers[:] = [tuple(others)]
            self._held = isinstance(locked, Rows) and locked.first()[0] == "t"
            return self._held

        poll(attempt, self._waiting, what="the migration tool's own run", holders=self._holders)
        if queries and self._target.progress:
            self._wait_for_orphans()
            attempt()
        return answers[0]

    def ensure(self) -> bool:
        """Hold the lock; asks the server only when it was released. True when it had to be taken again.

        Raises LockError.
        """
        is_taken_again = not self._held
        if is_taken_again:
            self.read()
        return is_taken_again

    def release_for_waiters(self) -> None:
        """Let a blocked tool go on, when its waiting would deadlock with what comes next.

        A lost connection is left for the next message to find: only that knows what is true by then.
        """
        if self._held and isinstance(self._lock, ToolLock) and self._lock.holders_block:
            with suppress(UnreachableError):
                self._target.read(f"SELECT pg_catalog.pg_advisory_unlock({self._lock.key})")
            self._held = False

    def _wait_for_orphans(self) -> None:
        # A careful step may run without the tool's lock. When its Drydock was killed, its backend goes on with the
        # statement, and how far the step got is known only when that has ended.
        def is_over() -> bool:
            return not self._control.orphans(self._target.facts.pid)

        def still_there() -> tuple[str, ...]:
            return self._control.orphans(self._target.facts.pid)

        poll(is_over, self._waiting, what="the last statement of a run that was killed", holders=still_there)

    def _take(self) -> str:
        if self._held or isinstance(self._lock, TakenByTool):
            return "SELECT true"
        return f"SELECT pg_catalog.pg_try_advisory_lock({self._lock.key})"

    def _holders(self) -> tuple[str, ...]:
        return self._control.holders_of(self._lock.key) if isinstance(self._lock, ToolLock) else ()

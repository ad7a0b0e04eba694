"""Watches a tool's program from the second session: names who is in its way, and ends it when this run must end."""

import time

from drydock.postgres.telling import Telling
from drydock.postgres.workbench import Workbench

TELL_AFTER = 2.0
TELL_EVERY = 10.0
CANCEL_EVERY = 0.5


class Supervision:
    """Asked many times a second while the program runs; true when it must end."""

    def __init__(self, bench: Workbench, telling: Telling) -> None:
        """`telling` knows the program's sessions."""
        self._bench = bench
        self._telling = telling
        self._looks_every = min(1.0, bench.guard.lock_timeout.total_seconds() / 2)
        self._looked_at = time.monotonic()
        self._told_at = 0.0
        self._cancelled_at = 0.0
        self.blockers: tuple[str, ...] = ()
        """The sessions that were last seen to be waited for."""

    def __call__(self) -> bool:
        """Whether the program must end: a signal came, or the session that keeps others out is lost."""
        now = time.monotonic()
        if self._bench.stop.signal_number is not None:
            self._cancel(now)
            return True
        if self._bench.control.is_lost:
            return True
        if now - self._looked_at >= self._looks_every:
            self._looked_at = now
            self._look(now)
        return False

    def _cancel(self, now: float) -> None:
        # Ended by its signal alone, the program would leave its statement running on the server.
        if now - self._cancelled_at >= CANCEL_EVERY:
            self._cancelled_at = now
            for backend in self._telling.backends:
                self._bench.control.cancel(backend)

    def _look(self, now: float) -> None:
        found = [self._bench.control.blockers(int(backend.pid)) for backend in self._telling.backends]
        self.blockers = tuple(dict.fromkeys(blocker for one in found for blocker in one)) or self.blockers
        since = max((begun.at for begun in self._telling.begun.values()), default=now)
        if now - since < TELL_AFTER or now - self._told_at < TELL_EVERY:
            return
        self._told_at = now
        behind = f", behind {'; '.join(self.blockers)}" if self.blockers else ""
        self._bench.say(f"    still running after {now - since:.0f} s{behind}")

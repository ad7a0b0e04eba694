"""Waits until the target has this checkout's migrations: for pods that must not migrate themselves. Reads only."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from drydock.config.durations import duration_text
from drydock.errors import InterruptedRun, StillPendingError, UnreachableError
from drydock.interruption import Interruption
from drydock.model import FailedRow, Status
from drydock.render.wording import counted

# Many pods wait at once: they look often enough for a quick start, and not all in the same moment.
PAUSES = (1.5, 2.5)
SAID_AGAIN_AFTER = 60.0
MOST_NAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waiting needs."""

    look: Callable[[], Status]
    """Reads the history; raises UnreachableError when the connection is lost."""
    hang_up: Callable[[], None]
    """Forgets the connection, so that the next look opens another."""
    limit: timedelta
    stop: Interruption
    say: Callable[[str], None]


def waited(waiting: Waiting) -> Status:
    """The status in which nothing of this checkout is pending or begun.

    Raises StillPendingError when time is up, UnreachableError when the database did not answer till then, and
    InterruptedRun on a signal.
    """
    progress = _Progress(waiting)
    while True:
        try:
            status = waiting.look()
            if (left := _left(status)) == ():
                return status
            progress.say(f"Waiting for {_named(left)}.")
            trouble: StillPendingError | UnreachableError = _still_pending(left, waiting.limit)
        except UnreachableError as error:
            waiting.hang_up()
            progress.say(f"Waiting: {error.what}")
            trouble = error
        if progress.is_over():
            raise trouble
        if waiting.stop.pause(random.uniform(*PAUSES)):
            raise InterruptedRun(waiting.stop.signal_number or 15)


def _left(status: Status) -> tuple[str, ...]:
    """What is pending, or begun and not finished, of the migrations on disk."""
    begun = (problem.name for problem in status.problems if isinstance(problem, FailedRow) and problem.migration)
    return tuple(dict.fromkeys((*begun, *(migration.name for migration in status.pending))))


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{counted(len(names), 'migration')}: {', '.join(names[:MOST_NAMES])}{more}"


def _still_pending(names: tuple[str, ...], limit: timedelta) -> StillPendingError:
    return StillPendingError(
        f"After {duration_text(limit)} the target still lacks {_named(names)}.",
        hint="The deploy that applies them runs still, or has failed: look at it, and at `drydock status --log`.",
    )


class _Progress:
    """Says what is waited for when that changes, and once a minute."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._deadline = time.monotonic() + waiting.limit.total_seconds()
        self._said = ""
        self._said_at = 0.0

    def is_over(self) -> bool:
        return time.monotonic() > self._deadline

    def say(self, line: str) -> None:
        now = time.monotonic()
        if line != self._said or now - self._said_at > SAID_AGAIN_AFTER:
            self._waiting.say(line)
            self._said, self._said_at = line, now

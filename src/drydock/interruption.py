"""SIGTERM and SIGINT as a value that the rest of the program can look at and wait for.

The first signal only leaves a mark, so that a running statement can be cancelled, rolled back and reported. Repeats
within the seconds that this takes are the same signal come by another way (a shell, make and npm each pass it on); a
later one ends the process at once, with the exit code that promises nothing about the target. A container's first
process ignores SIGTERM unless a handler is installed, so this is installed before anything else.
"""

import os
import select
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

GRACE_SECONDS = 6.0
STATE_UNKNOWN = 7
SIGNALS = (signal.SIGTERM, signal.SIGINT)
OUT_OF_TIME = int(signal.SIGALRM)
"""The mark of `Interruption.within` when the time is up."""


def hand_signals_back() -> None:
    """Undo what Python itself does to signals: the program that follows in this process would inherit it."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class Interruption:
    """A mark that a signal sets. `fileno` becomes readable when it is set, for use in `select`."""

    def __init__(self) -> None:
        """Start unmarked; `install` connects it with the process's signals."""
        self._reading, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        # Not sooner: whoever still waits for the mark must not wait for what the number means by then.
        weakref.finalize(self, _close, self._reading, self._writing)
        self._signal: int | None = None
        self._marked_at = 0.0

    def install(self) -> None:
        """Take SIGTERM and SIGINT from now on."""
        for number in SIGNALS:
            signal.signal(number, self._receive)

    def mark(self, number: int) -> None:
        """Set the mark, as the signal would."""
        self._signal = number
        self._marked_at = time.monotonic()
        os.write(self._writing, b"!")

    @property
    def signal_number(self) -> int | None:
        """The first signal that came, or None."""
        return self._signal

    def seconds_left(self) -> float | None:
        """How long we may go on after the signal; None when none came."""
        return None if self._signal is None else max(0.0, self._marked_at + GRACE_SECONDS - time.monotonic())

    def fileno(self) -> int:
        """A descriptor that is readable once the mark is set."""
        return self._reading

    def pause(self, seconds: float) -> bool:
        """Wait; True when a signal ended the wait (or had come before)."""
        return bool(select.select([self._reading], [], [], max(0.0, seconds))[0])

    @contextmanager
    def within(self, limit: timedelta) -> Iterator["Interruption"]:
        """A mark of its own for one part of the run: set with this one, or with OUT_OF_TIME when the time is up."""
        part = Interruption()
        ended, ending = os.pipe2(os.O_CLOEXEC)
        watching = threading.Thread(
            target=self._pass_on, args=(part, ended), kwargs={"seconds": limit.total_seconds()}, daemon=True
        )
        watching.start()
        try:
            yield part
        finally:
            os.close(ending)
            watching.join()
            os.close(ended)

    def _pass_on(self, part: "Interruption", ended: int, *, seconds: float) -> None:
        ready = select.select([self._reading, ended], [], [], seconds)[0]
        if ended not in ready:
            part.mark(self._signal or OUT_OF_TIME)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._signal is None:
            self.mark(number)
        elif time.monotonic() - self._marked_at > GRACE_SECONDS:
            os._exit(STATE_UNKNOWN)

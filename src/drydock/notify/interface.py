"""What every notifier promises, and the values that cross its door."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from drydock.interruption import Interruption
from drydock.model import Report


class NotifyError(Exception):
    """A message could not be delivered: one sentence, without any address or key. Never a reason to fail a deploy."""


class Notifier(Protocol):
    """Tells one kind of reader what happened."""

    @property
    def name(self) -> str:
        """Who is told, for the log: `the comment on the pull request`."""

    def publish(self, report: Report) -> str | None:
        """Tell it. A second message takes the place of the first where the reader's side allows that, and each fits
        the limits there.

        Answers with a remark for the log where nothing could be told and that is nobody's mistake; None otherwise.
        Raises NotifyError.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How long the telling may still take."""

    left_seconds: Callable[[], float]
    wait: Callable[[float], bool]
    """Waits so many seconds; True when a signal ended the wait, or had come before."""

    def pause(self, seconds: float) -> bool:
        """Wait before another try; False when there is no time for the wait, or a signal came."""
        return seconds < self.left_seconds() and not self.wait(seconds)

    def at_most(self, seconds: float) -> "Allowance":
        """The same, ending after so many seconds from now at the latest."""
        ends_at = time.monotonic() + seconds
        return Allowance(
            left_seconds=lambda: min(self.left_seconds(), ends_at - time.monotonic()),
            wait=self.wait,
        )


def allowance_of(stop: Interruption, seconds: float) -> Allowance:
    """So many seconds from now; after a signal, what is left of the grace."""
    ends_at = time.monotonic() + seconds

    def left_seconds() -> float:
        grace = stop.seconds_left()
        left = ends_at - time.monotonic()
        return left if grace is None else min(left, grace)

    return Allowance(left_seconds=left_seconds, wait=stop.pause)


Severity = Literal["error", "warning", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file of the repository."""

    file: Path
    """Relative to the repository's root."""
    line: int | None = None
    """From 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A remark that the forge shows beside the line it is about."""

    severity: Severity
    title: str
    message: str
    place: Place | None = None

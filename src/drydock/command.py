"""A program to run, and how it ended, as values; `process.py` runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program to run to its end."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    """All of it: nothing is inherited."""
    directory: Path
    time_limit: timedelta
    stdin: bytes | None = None
    """Bytes to feed; None means an empty stdin."""
    user: int | None = None
    group: int | None = None
    """Whom to run it as, when we are root; None means as ourselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a command ended, and all it said, with U+FFFD for what is not UTF-8."""

    exit_code: int
    """Negative: the number of the signal that ended it."""
    stdout: str
    stderr: str
    timed_out: bool
    """We ended it, because of its time limit."""
    stopped: bool
    """We ended it, because we were told to stop."""

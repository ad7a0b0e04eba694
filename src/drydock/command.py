"""A program to run, and how it ended, as values; `process.py` runs it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

_SOURCE = str(Path(__file__).resolve().parents[1])
_BOOT = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"


def module_argv(module: str) -> tuple[str, ...]:
    """Run a module of this very package in a process of its own, whatever else is installed or set."""
    return (sys.executable, "-I", "-c", _BOOT, _SOURCE, module)


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

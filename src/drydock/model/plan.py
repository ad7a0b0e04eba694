"""What will be done, decided before any effect."""

from dataclasses import dataclass
from pathlib import Path

from drydock.model.history import HistoryProblem
from drydock.model.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedCommand:
    """A seed that is a program: the user's own command, or the tool's."""

    argv: tuple[str, ...]
    name: str = ""
    """How a message calls it; the program's own name when empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFile:
    """A seed that is SQL; run as one transaction where it is safe to."""

    file: Path
    text: str


SeedPart = SeedCommand | SeedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """Seed the target after a successful apply."""

    parts: tuple[SeedPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSeed:
    """The target is not seeded, and why."""

    reason: str


SeedDecision = Seed | NoSeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceed:
    """Apply these steps, in this order."""

    steps: tuple[Step, ...]
    warnings: tuple[HistoryProblem, ...]
    seed: SeedDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingPending:
    """The target has this checkout's migrations already."""

    warnings: tuple[HistoryProblem, ...]
    seed: SeedDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Nothing is done: these problems of the history need a decision by a person."""

    problems: tuple[HistoryProblem, ...]
    warnings: tuple[HistoryProblem, ...]


Plan = Proceed | NothingPending | Held

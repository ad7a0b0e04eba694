"""What happened, step by step."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drydock.model.history import Migration
from drydock.model.plan import NoSeed
from drydock.model.step import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What the server said no with, free of row values: class, names and place, and the message where it is safe."""

    sqlstate: str
    condition: str
    """The condition's name, as in the manual's appendix A: `unique_violation`."""
    message: str | None
    """The server's message, only for classes that carry no row values (42, 0A, 25, 55)."""
    names: tuple[str, ...]
    """Schema, table, column, constraint, type as far as the server named them: `constraint users_email_key`."""
    file: Path | None = None
    line: int | None = None
    statement: int | None = None
    """Number of the statement in the script, from 1."""
    kind: str | None = None
    """The statement's command words: `ALTER TABLE`."""

    def __str__(self) -> str:
        """One line: SQLSTATE, message or condition, and the names."""
        said = self.message or self.condition.replace("_", " ")
        return f"{self.sqlstate} {said}" + (f" ({', '.join(self.names)})" if self.names and not self.message else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTime:
    """How long one statement of a script took."""

    number: int
    """From 1."""
    line: int
    kind: str
    """The statement's command words: `ALTER TABLE`."""
    duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StepApplied:
    """The step's migration is wholly applied and recorded."""

    migration: Migration
    course: Course
    duration: timedelta
    attempts: int = 1
    notes: tuple[str, ...] = ()
    times: tuple[StatementTime, ...] = ()
    """Of each statement, where they were taken apart; empty on the target's atomic path and for a whole file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """The step failed. `clean` says that nothing of it is in effect and no history row is left."""

    migration: Migration
    refusal: Refusal
    clean: bool
    truth: str
    """One sentence on what is true of this migration on the target now."""
    attempts: int = 1
    blockers: tuple[str, ...] = ()
    """Sessions that held the locks, when the step failed for want of a lock."""
    resume_after: int | None = None
    """The last completed statement, where the same step may go on from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInterrupted:
    """A signal cancelled the step."""

    migration: Migration
    signal_number: int
    clean: bool
    truth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUnknown:
    """The connection was lost and the outcome could not be looked up."""

    migration: Migration
    truth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAttempted:
    """Another migration ended the apply, before it or in the same transaction: nothing of this one is in effect."""

    migration: Migration


StepOutcome = StepApplied | StepFailed | StepInterrupted | StepUnknown | NotAttempted


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """Every part of the seed ran."""

    parts: int
    duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFailed:
    """A part of the seed failed; the schema is applied."""

    part: str
    reason: str


SeedOutcome = Seeded | SeedFailed | NoSeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """Why the apply ended between two steps, with nothing half-done: a signal, a lost connection, a lost lock."""

    reason: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was done to the target, step by step, and the seed."""

    steps: tuple[StepOutcome, ...]
    seed: SeedOutcome
    halt: Halt | None = None
    notes: tuple[str, ...] = ()

"""What to run: scripts with their bookkeeping, and programs that bring their own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

from drydock.model.history import Migration
from drydock.sql.interface import Analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The tool's bookkeeping of one migration, as SQL. Tables are qualified; no statement needs a search path."""

    record: str
    """A SELECT that inserts the finished row and fails (22012) when the row did not get there."""
    opened: str
    """Before a careful step: the open row, or the dirty flag."""
    finished: str
    """After a careful step, same promise as `record`."""
    failed: str
    """After a careful step that left something behind; `$1` takes the text for the log."""
    withdrawn: str
    """After a careful step that left nothing behind: the row goes, the migration is pending again."""
    lookup: str
    """A SELECT that answers one row with `applied`, `open` or `absent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atomic:
    """Script and finished row go to the server in one message: both, or neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The script goes as one message, as the tool would send it, between the open row and the finished row."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepwise:
    """Statement by statement, progress recorded, between the open row and the finished row."""

    reason: str
    resume_after: int = 0
    """The number of the last statement that an earlier attempt completed."""
    uncertain: bool = False
    """The next statement had begun when the earlier attempt ended; the executor finds out what became of it."""


ScriptCourse = Atomic | Whole | Stepwise


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTool:
    """The project's own tool runs it, and writes its own bookkeeping."""

    in_transaction: bool
    """Whether migration and history row are one transaction: a failure leaves neither."""


Course = ScriptCourse | ByTool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptStep:
    """One migration script and its bookkeeping. It carries no address: what was rehearsed is what is applied."""

    migration: Migration
    text: str
    analysis: Analysis
    course: ScriptCourse
    ledger: Ledger

    @property
    def migrations(self) -> tuple[Migration, ...]:
        """The one migration, as a step of any kind has them."""
        return (self.migration,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandStep:
    """Migrations that only their own tool can run: one program runs them all, in this order. It carries no address.

    The program reads one order from its standard input and tells what happens (`marked.py`).
    """

    migrations: tuple[Migration, ...]
    argv: tuple[str, ...]
    directory: Path
    order: str
    """What is special to the tool in the order: a JSON object."""
    recorded: str
    """A SELECT of the names that the history calls applied. It fails when there is no history."""
    released: str
    """SQL that lets go of the tool's lock, which a killed program may leave taken."""


Step = ScriptStep | CommandStep


def migrations_of(steps: Iterable[Step]) -> tuple[Migration, ...]:
    """Every migration that the steps cover, in order."""
    return tuple(migration for step in steps for migration in step.migrations)


def without(step: Step, names: frozenset[str]) -> Step | None:
    """The step for what is left when these migrations are taken out of it; None when nothing is."""
    left = tuple(migration for migration in step.migrations if migration.name not in names)
    match step:
        case ScriptStep():
            return step if left else None
        case CommandStep():
            return replace(step, migrations=left) if left else None
        case _:
            assert_never(step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a careful step got: `done` statements completed, `running` begun and not known to be complete."""

    history: str
    migration: str
    digest: str
    """Of the text of the completed statements: resuming needs them unchanged."""
    done: int
    running: int | None
    opened: str | None
    """When its open row was written, so that the progress of another attempt is not taken for this one's."""

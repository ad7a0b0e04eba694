"""What to run: scripts with their bookkeeping."""

from dataclasses import dataclass
from typing import Literal

from drydock.model.history import Migration, Table
from drydock.sql.interface import Analysis

Direction = Literal["up", "down"]
UNFINISHED = Table(schema="drydock", name="unfinished")
"""Our own table of careful steps that were begun, for tools whose history knows only what is applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The tool's bookkeeping of one step, as SQL. Tables are qualified; no statement needs a search path.

    Of a step down it is the bookkeeping of undoing: `record` takes the row away, `withdrawn` leaves it as it was, and
    `lookup` answers `applied` once the row is gone, `absent` while it is there: it speaks of the step.
    """

    record: str
    """A SELECT that inserts the finished row and fails (22012) when the row did not get there."""
    opened: str | None
    """Before a careful step: the open row, or the dirty flag. None where the tool has neither."""
    finished: str
    """After a careful step, same promise as `record`."""
    failed: str
    """After a careful step that left something behind; `$1` takes the text for the log."""
    withdrawn: str
    """After a careful step that left nothing behind: the row goes, the migration is pending again."""
    lookup: str
    """A SELECT that answers one row with `applied`, `open` or `absent`: what became of the step."""
    witnessed: "Ledger | None" = None
    """For careful steps where our own schema is there: what the tool has no row for is in `UNFINISHED`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atomic:
    """Script and finished row go to the server in one message: both, or neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Shares one transaction with the joined steps next to it: all of them are applied and recorded, or none."""


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


Course = Atomic | Joined | Whole | Stepwise


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptStep:
    """One migration script and its bookkeeping. It carries no address: what was rehearsed is what is applied."""

    migration: Migration
    text: str
    analysis: Analysis
    course: Course
    ledger: Ledger
    direction: Direction = "up"


Step = ScriptStep


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

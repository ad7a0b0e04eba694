"""What the rehearsal found: where the copy came from, what each step did there, and how far that proves anything."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from drydock.model.catalog import Change
from drydock.model.history import Migration, Table
from drydock.model.outcome import Refusal, StatementTime, StepOutcome

SourceKind = Literal["target-schema", "snapshot", "history"]
ScratchKind = Literal["embedded", "given", "clone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the content of the scratch came from."""

    kind: SourceKind
    name: str
    """For people: `the schema of shop`, `backups/shop.dump`; no credentials."""
    has_rows: bool
    """Whether tables hold the target's rows, so that what depends on rows can be proven."""
    server_version: str | None = None
    """Of the server that was dumped, as the dump says it: `15.3`."""
    taken_at: str | None = None
    """When the dump was made, as it says itself, with whatever time zone it gives."""
    size_bytes: int | None = None
    sha256: str | None = None
    """Lower-case hex, of a snapshot whose checksum was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something of the dump that is not on the scratch: what cannot be there, may not be there, or hangs on such."""

    kind: str
    """As pg_dump calls it, in lower case: `extension`, `table`, `subscription`, `user mapping`."""
    name: str
    """Qualified where it has a schema; never an option's value or a password."""
    reason: str
    relations: tuple[str, ...] = ()
    """Qualified names of tables, views and sequences that are missing because of it, quoted as SQL needs it."""
    members: frozenset[str] = frozenset()
    """Bare names, in lower case, of what an extension brings: a migration needs it without naming it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Rows of a snapshot that are not on the scratch, because no pending step reaches them; their tables are."""

    tables: tuple[Table, ...] = ()
    materialized_views: tuple[Table, ...] = ()
    """Not filled."""


NOTHING_LEFT_OUT = LeftOut()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a source brought onto the scratch."""

    origin: Origin
    skipped: tuple[Skipped, ...] = ()
    left_out: LeftOut = NOTHING_LEFT_OUT
    notes: tuple[str, ...] = ()
    """What was changed on the way: disabled event triggers, foreign servers led nowhere, roles made up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """It ran on the target's rows, or does not depend on rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProven:
    """It ran, but on tables without rows, and what it does depends on rows."""

    relations: tuple[str, ...]
    """Whose rows matter, as far as they are named; empty when that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconclusive:
    """It failed on tables without rows in a way that only says that rows are missing (class 21, 22, 23, P0)."""

    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Untried:
    """It was not rehearsed, and why; neither good nor bad is known."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disproven:
    """It failed on the copy, and would fail on the target."""

    outcome: StepOutcome


Proof = Proven | NotProven | Inconclusive | Untried | Disproven


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedStep:
    """One pending migration on the copy."""

    migration: Migration
    proof: Proof
    duration: timedelta | None = None
    """None when it did not come to its end."""
    times: tuple[StatementTime, ...] = ()
    """Empty where the script went as one message whose statements cannot be told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSum:
    """How many values a column holds, and a sum that changes when any of them does."""

    column: str
    """`public.users.email`."""
    values: int
    """That are not null."""
    total: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A column whose values a rollback loses: to apply the migration again does not bring them back."""

    column: str
    values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """The migrations were undone on the copy and applied again: what is not as it was before."""

    changes: tuple[Change, ...]
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRedone:
    """The migrations were undone on the copy, and could not be applied again."""

    outcome: StepOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The scratch that was rehearsed on."""

    kind: ScratchKind
    server_version: str
    user: str
    """Whom the steps ran as."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """The pending steps were run on a copy, in order, as far as they went."""

    copy: Copy
    loaded: Loaded
    steps: tuple[RehearsedStep, ...]
    caught_up: tuple[str, ...]
    """Migrations that the target has and the snapshot had not; applied to the copy first."""
    ahead: tuple[str, ...]
    """Migrations that the snapshot has and the target has not."""
    drift: tuple[Change, ...]
    """From the copy, brought to the target's point of history, to the target: what is there that no migration made."""
    changes: tuple[Change, ...]
    """What the steps changed in the schema of the copy."""
    load_duration: timedelta
    duration: timedelta
    """Of the steps alone."""
    notes: tuple[str, ...] = ()
    redone: Redone | NotRedone | None = None
    """Of a rollback: what came of applying again what it undid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRehearsed:
    """No rehearsal took place, and why; every report says so."""

    reason: str


Rehearsal = Rehearsed | NotRehearsed

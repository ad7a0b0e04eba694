"""The shape of `drydock/result/v1`, the machine-readable report. The published schema is generated from these classes.

A text beside a type is the field's description in the schema. Fields are never left out; what is not known, or does
not apply, is null. Within v1 fields may be added, none is renamed or given another meaning.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

SCHEMA: Literal["drydock/result/v1"] = "drydock/result/v1"

Milliseconds = Annotated[int, "Whole milliseconds."]
PlanKind = Literal["proceed", "nothing_pending", "held"]
Reaction = Literal["stop", "warn", "ok"]
ProblemKind = Literal["failed_row", "edited", "missing", "newer", "out_of_order", "not_baselined", "corrupt", "locked"]
Outcome = Literal["applied", "failed", "interrupted", "unknown", "not_attempted"]
RunPath = Literal["atomic", "whole", "stepwise", "tool"]
FileName = Annotated[str, "Path of the file, relative to the directory of the run where possible."]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictShape:
    """How the run ended, and what to do next."""

    exit_code: Annotated[int, "What the process answers; the README has the table."]
    line: Annotated[str, "The verdict for people."]
    truth: Annotated[str, "What is true of the target now."]
    hint: Annotated[str, "What to do next; empty when there is nothing to do."]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkShape:
    """The environment mark that the database itself carries."""

    environment: Annotated[str | None, "The mark; null when there is none that is valid here."]
    travelled: Annotated[str | None, "A mark that came in a dump of another database, and counts for nothing."]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetShape:
    """The database that was deployed to; no credentials."""

    server_version: str
    database: str
    user: str
    mark: MarkShape
    had_tables: Annotated[bool, "Whether it had tables before this run."]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryTableShape:
    """The migration tool's own table."""

    schema: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationShape:
    """A pending migration."""

    name: str
    file: FileName
    sha256: Annotated[str, "Of the script, as the migration tool computes it; lower-case hex."]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemShape:
    """Something wrong with the history."""

    kind: ProblemKind
    name: Annotated[str | None, "The migration; null for the kinds that are about no single one."]
    file: Annotated[FileName | None, "Its file, for `edited` and, where there is one, `failed_row`."]
    started_at: Annotated[str | None, "For `failed_row`: when it was begun, as the server writes it."]
    after: Annotated[str | None, "For `out_of_order`: the applied migration that sorts after it."]
    tables: Annotated[tuple[str, ...], "For `not_baselined`: a few tables of the database."]
    reaction: Annotated[
        Reaction | None,
        "What the run makes of it: `stop` holds everything; `ok` is tolerated, or resumed by this run; null when "
        "nothing was planned.",
    ]
    text: Annotated[str, "What is the matter, for people."]
    hint: Annotated[str, "What to try next, for people."]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShape:
    """What was decided before anything was done."""

    kind: PlanKind


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTimeShape:
    """How long one statement took on the copy."""

    statement: Annotated[int, "Its number in the file, from 1."]
    line: int
    kind: Annotated[str, "Its command words: `ALTER TABLE`."]
    duration_ms: Annotated[float, "Milliseconds, to the microsecond."]


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedStepShape:
    """What one migration's rehearsal came to."""

    name: str
    proof: Annotated[
        Literal["proven", "not_proven", "inconclusive", "not_rehearsed", "failed"],
        "`not_proven`: it ran, but depends on rows, and the copy has none; `inconclusive`: it failed as it may for "
        "want of rows.",
    ]
    reason: Annotated[str | None, "Why it is not proven, for people."]
    duration_ms: Milliseconds | None
    statements: Annotated[
        tuple[StatementTimeShape, ...], "Empty where the file went whole, and where it did not come to its end."
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalShape:
    """What was tried on a copy first."""

    kind: Annotated[Literal["none", "target-schema", "snapshot", "history"], "Where the copy's content came from."]
    reason: Annotated[str, "Why there was no rehearsal; empty when there was one."]
    source: Annotated[str | None, "What was copied, for people; null, like all that follows, without a rehearsal."] = (
        None
    )
    taken_at: Annotated[str | None, "When the snapshot was made, as it says itself."] = None
    caught_up: Annotated[tuple[str, ...], "Migrations that the target has and the snapshot had not."] = ()
    scratch: Annotated[Literal["embedded", "given", "clone"] | None, "Where the copy was."] = None
    server_version: Annotated[str | None, "Of the copy's server."] = None
    user: Annotated[str | None, "Whom the migrations ran as on the copy."] = None
    steps: Annotated[tuple[RehearsedStepShape, ...], "In order."] = ()
    changes: Annotated[
        tuple[str, ...], "What the migrations changed in the schema: `+`, `-` or `~` and the object."
    ] = ()
    drift: Annotated[
        tuple[str, ...], "How the target differs from the snapshot at the same point of history: `+`, `-` or `~`."
    ] = ()
    skipped: Annotated[tuple[str, ...], "What the target has and the copy has not."] = ()
    notes: tuple[str, ...] = ()
    load_ms: Annotated[Milliseconds | None, "How long it took to make the copy."] = None
    duration_ms: Annotated[Milliseconds | None, "How long the migrations took on it, together."] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalShape:
    """What the server said no with; no row values."""

    sqlstate: str
    condition: Annotated[str, "The name of the condition, as PostgreSQL's manual lists it."]
    message: Annotated[str | None, "The server's message, only where its class carries no row values."]
    names: Annotated[tuple[str, ...], "Kind and name of what the server named: `constraint users_email_key`."]
    file: FileName | None
    line: Annotated[int | None, "From 1."]
    statement: Annotated[int | None, "Number of the statement in the file, from 1."]
    kind: Annotated[str | None, "The command words of the statement: `ALTER TABLE`."]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShape:
    """What became of one migration of this run."""

    name: str
    file: FileName
    outcome: Outcome
    path: Annotated[
        RunPath | None,
        "How an applied migration was run: as one transaction with its history row, as one message, statement by "
        "statement, or by the project's own tool.",
    ]
    reason: Annotated[str | None, "Why the path was not `atomic`."]
    duration_ms: Milliseconds | None
    attempts: int | None
    signal: Annotated[int | None, "The signal that cancelled it."]
    refusal: RefusalShape | None
    clean: Annotated[
        bool | None,
        "True when it is wholly applied and recorded, or not there at all; null when that is not known, and when "
        "it was not attempted.",
    ]
    truth: Annotated[str | None, "What is true of this migration on the target now, for people."]
    resume_after: Annotated[int | None, "The last statement that is complete, where the next deploy can go on."]
    blockers: Annotated[tuple[str, ...], "Sessions that held the locks, when it failed for want of a lock."]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedShape:
    """What became of the seed."""

    outcome: Annotated[
        Literal["seeded", "failed", "not_seeded", "planned"], "`planned`: decided on, but the run did not get to it."
    ]
    parts: Annotated[int | None, "How many parts ran, or were to run."]
    duration_ms: Milliseconds | None
    part: Annotated[str | None, "The part that failed."]
    reason: Annotated[str | None, "Why it failed, or why the database was not to be seeded."]


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltShape:
    """Why the apply ended between two migrations."""

    reason: str
    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortedShape:
    """Why Drydock could not do its job."""

    stage: str
    what: str
    truth: Annotated[str, "What is true of the target now."]
    hint: Annotated[str, "What to do next."]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptShape:
    """An earlier deploy, from the audit table."""

    started_at: str
    finished_at: str | None
    who: Annotated[str, "The database user."]
    environment: str | None
    revision: Annotated[str | None, "The commit that was deployed."]
    run_url: str | None
    version: Annotated[str, "Of Drydock."]
    history: str
    planned: Annotated[int, "How many migrations were to be applied."]
    applied: Annotated[int, "How many of them were, in their order."]
    outcome: Annotated[str | None, "The verdict; null when the run ended without one, as when it was killed."]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultShape:
    """One run of Drydock."""

    schema: Literal["drydock/result/v1"]
    command: str
    version: Annotated[str, "Of Drydock."]
    verdict: VerdictShape
    environment: Annotated[str | None, "The environment that was configured; null means production rules."]
    target: Annotated[TargetShape | None, "Null when it was not reached."]
    tool: Annotated[str | None, "The migration tool; null, like the next four fields, when no history was read."]
    history_table: HistoryTableShape | None
    applied_count: Annotated[int | None, "Applied migrations, before this run did anything."]
    pending: Annotated[tuple[MigrationShape, ...] | None, "In order, before this run did anything."]
    problems: tuple[ProblemShape, ...] | None
    plan: Annotated[PlanShape | None, "Null when the run came to no plan."]
    rehearsal: Annotated[RehearsalShape | None, "Null when the run came to no rehearsal."]
    steps: Annotated[tuple[StepShape, ...], "In order; empty when nothing was to be applied."]
    seed: Annotated[SeedShape | None, "Null when it was not decided on."]
    halt: Annotated[HaltShape | None, "Null when the apply was not ended between two migrations."]
    notes: tuple[str, ...]
    aborted: Annotated[AbortedShape | None, "Null when Drydock did its job, whatever came of it."]
    duration_ms: Milliseconds
    log: Annotated[tuple[AttemptShape, ...] | None, "Newest first; null when it was not asked for (`status --log`)."]

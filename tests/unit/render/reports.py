"""Hand-made reports, one per situation. What they say is what the pipeline would say there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drydock.errors import ExitCode
from drydock.model import (
    Aborted,
    Applied,
    Atomic,
    Checkout,
    HistoryProblem,
    Mark,
    Migration,
    NoSeed,
    NotAttempted,
    NotRehearsed,
    Outcome,
    Report,
    SeedOutcome,
    Status,
    StepApplied,
    StepOutcome,
    Table,
    Target,
    ToolLock,
    Verdict,
)

UNTOUCHED = "The target was not touched."
RESOLVE = "See what is true with `drydock status`, mend it, then `drydock resolve NAME --applied` or `--rolled-back`."
NOT_REHEARSED = NotRehearsed(reason="rehearse is none")
COMMIT = "8c3b1f0aa1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6"
RUN_URL = "https://github.com/acme/shop/actions/runs/77"
NO_SEED = NoSeed(reason="no seed is configured")


def migration(name: str) -> Migration:
    """A Prisma migration of that name."""
    file = Path("prisma/migrations") / name / "migration.sql"
    return Migration(name=name, file=file, checksum=f"{sum(name.encode()):064x}")


INIT = migration("20240105090000_init")
EMAIL = migration("20240112101500_unique_email")
INDEX = migration("20240120000000_index_orders")
ORDERS = migration("20240203114500_orders")


def verdict(code: ExitCode, line: str, truth: str, hint: str = "") -> Verdict:
    """A verdict with this exit code."""
    return Verdict(exit_code=int(code), line=line, truth=truth, hint=hint)


def status(*pending: Migration, problems: tuple[HistoryProblem, ...] = (), applied: int = 12) -> Status:
    """A Prisma history with so many applied migrations."""
    return Status(
        tool="prisma",
        history=Table(schema="public", name="_prisma_migrations"),
        lock=ToolLock(key=72707369, holders_block=True),
        applied=tuple(Applied(name=f"{number:04}_old", finished_at=None) for number in range(applied)),
        pending=pending,
        problems=problems,
        preparation=(),
    )


def applied(one: Migration, milliseconds: int = 12) -> StepApplied:
    """Applied on the atomic path."""
    return StepApplied(migration=one, course=Atomic(), duration=timedelta(milliseconds=milliseconds))


def not_attempted(one: Migration) -> NotAttempted:
    """Behind the step that ended the apply."""
    return NotAttempted(migration=one)


def outcome(*steps: StepOutcome, seed: SeedOutcome = NO_SEED, notes: tuple[str, ...] = ()) -> Outcome:
    """An apply that came to an end of its own."""
    return Outcome(steps=steps, seed=seed, notes=notes)


def report(said: Verdict, command: str = "deploy") -> Report:
    """A run on staging that got as far as connecting; `replace` puts in what came after."""
    return Report(
        command=command,
        version="0.1.0",
        verdict=said,
        environment="staging",
        target=Target(
            server_version="16.4",
            database="shop",
            user="deployer",
            mark=Mark(environment="staging"),
            had_tables=True,
        ),
        status=None,
        plan=None,
        rehearsal=NOT_REHEARSED,
        outcome=None,
        aborted=None,
        duration=timedelta(milliseconds=1234),
        checkout=Checkout(commit=COMMIT, source_url=f"https://github.com/acme/shop/blob/{COMMIT}"),
        ended_at=datetime(2024, 2, 3, 12, 0, tzinfo=UTC),
    )


def deployed(said: Verdict, before: Status, done: Outcome) -> Report:
    """A deploy that got as far as applying."""
    return replace(report(said), status=before, outcome=done)


def unreached(aborted: Aborted) -> Report:
    """A run that never got to talk to the target."""
    said = Verdict(exit_code=aborted.exit_code, line=aborted.what, truth=aborted.truth, hint=aborted.hint)
    return replace(report(said), target=None, rehearsal=None, aborted=aborted)

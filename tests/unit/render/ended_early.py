"""Reports of runs that changed the target and did not come to their end."""

from dataclasses import replace
from pathlib import Path

from drydock.errors import ExitCode
from drydock.model import (
    Aborted,
    Halt,
    Refusal,
    Report,
    SeedFailed,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepUnknown,
)
from tests.unit.render.reports import (
    EMAIL,
    INDEX,
    INIT,
    ORDERS,
    RESOLVE,
    UNTOUCHED,
    applied,
    deployed,
    migration,
    not_attempted,
    outcome,
    status,
    verdict,
)

EVERYTHING_RECORDED = "Every migration is applied and recorded."
ROLLED_BACK = "Everything of it was rolled back; it is pending again."
ONE_BEFORE = "The target is clean: 1 migration applied before, and all of it is recorded."


def half_applied() -> Report:
    """A migration on the careful path fails at its third statement."""
    refusal = Refusal(
        sqlstate="42P01",
        condition="undefined_table",
        message='relation "ordrs" does not exist',
        names=(),
        file=INDEX.file,
        line=9,
        statement=3,
        kind="CREATE INDEX CONCURRENTLY",
    )
    truth = "Statements 1 to 2 are in effect, statement 3 is not; the history row is open."
    failed = StepFailed(migration=INDEX, refusal=refusal, clean=False, truth=truth, resume_after=2)
    said = verdict(
        ExitCode.FAILED_HALF, f"Migration {INDEX.name} failed: {refusal}; 1 migration applied before.", truth, RESOLVE
    )
    return deployed(said, status(INIT, INDEX, ORDERS), outcome(applied(INIT), failed, not_attempted(ORDERS)))


def interrupted() -> Report:
    """SIGTERM in a long statement."""
    cancelled = StepInterrupted(migration=ORDERS, signal_number=15, clean=True, truth=ROLLED_BACK)
    said = verdict(
        ExitCode.TERMINATED,
        f"Interrupted by signal 15 during {ORDERS.name}; 1 migration applied before.",
        f"{ROLLED_BACK} {ONE_BEFORE}",
        "Run again; everything that is applied is recorded.",
    )
    return deployed(said, status(INIT, ORDERS), outcome(applied(INIT), cancelled))


def halted() -> Report:
    """A signal between two migrations."""
    said = verdict(
        ExitCode.INTERRUPTED,
        "Stopped between two migrations: interrupted by signal 2; 1 migration applied before.",
        ONE_BEFORE,
        "Run again; everything that is applied is recorded.",
    )
    done = replace(
        outcome(applied(INIT), not_attempted(ORDERS)), halt=Halt(reason="interrupted by signal 2", exit_code=130)
    )
    return deployed(said, status(INIT, ORDERS), done)


def unknown() -> Report:
    """The connection is gone at COMMIT and does not come back."""
    truth = "Whether it was applied could not be found out."
    said = verdict(
        ExitCode.FAILED_HALF, f"The outcome of {ORDERS.name} is unknown; nothing applied before.", truth, RESOLVE
    )
    return deployed(said, status(ORDERS), outcome(StepUnknown(migration=ORDERS, truth=truth)))


def unique_violation() -> Report:
    """The second of three fails over the rows of the target, cleanly."""
    refusal = Refusal(
        sqlstate="23505",
        condition="unique_violation",
        message=None,
        names=("schema public", "table users", "constraint users_email_key"),
        file=EMAIL.file,
        line=3,
        statement=2,
        kind="CREATE UNIQUE INDEX",
    )
    failed = StepFailed(migration=EMAIL, refusal=refusal, clean=True, truth=ROLLED_BACK)
    said = verdict(
        ExitCode.FAILED_CLEAN,
        f"Migration {EMAIL.name} failed: {refusal}; 1 migration applied before.",
        f"{ROLLED_BACK} {ONE_BEFORE}",
        "Correct the migration, then run again.",
    )
    return deployed(said, status(INIT, EMAIL, INDEX), outcome(applied(INIT), failed, not_attempted(INDEX)))


def lock_timeout() -> Report:
    """No lock within the budget; the sessions in the way are named."""
    refusal = Refusal(
        sqlstate="55P03",
        condition="lock_not_available",
        message="canceling statement due to lock timeout",
        names=(),
        file=ORDERS.file,
        line=1,
        statement=1,
        kind="ALTER TABLE",
    )
    failed = StepFailed(
        migration=ORDERS,
        refusal=refusal,
        clean=True,
        truth=ROLLED_BACK,
        attempts=11,
        blockers=("pid 4711 (web, puma), idle in transaction for 42 s", "pid 4712 (reports, psql), active for 7 min"),
    )
    said = verdict(
        ExitCode.LOCK,
        f"Migration {ORDERS.name} failed: {refusal}; nothing applied before.",
        ROLLED_BACK,
        "Run again when the sessions in the way have ended.",
    )
    return deployed(said, status(ORDERS), outcome(failed))


def many_applied() -> Report:
    """200 to apply; the 150th fails for want of a privilege."""
    every = tuple(migration(f"2024{number:04}_change") for number in range(200))
    message = "permission denied for schema public"
    refusal = Refusal(sqlstate="42501", condition="insufficient_privilege", message=message, names=())
    refusal = replace(refusal, file=Path("prisma/migrations/20240149_change/migration.sql"))
    failed = StepFailed(migration=every[149], refusal=refusal, clean=True, truth=ROLLED_BACK)
    said = verdict(
        ExitCode.FAILED_CLEAN,
        f"Migration {every[149].name} failed: {refusal}; 149 migrations applied before.",
        f"{ROLLED_BACK} The target is clean: 149 migrations applied before, and all of it is recorded.",
        "Correct the migration, then run again.",
    )
    steps: tuple[StepOutcome, ...] = (
        *(applied(one) for one in every[:149]),
        failed,
        *(not_attempted(one) for one in every[150:]),
    )
    return deployed(said, status(*every), outcome(*steps))


def lost_after_apply() -> Report:
    """All applied; then something else went wrong, and its error does not know of the apply."""
    what = "The server went away."
    said = verdict(
        ExitCode.UNREACHABLE, f"1 migration applied; then: {what}", EVERYTHING_RECORDED, "Run again for the seed."
    )
    aborted = Aborted(stage="seed", what=what, truth=UNTOUCHED, hint="Wait.", exit_code=ExitCode.UNREACHABLE)
    return replace(deployed(said, status(ORDERS), outcome(applied(ORDERS))), aborted=aborted)


def seed_failed() -> Report:
    """Applied, and the seed failed."""
    seed = SeedFailed(part="seeds/cities.sql", reason="23505 unique violation (table cities)")
    said = verdict(
        ExitCode.SEED_FAILED,
        f"1 migration applied, but the seed failed in {seed.part}: {seed.reason}.",
        EVERYTHING_RECORDED,
        "Correct the seed; the next deploy runs it again.",
    )
    return deployed(said, status(ORDERS), outcome(applied(ORDERS), seed=seed))

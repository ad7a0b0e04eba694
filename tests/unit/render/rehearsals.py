"""Reports of runs that rehearsed: every proof there is, and a failure on the copy."""

from dataclasses import replace
from datetime import timedelta

from drydock.errors import ExitCode
from drydock.model import (
    Copy,
    Disproven,
    Inconclusive,
    LeftOut,
    Loaded,
    NotProven,
    Origin,
    Proceed,
    Proven,
    Refusal,
    Rehearsed,
    RehearsedStep,
    Report,
    Skipped,
    StepFailed,
    Table,
    Untried,
)
from tests.unit.render.reports import EMAIL, INDEX, INIT, NO_SEED, ORDERS, UNTOUCHED, report, status, verdict

REFUSAL = Refusal(
    sqlstate="42P01",
    condition="undefined_table",
    message='relation "orders" does not exist',
    names=(),
    file=INDEX.file,
    line=3,
    statement=2,
    kind="CREATE INDEX",
)
OF_ROWS = Refusal(sqlstate="23503", condition="foreign_key_violation", message=None, names=("table orders",))
MILLISECONDS = timedelta(milliseconds=1)
MAPPING = Skipped(kind="user mapping", name="deployer SERVER far", reason="it would reach out of the scratch")


def rehearsed(*steps: RehearsedStep) -> Rehearsed:
    """On a copy of the schema of shop."""
    return Rehearsed(
        copy=Copy(kind="embedded", server_version="16.14", user="deployer"),
        loaded=Loaded(
            origin=Origin(kind="target-schema", name="the schema of shop", has_rows=False), skipped=(MAPPING,)
        ),
        steps=steps,
        caught_up=(),
        ahead=(),
        drift=(),
        changes=(),
        load_duration=1400 * MILLISECONDS,
        duration=37 * MILLISECONDS,
        notes=("The scratch server is PostgreSQL 16, the target's is 15.",),
    )


def failed_on_the_copy() -> Report:
    """A check that found a migration which would fail."""
    disproven = Disproven(
        outcome=StepFailed(migration=INDEX, refusal=REFUSAL, clean=True, truth="Nothing of it is left on the copy.")
    )
    said = verdict(
        ExitCode.REHEARSAL_FAILED,
        f"Migration {INDEX.name} failed in the rehearsal: {REFUSAL}.",
        UNTOUCHED,
        "Correct the migration, then run again.",
    )
    steps = (
        RehearsedStep(migration=INIT, proof=Proven(), duration=12 * MILLISECONDS),
        RehearsedStep(migration=INDEX, proof=disproven),
        RehearsedStep(migration=ORDERS, proof=Untried(reason="a migration before it was not applied to the copy")),
    )
    return replace(report(said, "check"), status=status(INIT, INDEX, ORDERS), rehearsal=rehearsed(*steps))


def rows_left_out() -> Report:
    """A check on a snapshot of which only the rows were restored that the migrations can reach."""
    said = verdict(ExitCode.DONE, "1 migration pending.", UNTOUCHED)
    steps = (RehearsedStep(migration=INDEX, proof=Proven(), duration=12 * MILLISECONDS),)
    loaded = Loaded(
        origin=Origin(kind="snapshot", name="shop.dump", has_rows=True, taken_at="2026-11-20 03:00:00"),
        left_out=LeftOut(
            tables=tuple(Table(schema="public", name=f"events_{number}") for number in range(17)),
            materialized_views=(Table(schema="public", name="totals"),),
        ),
    )
    return replace(
        report(said, "check"),
        status=status(INDEX),
        plan=Proceed(steps=(), warnings=(), seed=NO_SEED),
        rehearsal=replace(rehearsed(*steps), loaded=loaded),
    )


def rehearsed_without_rows() -> Report:
    """A check on a copy whose tables are empty."""
    said = verdict(ExitCode.DONE, "4 migrations pending.", UNTOUCHED)
    steps = (
        RehearsedStep(migration=INIT, proof=Proven(), duration=12 * MILLISECONDS),
        RehearsedStep(migration=EMAIL, proof=NotProven(relations=("users",)), duration=3 * MILLISECONDS),
        RehearsedStep(migration=INDEX, proof=NotProven(relations=()), duration=3 * MILLISECONDS),
        RehearsedStep(migration=ORDERS, proof=Inconclusive(refusal=OF_ROWS)),
    )
    return replace(
        report(said, "check"),
        status=status(INIT, EMAIL, INDEX, ORDERS),
        plan=Proceed(steps=(), warnings=(), seed=NO_SEED),
        rehearsal=rehearsed(*steps),
    )

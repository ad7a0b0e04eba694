"""Reports of runs that rehearsed: every proof there is, and a failure on the copy."""

from dataclasses import replace
from datetime import timedelta

from drydock.errors import ExitCode
from drydock.model import (
    Change,
    Copy,
    Disproven,
    Inconclusive,
    LeftOut,
    Loaded,
    Loss,
    NotProven,
    NotRedone,
    Origin,
    OutOfOrder,
    Proceed,
    Proven,
    Redone,
    Refusal,
    Rehearsed,
    RehearsedStep,
    Report,
    Skipped,
    StatementTime,
    StepFailed,
    Table,
    Untried,
)
from tests.unit.render.reports import (
    EMAIL,
    INDEX,
    INIT,
    NO_SEED,
    ORDERS,
    UNTOUCHED,
    applied,
    outcome,
    report,
    status,
    verdict,
)

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


def times(*kinds: str) -> tuple[StatementTime, ...]:
    """A statement on every third line, each slower than the one before."""
    return tuple(
        StatementTime(number=number, line=3 * number - 1, kind=kind, duration=number**5 * MILLISECONDS)
        for number, kind in enumerate(kinds, start=1)
    )


def change(before: str | None, after: str | None, what: str, aspect: str) -> Change:
    """A property that is another one afterwards."""
    return Change(kind="altered", what=what, aspect=aspect, before=before, after=after)


CHANGES = (
    Change(kind="added", what="column public.users.email"),
    change("character varying(20)", "text", "column public.users.name", "type"),
    change("'a-default'::text", "'another'::text", "column public.users.name", "default expression"),
    change(None, "as the old one said", "comment table public.users", "text"),
    change("begin\n  x := 'one';\nend", "begin\n  x := 'two';\nend", "function public.f()", "definition"),
    change(" SELECT 1 AS one;", " SELECT 1 AS one\n   FROM `odd`;", "view public.v", "definition"),
    Change(kind="removed", what="index public.users_name_idx"),
)


def checked_on_a_snapshot() -> Report:
    """A check that proved everything: statements and their times, changes, drift, warnings, notes."""
    shown = replace(
        rehearsed(
            RehearsedStep(
                migration=EMAIL, proof=Proven(), duration=timedelta(seconds=3), times=times("ALTER TABLE", "UPDATE")
            ),
            RehearsedStep(
                migration=INDEX, proof=Proven(), duration=MILLISECONDS, times=times("CREATE INDEX CONCURRENTLY")
            ),
        ),
        loaded=Loaded(
            origin=Origin(kind="snapshot", name="backups/shop.dump", has_rows=True, taken_at="2024-02-03 02:00:00 UTC"),
            skipped=(MAPPING,),
            notes=("The event trigger watching is disabled on the copy.",),
        ),
        caught_up=(INIT.name,),
        changes=CHANGES,
        drift=(Change(kind="added", what="index public.by_hand"),),
    )
    said = verdict(
        ExitCode.DONE, "2 migrations pending.", UNTOUCHED, "Apply with `drydock deploy` and the same options."
    )
    late = OutOfOrder(name=INDEX.name, after=ORDERS.name)
    return replace(
        report(said, "check"),
        status=status(EMAIL, INDEX, problems=(late,)),
        plan=Proceed(steps=(), warnings=(late,), seed=NO_SEED),
        rehearsal=shown,
    )


def rolled_back() -> Report:
    """Two migrations undone; on the copy they were applied again, and what they held is lost."""
    steps = (
        RehearsedStep(migration=EMAIL, proof=Proven(), duration=3 * MILLISECONDS),
        RehearsedStep(migration=ORDERS, proof=Proven(), duration=2 * MILLISECONDS),
    )
    redone = Redone(
        changes=(Change(kind="removed", what="index public.by_hand"),),
        losses=(Loss(column="public.users.email", values=7),),
    )
    said = verdict(ExitCode.DONE, "2 migrations rolled back.", "Every migration is rolled back, and pending again.")
    return replace(
        report(said, "rollback"),
        status=status(INDEX),
        plan=Proceed(steps=(), warnings=(), seed=NO_SEED),
        rehearsal=replace(rehearsed(*steps), redone=redone),
        outcome=outcome(applied(EMAIL), applied(ORDERS)),
    )


def rolled_back_for_good() -> Report:
    """A rollback whose migration could not be applied again on the copy."""
    failed = StepFailed(migration=INDEX, refusal=REFUSAL, clean=True, truth="Nothing of it is left on the copy.")
    step = RehearsedStep(migration=INDEX, proof=Proven(), duration=MILLISECONDS)
    return replace(
        rolled_back(),
        rehearsal=replace(rehearsed(step), redone=NotRedone(outcome=failed)),
        outcome=outcome(applied(INDEX)),
    )

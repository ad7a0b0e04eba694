"""Reports of runs that did what they were to do."""

from dataclasses import replace
from datetime import timedelta

from drydock.errors import ExitCode
from drydock.model import (
    FailedRow,
    Mark,
    NothingPending,
    OutOfOrder,
    Proceed,
    Report,
    Seed,
    SeedCommand,
    Seeded,
    StepApplied,
    Stepwise,
    Whole,
)
from tests.unit.render.reports import (
    EMAIL,
    INDEX,
    INIT,
    NO_SEED,
    ORDERS,
    UNTOUCHED,
    applied,
    deployed,
    migration,
    outcome,
    report,
    status,
    verdict,
)

EVERYTHING_RECORDED = "Every migration is applied and recorded."
ROLLED_BACK = "Everything of it was rolled back; it is pending again."
ONE_BEFORE = "The target is clean: 1 migration applied before, and all of it is recorded."


def applied_all() -> Report:
    """Three applied, one statement by statement, one as a whole."""
    index = StepApplied(
        migration=INDEX,
        course=Stepwise(reason="line 1: CREATE INDEX CONCURRENTLY cannot run in a transaction"),
        duration=timedelta(minutes=2, seconds=5),
        attempts=3,
        notes=("an invalid index that an earlier attempt left was dropped",),
    )
    whole = StepApplied(
        migration=ORDERS,
        course=Whole(reason="the file is not valid UTF-8"),
        duration=timedelta(milliseconds=3400),
    )
    said = verdict(ExitCode.DONE, "4 migrations applied.", EVERYTHING_RECORDED)
    done = outcome(applied(INIT), applied(EMAIL, 0), index, whole, notes=("the audit row was not written",))
    resumed = FailedRow(name=INDEX.name, started_at="2024-01-20 00:00:00+00", migration=INDEX)
    before = status(INIT, EMAIL, ORDERS, problems=(OutOfOrder(name=INIT.name, after="20240110_later"), resumed))
    plan = Proceed(steps=(), warnings=before.problems[:1], seed=NO_SEED)
    return replace(deployed(said, before, done), plan=plan)


def nothing_pending() -> Report:
    """A second deploy."""
    said = verdict(ExitCode.DONE, "Nothing pending: the target has this checkout's migrations.", UNTOUCHED)
    return replace(report(said), status=status(), plan=NothingPending(warnings=(), seed=NO_SEED))


def seeded() -> Report:
    """Applied and seeded."""
    said = verdict(ExitCode.DONE, "1 migration applied.", EVERYTHING_RECORDED)
    seed = Seeded(parts=2, duration=timedelta(milliseconds=820))
    return deployed(said, status(ORDERS), outcome(applied(ORDERS), seed=seed))


def many_pending() -> Report:
    """A check of 200 pending migrations on a database with another's mark."""
    pending = tuple(migration(f"2024{number:04}_change") for number in range(200))
    said = verdict(ExitCode.DONE, "200 migrations pending.", UNTOUCHED, "Apply with `drydock deploy`.")
    plan = Proceed(steps=(), warnings=(), seed=Seed(parts=(SeedCommand(argv=("npm", "run", "seed")),)))
    checked = replace(report(said, "check"), status=status(*pending), plan=plan, environment=None)
    assert checked.target is not None
    return replace(checked, target=replace(checked.target, mark=Mark(environment=None, travelled="production")))

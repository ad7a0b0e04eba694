"""Reports of runs that changed nothing on the target."""

from dataclasses import replace

from drydock.errors import ExitCode
from drydock.model import (
    Aborted,
    Edited,
    FailedRow,
    Held,
    HistoryProblem,
    Missing,
    Newer,
    NotBaselined,
    OutOfOrder,
    Report,
)
from tests.unit.render.reports import (
    EMAIL,
    INDEX,
    INIT,
    ORDERS,
    UNTOUCHED,
    report,
    status,
    unreached,
    verdict,
)

EVERYTHING_RECORDED = "Every migration is applied and recorded."
ROLLED_BACK = "Everything of it was rolled back; it is pending again."
ONE_BEFORE = "The target is clean: 1 migration applied before, and all of it is recorded."
EVERY_PROBLEM: tuple[HistoryProblem, ...] = (
    FailedRow(name=INIT.name, started_at="2024-01-05 09:00:00+00", migration=INIT),
    FailedRow(name="20240106000000 gone away", started_at=None, migration=None),
    Edited(name=EMAIL.name, file=EMAIL.file),
    Missing(name="20231201000000_removed"),
    Newer(name="20250101000000_from_the_future"),
    OutOfOrder(name=INDEX.name, after=ORDERS.name),
)


def held_by_failed_row() -> Report:
    """Prisma's failed row of last night."""
    failed, edited = EVERY_PROBLEM[0], EVERY_PROBLEM[2]
    said = verdict(
        ExitCode.HISTORY,
        f"Migration {INIT.name} was begun and not finished; nothing was done.",
        UNTOUCHED,
        "Decide as said below, then run again.",
    )
    return replace(
        report(said),
        status=status(ORDERS, problems=(failed, edited)),
        plan=Held(problems=(failed,), warnings=(edited,)),
    )


def not_baselined() -> Report:
    """Tables, and no history."""
    problem = NotBaselined(tables=("users", "orders", "items", "carts", "stock", "staff", "shops"))
    said = verdict(
        ExitCode.HISTORY,
        "The history needs a decision; nothing was done.",
        UNTOUCHED,
        "Decide as said below, then run again.",
    )
    found = status(INIT, EMAIL, problems=(problem,), applied=0)
    return replace(report(said), status=found, plan=Held(problems=(problem,), warnings=()))


def unreachable() -> Report:
    """Nothing answers on the port."""
    return unreached(
        Aborted(
            stage="connect",
            what="The database at 127.0.0.1:5432 did not answer within 60 s: connection refused.",
            truth=UNTOUCHED,
            hint="Check host, port and firewall; then run again.",
            exit_code=ExitCode.UNREACHABLE,
        )
    )


def misconfigured() -> Report:
    """Two mistakes, told on lines of their own."""
    return unreached(
        Aborted(
            stage="configuration",
            what="The configuration has 2 problems:\n  - drydock.yml:3: retrys: did you mean retries?\n  - no target",
            truth=UNTOUCHED,
            hint="Correct the lines above and run again.",
            exit_code=ExitCode.USAGE,
        )
    )


def everything_wrong() -> Report:
    """`status` of a history with every kind of problem at once, before any plan."""
    said = verdict(
        ExitCode.HISTORY,
        "The history needs a decision; nothing was done.",
        UNTOUCHED,
        "Decide as said below, then run again.",
    )
    found = status(INDEX, problems=(*EVERY_PROBLEM, NotBaselined(tables=())))
    return replace(report(said, "status"), status=found, rehearsal=None)

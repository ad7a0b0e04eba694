"""The part of `drydock/result/v1` about the history: its table, what is pending, what is wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from drydock.model import (
    Corrupt,
    Edited,
    FailedRow,
    Held,
    HistoryProblem,
    Locked,
    Migration,
    Missing,
    Newer,
    NotBaselined,
    OutOfOrder,
    Plan,
    Standstill,
    Table,
)
from drydock.render.problems import explanation_of
from drydock.render.result_shape import HistoryTableShape, MigrationShape, ProblemKind, ProblemShape, Reaction

_KINDS: Mapping[type[HistoryProblem], ProblemKind] = {
    FailedRow: "failed_row",
    Edited: "edited",
    Missing: "missing",
    Newer: "newer",
    OutOfOrder: "out_of_order",
    NotBaselined: "not_baselined",
    Corrupt: "corrupt",
    Locked: "locked",
}


def history_table_shape(table: Table) -> HistoryTableShape:
    """The table's qualified name."""
    return HistoryTableShape(schema=table.schema, name=table.name)


def migration_shape(migration: Migration) -> MigrationShape:
    """A pending migration."""
    return MigrationShape(name=migration.name, file=migration.file.as_posix(), sha256=migration.checksum)


def problem_shapes(problems: Sequence[HistoryProblem], plan: Plan | None) -> tuple[ProblemShape, ...]:
    """Every problem that was found, with what the plan makes of it."""
    stops = frozenset(plan.problems if isinstance(plan, Held) else ())
    warnings = frozenset(plan.warnings if plan else ())
    return tuple(
        _shape(problem, _reaction(problem, stops, warnings=warnings) if plan else None) for problem in problems
    )


def _reaction(
    problem: HistoryProblem, stops: frozenset[HistoryProblem], *, warnings: frozenset[HistoryProblem]
) -> Reaction:
    if problem in stops:
        return "stop"
    return "warn" if problem in warnings else "ok"


def _shape(problem: HistoryProblem, reaction: Reaction | None) -> ProblemShape:
    explained = explanation_of(problem)
    file = _file(problem)
    return ProblemShape(
        kind=_KINDS[type(problem)],
        name=None if isinstance(problem, Standstill) else problem.name,
        file=file.as_posix() if file else None,
        started_at=problem.started_at if isinstance(problem, FailedRow) else None,
        after=problem.after if isinstance(problem, OutOfOrder) else None,
        tables=problem.tables if isinstance(problem, NotBaselined) else (),
        reaction=reaction,
        text=explained.text,
        hint=explained.hint,
    )


def _file(problem: HistoryProblem) -> Path | None:
    match problem:
        case Edited(file=file):
            return file
        case FailedRow(migration=Migration(file=file)):
            return file
        case _:
            return None

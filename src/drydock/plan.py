"""Decides what will be done, and why, before anything is. Pure: the later stages never decide again."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from drydock.config.settings import Config, HistoryPolicy
from drydock.digest import prefix_digest
from drydock.model import (
    Corrupt,
    Edited,
    FailedRow,
    Held,
    HistoryProblem,
    Locked,
    Mark,
    Migration,
    Missing,
    Newer,
    NoSeed,
    NotBaselined,
    NothingPending,
    OutOfOrder,
    Plan,
    Proceed,
    Progress,
    ScriptStep,
    Seed,
    SeedDecision,
    SeedPart,
    Status,
    Step,
    Stepwise,
    migrations_of,
)
from drydock.sql.interface import Parsed, Statement

SESSION_STATE = frozenset({"PREPARE", "DECLARE", "DECLARE CURSOR", "LOAD", "LISTEN"})
StepsOf = Callable[[Sequence[Migration]], tuple[Step, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The problems of a history, sorted by what the policy says of them."""

    stops: tuple[HistoryProblem, ...]
    warnings: tuple[HistoryProblem, ...]


def judged(problems: Sequence[HistoryProblem], policy: HistoryPolicy) -> Judged:
    """Sort the problems; those that are `ok` appear nowhere."""
    reactions = [(problem, reaction_to(problem, policy)) for problem in problems]
    return Judged(
        stops=tuple(problem for problem, reaction in reactions if reaction == "stop"),
        warnings=tuple(problem for problem, reaction in reactions if reaction == "warn"),
    )


def reaction_to(problem: HistoryProblem, policy: HistoryPolicy) -> Literal["ok", "warn", "stop"]:
    """What the policy says of this kind of problem. Where the tool itself would refuse to run, it always stops."""
    match problem:
        case FailedRow():
            return policy.failed
        case Edited():
            return policy.edited
        case Missing():
            return policy.missing
        case Newer():
            return policy.newer
        case OutOfOrder():
            return policy.out_of_order
        case NotBaselined() | Corrupt() | Locked():
            return "stop"
        case _:
            assert_never(problem)


def decide(
    status: Status,
    policy: HistoryPolicy,
    *,
    progress: Sequence[Progress],
    steps_of: StepsOf,
    seed: SeedDecision,
) -> Plan:
    """The plan for this status. `steps_of` is the adapter's; `progress` is what careful steps left behind."""
    resumed = resumptions(status, progress, steps_of=steps_of)
    going_on = {migration.name for migration in migrations_of(resumed)}
    left = [problem for problem in status.problems if not (isinstance(problem, FailedRow) and problem.name in going_on)]
    sorted_out = judged(left, policy)
    if sorted_out.stops:
        return Held(problems=sorted_out.stops, warnings=sorted_out.warnings)
    pending = [migration for migration in status.pending if migration.name not in going_on]
    steps = (*resumed, *steps_of(pending)) if pending else resumed
    if not steps:
        return NothingPending(warnings=sorted_out.warnings, seed=seed)
    return Proceed(steps=steps, warnings=sorted_out.warnings, seed=seed)


def resumptions(status: Status, progress: Sequence[Progress], *, steps_of: StepsOf) -> tuple[Step, ...]:
    """The steps that an earlier attempt left half-done and that can go on where it ended."""
    rows = {row.migration: row for row in progress if row.history == str(status.history)}
    begun = [
        (problem.migration, rows[problem.name])
        for problem in status.problems
        if isinstance(problem, FailedRow) and problem.migration and _is_of(problem, rows.get(problem.name))
    ]
    again = [(step, row) for migration, row in begun for step in steps_of([migration]) if isinstance(step, ScriptStep)]
    steps = [resumed(step, row) for step, row in again]
    return tuple(step for step in steps if step is not None)


def _is_of(problem: FailedRow, progress: Progress | None) -> bool:
    """Whether the progress is of this very row, and not of an attempt that was undone and repeated by the tool."""
    if progress is None:
        return False
    # A dirty flag bears no time. It may be another attempt's, so only what needs no memory of it goes on.
    return problem.started_at == progress.opened if problem.started_at else progress.done == 0


def resumed(step: ScriptStep, progress: Progress) -> ScriptStep | None:
    """The step from where it ended, or None when that is not certain.

    Certain means: the completed statements are unchanged, and what was running when it ended either did not run at
    all, or is an index build or a VACUUM, whose outcome can be seen or does not matter.
    """
    match step.analysis, step.course:
        case Parsed(statements=statements), Stepwise() if progress.done <= len(statements):
            running = None if progress.running is None else next(iter(statements[progress.done :]), None)
        case _:
            return None
    if running is not None and running.kind != "VACUUM" and not (running.index and running.index.name):
        return None
    if any(_makes_session_state(step, statement) for statement in statements[: progress.done]):
        return None
    if prefix_digest(step, progress.done) != progress.digest:
        return None
    course = replace(step.course, resume_after=progress.done, uncertain=running is not None)
    return replace(step, course=course)


def _makes_session_state(step: ScriptStep, statement: Statement) -> bool:
    """Whether later statements may need what this one made for its session only; SET and RESET can be repeated."""
    text = step.text[statement.start : statement.end].lower()
    is_temporary = statement.kind.startswith("CREATE") and bool(re.search(r"\b(temp|temporary|pg_temp)\b", text))
    return statement.kind in SESSION_STATE or is_temporary or "set_config" in text


def seed_decision(config: Config, mark: Mark, *, parts: tuple[SeedPart, ...]) -> SeedDecision:
    """Whether this database is to be seeded: the configuration and the database's own mark must agree."""
    if not config.seed.is_configured:
        return NoSeed(reason="no seed is configured")
    if config.environment is None:
        return NoSeed(reason="no environment is set, so production rules hold")
    if config.environment not in config.seed.environments:
        return NoSeed(reason=f"environment {config.environment} is not in seed.environments")
    if mark.environment is None:
        came = f"; its mark for {mark.travelled} came in a dump" if mark.travelled else ""
        return NoSeed(
            reason=f"the database is not marked as {config.environment}{came}: "
            f"drydock init --target --environment {config.environment}"
        )
    if mark.environment != config.environment:
        return NoSeed(reason=f"the database is marked as {mark.environment}, not {config.environment}")
    if not parts:
        return NoSeed(
            reason="the migration tool has no seed command (Prisma's is `prisma.seed` in package.json; a Prisma config "
            "file is not read: use seed.command)"
        )
    return Seed(parts=parts)

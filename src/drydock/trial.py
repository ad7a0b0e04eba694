"""The steps on the copy: first what it lacks of the target's history, then what is pending.

What goes wrong with a migration is an outcome; what goes wrong with the scratch is a RehearsalError.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from drydock.apply import Applying, apply
from drydock.errors import RehearsalError
from drydock.model import (
    Catalog,
    ColumnSum,
    Loss,
    Migration,
    NotRead,
    NotRedone,
    Proceed,
    Redone,
    Status,
    Step,
    StepApplied,
    StepFailed,
    StepOutcome,
    StepUnknown,
    Target,
)
from drydock.model.difference import difference
from drydock.postgres.interface import Engagement, Executor
from drydock.proof import touched_by
from drydock.rehearsing import Rehearsing, Trial
from drydock.render.run_log import Stage
from drydock.scratch.interface import Scratch
from drydock.sql.interface import Parsed

WHOLE_SERVER: Mapping[str, str] = {
    "given": "Say `scratch_disposable: true` if nobody else uses that server; or rehearse with `scratch: embedded`.",
    "clone": "Rehearse with `scratch: embedded`.",
}
OF_THE_SERVER = ("08", "53", "57P0", "58030")
"""Out of room or memory, going down, gone (manual, appendix A): that says nothing of the migration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What the steps did on the copy."""

    outcomes: Mapping[str, StepOutcome]
    """By migration; those that the copy had before are missing."""
    caught_up: tuple[str, ...]
    ahead: tuple[str, ...]
    before: Catalog | NotRead
    after: Catalog | NotRead
    redone: Redone | NotRedone | None
    server: Target
    """The copy, as the steps saw it."""
    duration: timedelta


def run_on_copy(
    plan: Proceed, rehearsing: Rehearsing, *, trial: Trial, leaving: frozenset[str], scratch: Scratch
) -> Ran:
    """Run the steps that the copy has not; see `rehearse`. `leaving` names migrations that stay pending."""
    status = rehearsing.tool.status(trial.database)
    there = {applied.name for applied in status.applied}
    planned = _planned(plan)
    lacking = behind(status, plan, leaving=leaving)
    steps = tuple(step for step in plan.steps if step.direction == "down" or step.migration.name not in there)
    catching_up = rehearsing.tool.steps(lacking)
    if not scratch.takes_roles:
        _require_one_database((*catching_up, *steps), scratch)
    with trial.engage(status) as engagement:
        engagement.begin(plan, status, mark_as=None)
        if lacking:
            rehearsing.say(Stage("Bringing the copy to the target's point of history:"))
            _catch_up(catching_up, engagement.executor, rehearsing=rehearsing)
        before = _picture(rehearsing, scratch, steps=steps)
        if steps:
            rehearsing.say(Stage("Rehearsing on the copy:"))
        since = time.monotonic()
        done = _applied(steps, engagement.executor, rehearsing=rehearsing)
        duration = timedelta(seconds=time.monotonic() - since)
        after = rehearsing.catalog(scratch.address)
        redone = None
        if _is_undoing(steps) and all(isinstance(outcome, StepApplied) for outcome in done):
            again = _again(steps, rehearsing, engagement=engagement)
            redone = _redone(again, before=before, after=_picture(rehearsing, scratch, steps=steps))
        engagement.end("rehearsed")
    return Ran(
        outcomes={step.migration.name: outcome for step, outcome in zip(steps, done, strict=True)},
        caught_up=tuple(migration.name for migration in lacking),
        ahead=tuple(sorted(there & planned)),
        before=before.catalog,
        after=after,
        redone=redone,
        server=trial.database.describe(),
        duration=duration,
    )


def behind(status: Status, plan: Proceed, *, leaving: frozenset[str]) -> tuple[Migration, ...]:
    """What the target has and the copy, of this status, has not."""
    left = _planned(plan) | leaving
    return tuple(migration for migration in status.pending if migration.name not in left)


def _planned(plan: Proceed) -> frozenset[str]:
    return frozenset(step.migration.name for step in plan.steps if step.direction == "up")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    catalog: Catalog | NotRead
    sums: tuple[ColumnSum, ...]
    """Of the tables that a rollback touches; empty when nothing is rolled back."""


def _picture(rehearsing: Rehearsing, scratch: Scratch, *, steps: Sequence[Step]) -> _Picture:
    sums = rehearsing.sums(scratch.address, touched_by(steps)) if _is_undoing(steps) else ()
    return _Picture(catalog=rehearsing.catalog(scratch.address), sums=sums)


def _is_undoing(steps: Sequence[Step]) -> bool:
    return any(step.direction == "down" for step in steps)


def _again(undone: Sequence[Step], rehearsing: Rehearsing, *, engagement: Engagement) -> tuple[StepOutcome, ...]:
    rehearsing.say(Stage("Applying again on the copy what was undone:"))
    names = {step.migration.name for step in undone}
    pending = rehearsing.tool.status(engagement.reader).pending
    steps = rehearsing.tool.steps([migration for migration in pending if migration.name in names])
    return _applied(steps, engagement.executor, rehearsing=rehearsing)


def _redone(outcomes: Sequence[StepOutcome], *, before: _Picture, after: _Picture) -> Redone | NotRedone | None:
    """What applying again did not bring back; None when the catalog was not read."""
    failed = next((outcome for outcome in outcomes if not isinstance(outcome, StepApplied)), None)
    if failed is not None:
        return NotRedone(outcome=failed)
    match before.catalog, after.catalog:
        case Catalog() as one, Catalog() as other:
            return Redone(changes=difference(one, other), losses=_losses(before.sums, after.sums))
        case _:
            return None


def _losses(before: Sequence[ColumnSum], after: Sequence[ColumnSum]) -> tuple[Loss, ...]:
    now = {column.column: column for column in after}
    changed = (column for column in before if column.values and now.get(column.column) != column)
    return tuple(Loss(column=column.column, values=_lost(column, now.get(column.column))) for column in changed)


def _lost(before: ColumnSum, after: ColumnSum | None) -> int:
    """Of values that became others, rather than none, each counts: which of them did cannot be told by a sum."""
    gone = before.values - (after.values if after else 0)
    return gone if gone > 0 else before.values


def _require_one_database(steps: Sequence[Step], scratch: Scratch) -> None:
    """The server of a scratch may be somebody's: a role or a setting made there would outlive the scratch."""
    for step in steps:
        for statement in step.analysis.statements if isinstance(step.analysis, Parsed) else ():
            if statement.is_cluster_wide:
                raise RehearsalError(
                    f"{step.migration.file.as_posix()}, line {statement.line}: {statement.kind} would change the whole "
                    f"server of the scratch, for all its databases.",
                    hint=WHOLE_SERVER[scratch.kind],
                )


def _catch_up(steps: Sequence[Step], executor: Executor, *, rehearsing: Rehearsing) -> None:
    done = _applied(steps, executor, rehearsing=rehearsing)
    failed = next((outcome for outcome in done if isinstance(outcome, StepFailed)), None)
    if failed is not None:
        raise RehearsalError(
            f"The copy cannot be brought to the target's point of history: {failed.migration.name} failed: "
            f"{failed.refusal}.",
            hint="Take a newer snapshot, with the rows of the migration tool's history; or rehearse on target-schema.",
        )


def _applied(steps: Sequence[Step], executor: Executor, *, rehearsing: Rehearsing) -> tuple[StepOutcome, ...]:
    """What became of the steps. Raises RehearsalError where that says something of the scratch, not of a migration."""
    applying = Applying(executor=executor, limits=rehearsing.limits, stop=rehearsing.stop, say=rehearsing.say)
    done = apply(steps, applying)
    if (ended := rehearsing.ended()) is not None:
        raise ended
    if done.halt is not None:
        raise RehearsalError(f"The rehearsal ended early: {done.halt.reason}.", hint="Run again.")
    for outcome in done.outcomes:
        _require_of_the_migration(outcome)
    return done.outcomes


def _require_of_the_migration(outcome: StepOutcome) -> None:
    match outcome:
        case StepFailed(migration=migration, refusal=refusal) if refusal.sqlstate.startswith(OF_THE_SERVER):
            raise RehearsalError(
                f"The scratch could not take {migration.name}: {refusal}.",
                hint="Give the scratch more room (TMPDIR, or another scratch), and run again.",
            )
        case StepUnknown(migration=migration):
            raise RehearsalError(
                f"The scratch server went away during {migration.name}.",
                hint="Run again; if it goes away again, the machine may lack memory.",
            )
        case _:
            return

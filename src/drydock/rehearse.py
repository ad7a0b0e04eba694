"""Runs the plan's steps on a scratch database before the target sees them: the very same tuple, the very same way.

A migration that fails here is a result. That there is no scratch, no dump, no room is an error: `RehearsalError`.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from drydock.errors import DrydockError, RehearsalError
from drydock.model import (
    Catalog,
    Change,
    Copy,
    Loaded,
    Migration,
    NoSeed,
    NotRead,
    Proceed,
    Rehearsed,
    RehearsedStep,
    Step,
    StepApplied,
    StepOutcome,
    Table,
    Untried,
)
from drydock.model.difference import difference
from drydock.model.drift import drift
from drydock.proof import created_by, needed_by, proof_of, touched_by
from drydock.rehearsing import Rehearsing
from drydock.render.run_log import Part
from drydock.scratch.interface import Scratch
from drydock.sql.interface import Needs
from drydock.trial import Ran, behind, run_on_copy

EXTENSION = "extension"


def replayed(pending: Sequence[Migration], rehearsing: Rehearsing) -> Rehearsed:
    """The copy at the target's point of history, with nothing pending run on it: its drift is what no migration made.

    Raises as `rehearse`.
    """
    plan = Proceed(steps=(), warnings=(), seed=NoSeed(reason="only the drift was asked for"))
    return rehearse(plan, rehearsing, leaving=frozenset(migration.name for migration in pending))


def rehearse(plan: Proceed, rehearsing: Rehearsing, *, leaving: frozenset[str] = frozenset()) -> Rehearsed:
    """Rehearse the plan's steps; `leaving` names migrations that stay pending on the copy too.

    Raises RehearsalError, and InterruptedRun on a signal; the target is only read.
    """
    try:
        return _rehearsed(plan, rehearsing, leaving=leaving)
    except DrydockError as error:
        raise rehearsing.ended() or error from None


def _rehearsed(plan: Proceed, rehearsing: Rehearsing, *, leaving: frozenset[str]) -> Rehearsed:
    since = time.monotonic()
    source = rehearsing.source
    rehearsing.say(Part("Making a copy to rehearse on."))
    source.prepare()
    likeness = replace(rehearsing.likeness, major=max(rehearsing.likeness.major, source.major))
    with rehearsing.provider.provide(likeness, needed_bytes=source.needed_bytes) as scratch:
        rehearsing.require_apart(scratch.address)
        deployer = rehearsing.deployer(scratch)
        loaded = source.load(scratch, partial(_needs, plan, rehearsing, scratch=scratch, leaving=leaving))
        loaded = _with_members(loaded, rehearsing)
        scratch.settle()
        if loaded.origin.has_rows and scratch.takes_content:
            rehearsing.freshen(scratch.address, touched_by(plan.steps))
        looks = rehearsing.looks(scratch.address, loaded.left_out.tables)
        load_duration = timedelta(seconds=time.monotonic() - since)
        notes = (*scratch.notes, *deployer.notes, *loaded.notes)
        with rehearsing.open_trial(deployer.address) as trial:
            ran = run_on_copy(plan, rehearsing, trial=trial, leaving=leaving, scratch=scratch)
        _require_unmet(looks, rehearsing.looks(scratch.address, loaded.left_out.tables))
        changes, unread = _changes(ran.before, ran.after)
        drifted, uncompared = _drift(ran, rehearsing, loaded=loaded)
        return Rehearsed(
            copy=Copy(kind=scratch.kind, server_version=ran.server.server_version, user=ran.server.user),
            loaded=loaded,
            steps=_judged(plan.steps, ran, loaded=loaded),
            caught_up=ran.caught_up,
            ahead=ran.ahead,
            drift=drifted,
            changes=changes,
            load_duration=load_duration,
            duration=ran.duration,
            notes=(*notes, *unread, *uncompared),
            redone=ran.redone,
        )


def _needs(plan: Proceed, rehearsing: Rehearsing, *, scratch: Scratch, leaving: frozenset[str]) -> Needs:
    """Whose rows the steps may meet, those that bring the copy up included; its history is there already."""
    if any(step.direction == "down" for step in plan.steps):
        return Needs(untold="what a rollback undoes is applied again")
    with rehearsing.open_trial(scratch.address) as trial:
        status = rehearsing.tool.status(trial.database)
    there = {applied.name for applied in status.applied}
    lacking = rehearsing.tool.steps(behind(status, plan, leaving=leaving))
    return needed_by((*lacking, *(step for step in plan.steps if step.migration.name not in there)))


def _require_unmet(before: Mapping[Table, int], after: Mapping[Table, int]) -> None:
    """The server's own word that the steps met none of the rows that were left out."""
    met = ", ".join(str(table) for table in after if after[table] != before.get(table))
    if met:
        raise RehearsalError(
            f"The migrations looked at rows of the snapshot that were not restored, of {met}.",
            hint="Run again with snapshot_rows: all, and please report the migrations that did it.",
        )


def _judged(steps: Sequence[Step], ran: Ran, *, loaded: Loaded) -> tuple[RehearsedStep, ...]:
    return tuple(
        _step(step, ran.outcomes.get(step.migration.name), loaded=loaded, created=created_by(steps[:number]))
        for number, step in enumerate(steps)
    )


def _step(step: Step, outcome: StepOutcome | None, *, loaded: Loaded, created: frozenset[str]) -> RehearsedStep:
    if outcome is None:
        return RehearsedStep(migration=step.migration, proof=Untried(reason="the snapshot has it already"))
    return RehearsedStep(
        migration=step.migration,
        proof=proof_of(step, outcome, loaded=loaded, created=created),
        duration=outcome.duration if isinstance(outcome, StepApplied) else None,
        times=outcome.times if isinstance(outcome, StepApplied) else (),
    )


def _drift(ran: Ran, rehearsing: Rehearsing, *, loaded: Loaded) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """How the target differs from the copy at the same point of history; asked of copies that lived apart from it."""
    if loaded.origin.kind == "target-schema":
        return (), ()
    if ran.ahead:
        return (), ("The drift between copy and target was not compared: the copy is ahead.",)
    match ran.before, rehearsing.target_catalog():
        case Catalog() as copy, Catalog() as target:
            return drift(copy, target, skipped=loaded.skipped), ()
        case copy, target:
            reason = next(read.reason for read in (copy, target) if isinstance(read, NotRead))
            return (), (f"The drift between copy and target was not compared: {reason}.",)


def _with_members(loaded: Loaded, rehearsing: Rehearsing) -> Loaded:
    """What is missing, with the names by which a migration may need it."""
    names = tuple(one.name for one in loaded.skipped if one.kind == EXTENSION)
    if not names:
        return loaded
    members = rehearsing.members(names)
    return replace(
        loaded,
        skipped=tuple(replace(one, members=members) if one.kind == EXTENSION else one for one in loaded.skipped),
    )


def _changes(before: Catalog | NotRead, after: Catalog | NotRead) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    match before, after:
        case Catalog(), Catalog():
            return difference(before, after), ()
        case _:
            return (), ("What the migrations change in the schema was not compared: the catalog was not read.",)

"""Runs the plan's steps on a scratch database before the target sees them: the very same tuple, the very same way.

A migration that fails here is a result. That there is no scratch, no dump, no room is an error: `RehearsalError`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

from drydock.apply import AppliedSteps, Applying, apply
from drydock.config.settings import Limits
from drydock.errors import InterruptedRun, RehearsalError, StrayError
from drydock.interruption import Interruption
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
    StepFailed,
    StepOutcome,
    Untried,
    migrations_of,
    without,
)
from drydock.model.difference import difference
from drydock.model.drift import drift
from drydock.postgres.interface import Deployable, Engage, Executor
from drydock.proof import created_by, proof_of, touched_by
from drydock.redact import Secret
from drydock.scratch.interface import Likeness, Scratch, ScratchProvider
from drydock.snapshot.interface import Source
from drydock.tools.interface import MigrationTool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The copy, ready to be worked on as the target will be."""

    database: Deployable
    engage: Engage


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployer:
    """The deploy role on the scratch."""

    address: Secret
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsing:
    """What a rehearsal works with; made by `wiring.py`, or by a test."""

    tool: MigrationTool
    likeness: Likeness
    provider: ScratchProvider
    source: Source
    require_apart: Callable[[Secret], None]
    """Raises RehearsalError when the scratch is on the target's own server."""
    deployer: Callable[[Scratch], Deployer]
    """Makes the target's roles on the scratch."""
    open_trial: Callable[[Secret], AbstractContextManager[Trial]]
    catalog: Callable[[Secret], Catalog | NotRead]
    target_catalog: Callable[[], Catalog | NotRead]
    """What the target is made of; waits for no lock longer than a moment."""
    freshen: Callable[[Secret, tuple[str, ...] | None], None]
    """Brings statistics and visibility maps up to date, as autovacuum has on the target."""
    limits: Limits
    stop: Interruption
    say: Callable[[str], None]


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
    since = time.monotonic()
    source = rehearsing.source
    rehearsing.say("Making a copy to rehearse on.")
    source.prepare()
    likeness = replace(rehearsing.likeness, major=max(rehearsing.likeness.major, source.major))
    with rehearsing.provider.provide(likeness, needed_bytes=source.needed_bytes) as scratch:
        rehearsing.require_apart(scratch.address)
        deployer = rehearsing.deployer(scratch)
        loaded = source.load(scratch)
        scratch.settle()
        if loaded.origin.has_rows and scratch.takes_content:
            rehearsing.freshen(scratch.address, touched_by(plan.steps))
        load_duration = timedelta(seconds=time.monotonic() - since)
        notes = (*scratch.notes, *deployer.notes, *loaded.notes)
        with rehearsing.open_trial(deployer.address) as trial:
            ran = _run(
                plan, rehearsing, trial=trial, leaving=leaving, pictured=lambda: rehearsing.catalog(scratch.address)
            )
        changes, unread = _changes(ran.before, rehearsing.catalog(scratch.address))
        drifted = _drift(ran, rehearsing, loaded=loaded)
        return Rehearsed(
            copy=Copy(kind=scratch.kind, server_version=ran.server_version, user=ran.user),
            loaded=loaded,
            steps=_judged(plan.steps, ran, loaded=loaded),
            caught_up=ran.caught_up,
            ahead=ran.ahead,
            drift=drifted,
            changes=changes,
            load_duration=load_duration,
            duration=ran.duration,
            notes=(*notes, *unread),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    outcomes: Mapping[str, StepOutcome]
    """By migration; those that the copy had before are missing."""
    caught_up: tuple[str, ...]
    ahead: tuple[str, ...]
    before: Catalog | NotRead
    server_version: str
    user: str
    duration: timedelta


def _run(
    plan: Proceed,
    rehearsing: Rehearsing,
    *,
    trial: Trial,
    leaving: frozenset[str],
    pictured: Callable[[], Catalog | NotRead],
) -> _Ran:
    status = rehearsing.tool.status(trial.database)
    there = {applied.name for applied in status.applied}
    planned = {migration.name for migration in migrations_of(plan.steps)}
    behind = [migration for migration in status.pending if migration.name not in planned | leaving]
    narrowed = (without(step, frozenset(there)) for step in plan.steps)
    steps = tuple(step for step in narrowed if step is not None)
    with trial.engage(status) as engagement:
        engagement.begin(plan, status, mark_as=None)
        if behind:
            rehearsing.say("Bringing the copy to the target's point of history:")
            _catch_up(rehearsing.tool.steps(behind), engagement.executor, rehearsing=rehearsing)
        before = pictured()
        if steps:
            rehearsing.say("Rehearsing on the copy:")
        since = time.monotonic()
        done = _applied(steps, engagement.executor, rehearsing=rehearsing)
        duration = timedelta(seconds=time.monotonic() - since)
        engagement.end("rehearsed")
    target = trial.database.describe()
    return _Ran(
        outcomes={outcome.migration.name: outcome for outcome in done.outcomes},
        caught_up=tuple(migration.name for migration in behind),
        ahead=tuple(sorted(there & planned)),
        before=before,
        server_version=target.server_version,
        user=target.user,
        duration=duration,
    )


def _catch_up(steps: Sequence[Step], executor: Executor, *, rehearsing: Rehearsing) -> None:
    done = _applied(steps, executor, rehearsing=rehearsing)
    failed = next((outcome for outcome in done.outcomes if isinstance(outcome, StepFailed)), None)
    if failed is not None:
        raise RehearsalError(
            f"The copy cannot be brought to the target's point of history: {failed.migration.name} failed: "
            f"{failed.refusal}.",
            hint="Take a newer snapshot, with the rows of the migration tool's history; or rehearse on target-schema.",
        )


def _applied(steps: Sequence[Step], executor: Executor, *, rehearsing: Rehearsing) -> AppliedSteps:
    applying = Applying(executor=executor, limits=rehearsing.limits, stop=rehearsing.stop, say=rehearsing.say)
    try:
        done = apply(steps, applying)
    except StrayError as error:
        raise RehearsalError(error.what, hint=error.hint) from error
    if rehearsing.stop.signal_number is not None:
        raise InterruptedRun(rehearsing.stop.signal_number)
    if done.halt is not None:
        raise RehearsalError(f"The rehearsal ended early: {done.halt.reason}.", hint="Run again.")
    return done


def _judged(steps: Sequence[Step], ran: _Ran, *, loaded: Loaded) -> tuple[RehearsedStep, ...]:
    return tuple(
        _rehearsed(migration, step, outcomes=ran.outcomes, loaded=loaded, created=created_by(steps[:number]))
        for number, step in enumerate(steps)
        for migration in step.migrations
    )


def _rehearsed(
    migration: Migration,
    step: Step,
    *,
    outcomes: Mapping[str, StepOutcome],
    loaded: Loaded,
    created: frozenset[str],
) -> RehearsedStep:
    outcome = outcomes.get(migration.name)
    if outcome is None:
        return RehearsedStep(migration=migration, proof=Untried(reason="the snapshot has it already"))
    return RehearsedStep(
        migration=migration,
        proof=proof_of(step, outcome, loaded=loaded, created=created),
        duration=outcome.duration if isinstance(outcome, StepApplied) else None,
        times=outcome.times if isinstance(outcome, StepApplied) else (),
    )


def _drift(ran: _Ran, rehearsing: Rehearsing, *, loaded: Loaded) -> tuple[Change, ...]:
    """How the target differs from the copy at the same point of history; asked of copies that lived apart from it."""
    if loaded.origin.kind == "target-schema" or ran.ahead:
        return ()
    match ran.before, rehearsing.target_catalog():
        case Catalog() as copy, Catalog() as target:
            return drift(copy, target, skipped=loaded.skipped)
        case _:
            return ()


def _changes(before: Catalog | NotRead, after: Catalog | NotRead) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    match before, after:
        case Catalog(), Catalog():
            return difference(before, after), ()
        case _:
            return (), ("What the migrations change in the schema was not compared: the catalog was not read.",)

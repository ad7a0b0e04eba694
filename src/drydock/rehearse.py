"""Runs the plan's steps on a scratch database before the target sees them: the very same tuple, the very same way.

A migration that fails here is a result. That there is no scratch, no dump, no room is an error: `RehearsalError`.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from drydock.apply import AppliedSteps, Applying, apply
from drydock.config.settings import Limits
from drydock.errors import InterruptedRun, RehearsalError
from drydock.interruption import Interruption
from drydock.model import (
    Catalog,
    Change,
    Copy,
    Loaded,
    NotRead,
    Proceed,
    Rehearsed,
    RehearsedStep,
    Step,
    StepApplied,
    StepOutcome,
)
from drydock.model.difference import difference
from drydock.postgres.interface import Deployable, Engage
from drydock.proof import created_by, proof_of
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
    limits: Limits
    stop: Interruption
    say: Callable[[str], None]


def rehearse(plan: Proceed, rehearsing: Rehearsing) -> Rehearsed:
    """Rehearse the plan's steps. Raises RehearsalError, and InterruptedRun on a signal; the target is only read."""
    since = time.monotonic()
    likeness, source = rehearsing.likeness, rehearsing.source
    rehearsing.say("Making a copy to rehearse on.")
    source.prepare()
    with rehearsing.provider.provide(likeness, needed_bytes=source.needed_bytes) as scratch:
        rehearsing.require_apart(scratch.address)
        deployer = rehearsing.deployer(scratch)
        loaded = source.load(scratch)
        scratch.settle()
        load_duration = timedelta(seconds=time.monotonic() - since)
        notes = (*scratch.notes, *deployer.notes, *loaded.notes)
        before = rehearsing.catalog(scratch.address)
        ran = _run(plan, rehearsing, address=deployer.address)
        changes, unread = _changes(before, rehearsing.catalog(scratch.address))
        return Rehearsed(
            copy=Copy(kind=scratch.kind, server_version=ran.server_version, user=ran.user),
            loaded=loaded,
            steps=_judged(plan.steps, ran.steps.outcomes, loaded=loaded),
            caught_up=(),
            ahead=(),
            drift=(),
            changes=changes,
            load_duration=load_duration,
            duration=ran.duration,
            notes=(*notes, *unread),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ran:
    steps: AppliedSteps
    server_version: str
    user: str
    duration: timedelta


def _run(plan: Proceed, rehearsing: Rehearsing, *, address: Secret) -> _Ran:
    with rehearsing.open_trial(address) as trial:
        status = rehearsing.tool.status(trial.database)
        with trial.engage(status) as engagement:
            engagement.begin(plan, status, mark_as=None)
            rehearsing.say("Rehearsing on the copy:")
            since = time.monotonic()
            done = apply(
                plan.steps,
                Applying(
                    executor=engagement.executor, limits=rehearsing.limits, stop=rehearsing.stop, say=rehearsing.say
                ),
            )
            duration = timedelta(seconds=time.monotonic() - since)
            engagement.end("rehearsed")
        if rehearsing.stop.signal_number is not None:
            raise InterruptedRun(rehearsing.stop.signal_number)
        if done.halt is not None:
            raise RehearsalError(f"The rehearsal ended early: {done.halt.reason}.", hint="Run again.")
        target = trial.database.describe()
        return _Ran(steps=done, server_version=target.server_version, user=target.user, duration=duration)


def _judged(steps: Sequence[Step], outcomes: Sequence[StepOutcome], *, loaded: Loaded) -> tuple[RehearsedStep, ...]:
    return tuple(
        RehearsedStep(
            migration=step.migration,
            proof=proof_of(step, outcome, loaded=loaded, created=created_by(steps[:number])),
            duration=outcome.duration if isinstance(outcome, StepApplied) else None,
        )
        for number, (step, outcome) in enumerate(zip(steps, outcomes, strict=True))
    )


def _changes(before: Catalog | NotRead, after: Catalog | NotRead) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    match before, after:
        case Catalog(), Catalog():
            return difference(before, after), ()
        case _:
            return (), ("What the migrations change in the schema was not compared: the catalog was not read.",)

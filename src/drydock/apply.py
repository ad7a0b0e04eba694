"""Runs the plan's steps on the target with `set -e`: the first failure ends it, and is still reported.

A step that gave way to traffic (lock time-out, deadlock, serialization failure) is tried again as a whole, after a
growing pause, as long as nothing of it is left on the target.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from drydock.config.settings import Limits
from drydock.errors import ExitCode, InterruptedRun, LockError, UnreachableError
from drydock.interruption import Interruption
from drydock.model import (
    Halt,
    Joined,
    NotAttempted,
    Step,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepRolledBack,
    Stepwise,
)
from drydock.postgres.interface import Executor
from drydock.render.run_log import Part

LOCK_NOT_AVAILABLE = "55P03"
Unit = tuple[Step, ...]
Outcomes = tuple[StepOutcome, ...]
SERIALIZATION = frozenset({"40001", "40P01"})
BEFORE_A_STEP = (LockError, UnreachableError, InterruptedRun)
"""What may keep a step from beginning; nothing of it has been run then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """What the apply works with, besides the steps."""

    executor: Executor
    limits: Limits
    stop: Interruption
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedSteps:
    """An outcome per step, in order, and why it ended early where no step failed."""

    outcomes: tuple[StepOutcome, ...]
    halt: Halt | None


def apply(steps: Sequence[Step], applying: Applying) -> AppliedSteps:
    """Run the steps; see the module docstring."""
    outcomes: list[StepOutcome] = []
    retries = _Retries(applying, {step.migration.name: f"[{n}/{len(steps)}]" for n, step in enumerate(steps, start=1)})
    for unit in _units(steps):
        halt = _halt(applying)
        if halt is None:
            try:
                outcomes.extend(retries.run(unit))
            except BEFORE_A_STEP as error:
                halt = Halt(reason=error.what.removesuffix("."), exit_code=int(error.exit_code))
        if halt is not None or not isinstance(outcomes[-1], StepApplied):
            rest = steps[len(outcomes) :]
            return AppliedSteps(
                outcomes=(*outcomes, *(NotAttempted(migration=left.migration) for left in rest)), halt=halt
            )
    return AppliedSteps(outcomes=tuple(outcomes), halt=None)


def _units(steps: Sequence[Step]) -> Iterator[Unit]:
    """What is run, and tried again, as one: joined steps that stand together, and every other step for itself."""
    for is_joined, group in groupby(steps, key=lambda step: isinstance(step.course, Joined)):
        together = tuple(group)
        yield from (together,) if is_joined else zip(together, strict=True)


def _halt(applying: Applying) -> Halt | None:
    number = applying.stop.signal_number
    if number is not None:
        return Halt(reason=f"interrupted by signal {number}", exit_code=128 + number)
    if applying.executor.is_lost():
        return Halt(reason="the connection to the target was lost", exit_code=ExitCode.UNREACHABLE)
    return None


class _Retries:
    def __init__(self, applying: Applying, numbers: Mapping[str, str]) -> None:
        self._applying = applying
        self._numbers = numbers
        self._deploy_deadline = time.monotonic() + applying.limits.deploy_budget.total_seconds()

    def run(self, unit: Unit) -> Outcomes:
        limits = self._applying.limits
        deadline = min(time.monotonic() + limits.retry_budget.total_seconds(), self._deploy_deadline)
        attempt = 1
        outcomes: Outcomes = ()
        while True:
            try:
                outcomes = self._tried(unit, attempt=attempt)
            except BEFORE_A_STEP as error:
                if not outcomes or (isinstance(error, LockError) and _is_clean(_ending(outcomes))):
                    raise
                # The step could not even begin again: what its last attempt left is what is true.
                return _interrupted(_counted(outcomes, attempt - 1), self._applying.stop)
            ending = _ending(outcomes)
            again = _again(unit, ending)
            if again is None or attempt > self._allowed(ending):
                return _counted(outcomes, attempt)
            pause = self._pause(attempt)
            if time.monotonic() + pause > deadline:
                return _counted(outcomes, attempt)
            self._say_why(ending, pause, attempt=attempt)
            if self._applying.stop.pause(pause):
                return _interrupted(outcomes, self._applying.stop)
            unit, attempt = again, attempt + 1

    def _tried(self, unit: Unit, *, attempt: int) -> Outcomes:
        if isinstance(unit[0].course, Joined):
            return self._applying.executor.run_together(unit, self._announce)
        if attempt == 1:
            self._announce(unit[0])
        return (self._applying.executor.run(unit[0]),)

    def _announce(self, step: Step) -> None:
        self._applying.say(Part(f"{self._numbers[step.migration.name]} {step.migration.name}"))

    def _allowed(self, outcome: StepOutcome) -> int:
        limits = self._applying.limits
        deadlocked = isinstance(outcome, StepFailed) and outcome.refusal.sqlstate in SERIALIZATION
        return limits.serialization_retries if deadlocked else limits.retries

    def _pause(self, attempt: int) -> float:
        limits = self._applying.limits
        shortest, longest = limits.retry_pause_min.total_seconds(), limits.retry_pause_max.total_seconds()
        return float(min(longest, shortest * 2 ** (attempt - 1)) * random.uniform(0.8, 1.2))

    def _say_why(self, outcome: StepOutcome, pause: float, *, attempt: int) -> None:
        if isinstance(outcome, StepFailed):
            behind = f", behind {'; '.join(outcome.blockers)}" if outcome.blockers else ""
            self._applying.say(
                f"    gave way to other sessions ({outcome.refusal.condition.replace('_', ' ')}{behind}); "
                f"attempt {attempt + 1} in {pause:.1f} s"
            )


def _ending(outcomes: Outcomes) -> StepOutcome:
    """The outcome that ended the unit; the last one when all is applied."""
    undone = (StepApplied, StepRolledBack)
    return next((outcome for outcome in outcomes if not isinstance(outcome, undone)), outcomes[-1])


def _is_clean(outcome: StepOutcome) -> bool:
    return isinstance(outcome, StepFailed) and outcome.clean


def _again(unit: Unit, outcome: StepOutcome) -> Unit | None:
    """What to try again, or None. Only what is wholly rolled back, or can go on where it ended, is tried again."""
    step = unit[0]
    match outcome:
        case StepFailed(refusal=refusal) if refusal.sqlstate not in {LOCK_NOT_AVAILABLE, *SERIALIZATION}:
            return None
        case StepFailed(clean=True) if isinstance(step.course, Stepwise):
            return (replace(step, course=replace(step.course, resume_after=0, uncertain=False)),)
        case StepFailed(clean=True):
            return unit
        case StepFailed(resume_after=int(done)) if isinstance(step.course, Stepwise):
            return (replace(step, course=replace(step.course, resume_after=done, uncertain=False)),)
        case _:
            return None


def _counted(outcomes: Outcomes, attempts: int) -> Outcomes:
    return tuple(
        replace(outcome, attempts=attempts) if isinstance(outcome, StepApplied | StepFailed) else outcome
        for outcome in outcomes
    )


def _interrupted(outcomes: Outcomes, stop: Interruption) -> Outcomes:
    return tuple(_as_interrupted(outcome, stop.signal_number) for outcome in outcomes)


def _as_interrupted(outcome: StepOutcome, number: int | None) -> StepOutcome:
    match outcome, number:
        case StepFailed(migration=migration, clean=clean, truth=truth), int(signal_number):
            return StepInterrupted(migration=migration, signal_number=signal_number, clean=clean, truth=truth)
        case _:
            return outcome

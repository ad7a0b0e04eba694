"""Runs the plan's steps on the target with `set -e`: the first failure ends it, and is still reported.

A step that gave way to traffic (lock time-out, deadlock, serialization failure) is tried again as a whole, after a
growing pause, as long as nothing of it is left on the target.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from drydock.config.settings import Limits
from drydock.errors import ExitCode, InterruptedRun, LockError, UnreachableError
from drydock.interruption import Interruption
from drydock.model import (
    CommandStep,
    Halt,
    Migration,
    NotAttempted,
    ScriptStep,
    Step,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepUnknown,
    Stepwise,
    migrations_of,
    without,
)
from drydock.postgres.interface import Executor

LOCK_NOT_AVAILABLE = "55P03"
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
    migrations = migrations_of(steps)
    outcomes: list[StepOutcome] = []
    retries = _Retries(applying, migrations)
    for step in steps:
        last = len(outcomes) + len(step.migrations)
        halt = _halt(applying)
        while halt is None and len(outcomes) < last and _goes_on(outcomes):
            try:
                outcomes.extend(retries.run(_left_of(step, outcomes)))
                halt = _halt(applying) if len(outcomes) < last else None
            except BEFORE_A_STEP as error:
                halt = Halt(reason=error.what.removesuffix("."), exit_code=int(error.exit_code))
        if halt is not None or not _goes_on(outcomes):
            rest = (NotAttempted(migration=left) for left in migrations[len(outcomes) :])
            return AppliedSteps(outcomes=(*outcomes, *rest), halt=halt if _goes_on(outcomes) else None)
    return AppliedSteps(outcomes=tuple(outcomes), halt=None)


def _goes_on(outcomes: Sequence[StepOutcome]) -> bool:
    return not outcomes or isinstance(outcomes[-1], StepApplied)


def _left_of(step: Step, outcomes: Sequence[StepOutcome]) -> Step:
    return without(step, frozenset(done.migration.name for done in outcomes)) or step


def _halt(applying: Applying) -> Halt | None:
    number = applying.stop.signal_number
    if number is not None:
        return Halt(reason=f"interrupted by signal {number}", exit_code=128 + number)
    if applying.executor.is_lost():
        return Halt(reason="the connection to the target was lost", exit_code=ExitCode.UNREACHABLE)
    return None


class _Retries:
    def __init__(self, applying: Applying, migrations: Sequence[Migration]) -> None:
        self._applying = applying
        self._deploy_deadline = time.monotonic() + applying.limits.deploy_budget.total_seconds()
        self._numbers = {migration.name: number for number, migration in enumerate(migrations, start=1)}
        self._begun: set[str] = set()

    def run(self, step: Step) -> tuple[StepOutcome, ...]:
        """The outcomes of what was begun; only the last may be other than applied. What gives way is tried again."""
        done: tuple[StepOutcome, ...] = ()
        attempt, deadline = 1, self._deadline()
        ending: StepOutcome | None = None
        while True:
            try:
                ran = self._applying.executor.run(step, self._say_begun)
            except BEFORE_A_STEP:
                if ending is None:
                    raise
                # The step could not even begin again: what its last attempt left is what is true.
                return (*done, _interrupted(_counted(ending, attempt - 1), self._applying.stop))
            if not ran:
                return done
            *before, ending = ran
            applied = [outcome for outcome in before if isinstance(outcome, StepApplied)]
            if applied:
                done = (*done, _counted(applied[0], attempt), *applied[1:])
                attempt, deadline = 1, self._deadline()
            so_far, pause = (*done, *before[len(applied) :]), self._pause(attempt)
            again = _again(step, ending, applied=frozenset(outcome.migration.name for outcome in applied))
            if again is None or attempt > self._allowed(ending) or time.monotonic() + pause > deadline:
                return (*so_far, _counted(ending, attempt))
            self._say_why(ending, pause, attempt=attempt)
            if self._applying.stop.pause(pause):
                return (*so_far, _interrupted(ending, self._applying.stop))
            step, attempt = again, attempt + 1

    def _deadline(self) -> float:
        return min(time.monotonic() + self._applying.limits.retry_budget.total_seconds(), self._deploy_deadline)

    def _say_begun(self, migration: Migration) -> None:
        if migration.name not in self._begun:
            self._begun.add(migration.name)
            number = self._numbers.get(migration.name, 0)
            self._applying.say(f"[{number}/{len(self._numbers)}] {migration.name}")

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


def _again(step: Step, outcome: StepOutcome, *, applied: frozenset[str]) -> Step | None:
    """The step to try again, or None. Only what is wholly rolled back, or can go on where it ended, is tried again."""
    if not isinstance(outcome, StepFailed) or outcome.refusal.sqlstate not in {LOCK_NOT_AVAILABLE, *SERIALIZATION}:
        return None
    match step:
        case CommandStep():
            return without(step, applied) if outcome.clean else None
        case ScriptStep():
            return _script_again(step, outcome)
        case _:
            assert_never(step)


def _script_again(step: ScriptStep, failed: StepFailed) -> Step | None:
    match failed, step.course:
        case StepFailed(clean=True), Stepwise() as course:
            return replace(step, course=replace(course, resume_after=0, uncertain=False))
        case StepFailed(clean=True), _:
            return step
        case StepFailed(resume_after=int(done)), Stepwise() as course:
            return replace(step, course=replace(course, resume_after=done, uncertain=False))
        case _:
            return None


def _counted(outcome: StepOutcome, attempts: int) -> StepOutcome:
    match outcome:
        case StepApplied() | StepFailed():
            return replace(outcome, attempts=attempts)
        case StepInterrupted() | StepUnknown() | NotAttempted():
            return outcome


def _interrupted(outcome: StepOutcome, stop: Interruption) -> StepOutcome:
    match outcome, stop.signal_number:
        case StepFailed(migration=migration, clean=clean, truth=truth), int(number):
            return StepInterrupted(migration=migration, signal_number=number, clean=clean, truth=truth)
        case _:
            return outcome

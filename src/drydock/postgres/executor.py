"""Runs one step on the target, a script by the course that it needs, and answers truthfully what became of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from drydock.errors import LockError
from drydock.model import (
    Atomic,
    CommandStep,
    Migration,
    ScriptStep,
    Step,
    StepFailed,
    StepOutcome,
    Stepwise,
    Whole,
)
from drydock.postgres.atomic import run_atomic
from drydock.postgres.commands import CommandRunner
from drydock.postgres.lookup import Found
from drydock.postgres.session import WATCH_EVERY
from drydock.postgres.stepwise import run_stepwise
from drydock.postgres.whole import run_whole
from drydock.postgres.workbench import Workbench

TELL_AFTER = 2.0
TELL_EVERY = 10.0
LOCK_NOT_AVAILABLE = "55P03"


class TargetExecutor:
    """Implements `Executor` on a real target."""

    def __init__(self, bench: Workbench) -> None:
        """`bench` holds the open sessions and the taken locks."""
        self._bench = bench
        self._commands = CommandRunner(bench)
        self._blockers: tuple[str, ...] = ()
        self._told_at = 0.0
        bench.session.watcher = self._watch
        bench.session.watch_first_after = min(WATCH_EVERY, bench.guard.lock_timeout.total_seconds() / 2)

    def run(self, step: Step, begun: Callable[[Migration], None]) -> tuple[StepOutcome, ...]:
        """See `Executor.run`."""
        match step:
            case ScriptStep():
                begun(step.migration)
                return (self._run_script(step),)
            case CommandStep():
                return self._commands.run(step, begun)
            case _:
                assert_never(step)

    def _run_script(self, step: ScriptStep) -> StepOutcome:
        self._blockers, self._told_at = (), 0.0
        if self._bench.lock.ensure():
            self._require_pending(step)
        self._bench.session.restore_lexing()
        outcome = self._outcome(step)
        if isinstance(outcome, StepFailed) and outcome.refusal.sqlstate == LOCK_NOT_AVAILABLE:
            return _with_blockers(outcome, self._blockers)
        return outcome

    def _require_pending(self, step: ScriptStep) -> None:
        # While the lock was out of our hands, the tool's own CLI may have gone on where we were.
        if self._bench.control.ask(step.ledger.lookup) == ((Found.APPLIED.value,),):
            raise LockError(
                f"Another run of the migration tool applied {step.migration.name} meanwhile.", hint="Run again."
            )

    def is_lost(self) -> bool:
        """See `Executor.is_lost`."""
        return self._bench.session.is_lost or self._bench.control.is_lost

    def _outcome(self, step: ScriptStep) -> StepOutcome:
        match step.course:
            case Atomic():
                return run_atomic(self._bench, step)
            case Whole():
                return run_whole(self._bench, step)
            case Stepwise():
                return run_stepwise(self._bench, step)

    def _watch(self, waited: float) -> None:
        self._blockers = self._bench.control.blockers(self._bench.target.facts.pid) or self._blockers
        if waited < TELL_AFTER or waited - self._told_at < TELL_EVERY:
            return
        self._told_at = waited
        behind = f", behind {'; '.join(self._blockers)}" if self._blockers else ""
        self._bench.say(f"    still running after {waited:.0f} s{behind}")


def _with_blockers(outcome: StepFailed, blockers: tuple[str, ...]) -> StepFailed:
    return replace(outcome, blockers=blockers)

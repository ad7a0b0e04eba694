"""Runs one step on the target by the course that its script needs, and answers truthfully what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from drydock.errors import LockError
from drydock.model import Atomic, Joined, Step, StepFailed, StepOutcome, Stepwise, Whole
from drydock.postgres.atomic import run_atomic
from drydock.postgres.joined import run_joined
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
        self._blockers: tuple[str, ...] = ()
        self._told_at = 0.0
        bench.session.watcher = self._watch
        bench.session.watch_first_after = min(WATCH_EVERY, bench.guard.lock_timeout.total_seconds() / 2)

    def run(self, step: Step) -> StepOutcome:
        """See `Executor.run`."""
        self._blockers, self._told_at = (), 0.0
        if self._bench.lock.ensure():
            self._require_pending(step)
        self._bench.session.restore_lexing()
        return self._explained(self._outcome(step), steps=(step,))

    def run_together(self, steps: Sequence[Step], announce: Callable[[Step], None]) -> tuple[StepOutcome, ...]:
        """See `Executor.run_together`."""
        self._blockers, self._told_at = (), 0.0
        if self._bench.lock.ensure():
            self._require_pending(steps[0])
        outcomes = run_joined(self._bench, steps, announce=announce)
        return tuple(self._explained(outcome, steps=steps) for outcome in outcomes)

    def _explained(self, outcome: StepOutcome, *, steps: Sequence[Step]) -> StepOutcome:
        if isinstance(outcome, StepFailed) and outcome.clean:
            # Not every tool takes a lock: what failed here may have failed because the tool was at it too.
            for step in steps:
                self._require_pending(step)
        if isinstance(outcome, StepFailed) and outcome.refusal.sqlstate == LOCK_NOT_AVAILABLE:
            return _with_blockers(outcome, self._blockers)
        return outcome

    def _require_pending(self, step: Step) -> None:
        # While the lock was out of our hands, the tool's own CLI may have gone on where we were.
        if self._bench.control.ask(step.ledger.lookup) == ((Found.APPLIED.value,),):
            raise LockError(
                f"Another run of the migration tool applied {step.migration.name} meanwhile.", hint="Run again."
            )

    def is_lost(self) -> bool:
        """See `Executor.is_lost`."""
        return self._bench.session.is_lost or self._bench.control.is_lost

    def _outcome(self, step: Step) -> StepOutcome:
        match step.course:
            case Atomic():
                return run_atomic(self._bench, step)
            case Joined():
                return run_joined(self._bench, [step], announce=lambda _: None)[0]
            case Whole():
                return run_whole(self._bench, self._witnessed(step))
            case Stepwise():
                return run_stepwise(self._bench, self._witnessed(step))

    def _witnessed(self, step: Step) -> Step:
        ledger = step.ledger.witnessed
        return replace(step, ledger=ledger) if ledger is not None and self._bench.keeps_progress else step

    def _watch(self, waited: float) -> None:
        self._blockers = self._bench.control.blockers(self._bench.target.facts.pid) or self._blockers
        if waited < TELL_AFTER or waited - self._told_at < TELL_EVERY:
            return
        self._told_at = waited
        behind = f", behind {'; '.join(self._blockers)}" if self._blockers else ""
        self._bench.say(f"    still running after {waited:.0f} s{behind}")


def _with_blockers(outcome: StepFailed, blockers: tuple[str, ...]) -> StepFailed:
    return replace(outcome, blockers=blockers)

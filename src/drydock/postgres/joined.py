"""Several steps in one transaction, as a tool runs them that puts a whole batch into one: all of them, or none.

A message per step, with its finished row; then one that ends the transaction. Whatever goes wrong before the COMMIT
leaves nothing of any step. A lost answer to the COMMIT is looked up, never assumed.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from drydock.model import (
    NotAttempted,
    Refusal,
    ScriptStep,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepRolledBack,
)
from drydock.postgres import audit
from drydock.postgres.atomic import CANCELLED, cannot_tell, located_in
from drydock.postgres.lookup import Found
from drydock.postgres.message import OURSELVES, AtomicMessage, joined_message, located, times_of
from drydock.postgres.refusal import LOST_CONNECTION, UNCOMMITTED
from drydock.postgres.session import Done, Lost, Refused, Reply
from drydock.postgres.workbench import Workbench, applied

SETTLE = ("SET CONSTRAINTS ALL IMMEDIATE", *OURSELVES)
AT_THE_END = "a deferred constraint failed at the end of the transaction, which all its migrations share"


def run_joined(
    bench: Workbench, steps: Sequence[ScriptStep], *, announce: Callable[[ScriptStep], None]
) -> tuple[StepOutcome, ...]:
    """Run the steps; see the module docstring. An audit row that cannot be written keeps none of them from running."""
    noted = audit.applied(bench.attempt, count=len(steps)) if bench.attempt else None
    batch = _Batch(bench, steps, announce=announce)
    return batch.run(audit=noted) or batch.run(audit=None) or batch.unknown()


class _Batch:
    def __init__(
        self, bench: Workbench, steps: Sequence[ScriptStep], *, announce: Callable[[ScriptStep], None]
    ) -> None:
        self._bench = bench
        self._steps = steps
        self._announce = announce

    def run(self, *, audit: str | None) -> tuple[StepOutcome, ...] | None:
        """The outcomes; None when only the audit failed, and with it everything."""
        ran: list[StepApplied] = []
        for step in self._steps:
            self._announce(step)
            self._bench.session.restore_lexing()
            since = time.monotonic()
            message = joined_message(step, guard=self._bench.guard, opens=not ran, timed=self._bench.timed)
            reply = self._bench.session.send(message.text)
            if not isinstance(reply, Done) or reply.results != message.results or self._bench.session.is_idle:
                return self._ended_by(step, message, reply=reply)
            ran.append(replace(applied(step, since=since), times=times_of(step, reply.marks)))
        return self._committed(ran, audit=audit)

    def unknown(self) -> tuple[StepOutcome, ...]:
        """None of the outcomes is known."""
        return tuple(cannot_tell(step) for step in self._steps)

    def _committed(self, ran: Sequence[StepApplied], *, audit: str | None) -> tuple[StepOutcome, ...] | None:
        last = self._steps[-1]
        if self._bench.control.is_lost:
            # The mutex is gone with that session: another run may be at work on the same migrations.
            self._bench.roll_back()
            return self._because_of(last, replace(LOST_CONNECTION, file=last.migration.file))
        reply = self._bench.session.send("; ".join((*SETTLE, *((audit,) if audit else ()), "COMMIT")))
        match reply:
            case Done() if self._bench.session.is_idle:
                return tuple(ran)
            case Refused(refusal=refusal, results=results):
                self._bench.roll_back()
                if audit is not None and results == len(SETTLE) and not self._bench.stop.signal_number:
                    return None
                blamed = replace(located(refusal, last, number=0, position=None), line=None)
                return self._because_of(last, blamed, told=AT_THE_END if results == 0 else "")
            case _:
                self._bench.roll_back()
                return self._looked_up(last, ran)

    def _ended_by(self, step: ScriptStep, message: AtomicMessage, *, reply: Reply) -> tuple[StepOutcome, ...]:
        self._bench.roll_back()
        match reply:
            case Refused():
                return self._because_of(step, located_in(message, step, reply=reply))
            case Lost():
                return self._looked_up(step, ())
            case Done():
                return self._because_of(step, located(UNCOMMITTED, step, number=0, position=None))

    def _looked_up(self, step: ScriptStep, ran: Sequence[StepApplied]) -> tuple[StepOutcome, ...]:
        match self._bench.found(self._steps[-1]):
            case Found.APPLIED:
                note = "the connection was lost at COMMIT; the row is there"
                return tuple(replace(outcome, notes=(*outcome.notes, note)) for outcome in ran) or self.unknown()
            case Found.ABSENT:
                return self._because_of(step, replace(LOST_CONNECTION, file=step.migration.file))
            case _:
                return self.unknown()

    def _because_of(self, step: ScriptStep, refusal: Refusal, *, told: str = "") -> tuple[StepOutcome, ...]:
        place = self._steps.index(step)
        undone = (
            StepRolledBack(migration=before.migration, because_of=step.migration) for before in self._steps[:place]
        )
        left = (NotAttempted(migration=after.migration) for after in self._steps[place + 1 :])
        return (*undone, self._ending(step, refusal, told=told), *left)

    def _ending(self, step: ScriptStep, refusal: Refusal, *, told: str) -> StepOutcome:
        truth = f"{told}. {self._truth()}".removeprefix(". ")
        number = self._bench.stop.signal_number
        if number and refusal.sqlstate == CANCELLED:
            return StepInterrupted(migration=step.migration, signal_number=number, clean=True, truth=truth)
        return StepFailed(migration=step.migration, refusal=refusal, clean=True, truth=truth)

    def _truth(self) -> str:
        shared = f"the transaction that {len(self._steps)} migrations share"
        return f"Rolled back, with all of {shared}: no object and no history row of them is on the target."

"""The atomic path: script and finished row in one message, one round trip, one transaction.

A failure or a kill leaves neither objects nor row, so the migration is pending again, for us and for the tool. A lost
answer is looked up, never assumed.
"""

import time
from dataclasses import replace

from drydock.model import Refusal, ScriptStep, StepFailed, StepInterrupted, StepOutcome, StepUnknown
from drydock.postgres.lookup import Found
from drydock.postgres.message import AtomicMessage, atomic_message, located, times_of
from drydock.postgres.refusal import LOST_CONNECTION
from drydock.postgres.session import Done, Lost, Refused
from drydock.postgres.truths import rolled_back
from drydock.postgres.workbench import Workbench, applied

CANCELLED = "57014"
SWALLOWED = "22012"
CANNOT_TELL = "The connection was lost and the outcome could not be looked up."


def run_atomic(bench: Workbench, step: ScriptStep) -> StepOutcome:
    """Run the step; see the module docstring. An audit row that cannot be written keeps no step from running."""
    audit = bench.audit_of(step)
    return _run(bench, step, audit=audit) or _run(bench, step, audit=None) or cannot_tell(step)


def _run(bench: Workbench, step: ScriptStep, *, audit: str | None) -> StepOutcome | None:
    """The outcome; None when only the audit failed, and with it everything."""
    message = atomic_message(step, guard=bench.guard, audit=audit, timed=bench.timed)
    since = time.monotonic()
    reply = bench.session.send(message.text)
    match reply:
        case Done(results=results, marks=marks) if results == message.results and bench.session.is_idle:
            return replace(applied(step, since=since), times=times_of(step, marks))
        case Done():
            bench.roll_back()
            return _settled(bench, step, since=since)
        case Refused():
            bench.roll_back()
            if audit is not None and reply.results == message.results - 2 and not bench.stop.signal_number:
                return None
            return _refused(bench, step, message=message, reply=reply)
        case Lost():
            return _settled(bench, step, since=since)


def _refused(bench: Workbench, step: ScriptStep, *, message: AtomicMessage, reply: Refused) -> StepOutcome:
    if reply.refusal.sqlstate == CANCELLED and bench.stop.signal_number:
        return StepInterrupted(
            migration=step.migration, signal_number=bench.stop.signal_number, clean=True, truth=rolled_back(step)
        )
    refusal = located_in(message, step, reply=reply)
    return StepFailed(migration=step.migration, refusal=refusal, clean=True, truth=rolled_back(step))


def located_in(message: AtomicMessage, step: ScriptStep, *, reply: Refused) -> Refusal:
    """The refusal with its place in the script, or in the bookkeeping behind it."""
    number = (reply.results - message.before) // message.every + 1
    position = reply.position - message.offset - message.gap * (number - 1) if reply.position else None
    within = position if position and 0 < position <= len(step.text) else None
    refusal = located(reply.refusal, step, number=number, position=within)
    if refusal.sqlstate == SWALLOWED and reply.results == message.results - 1:
        return replace(refusal, message="a rule or trigger on the history table swallowed the row", names=())
    return refusal


def _settled(bench: Workbench, step: ScriptStep, *, since: float) -> StepOutcome:
    match bench.found(step):
        case Found.APPLIED:
            return applied(step, since=since, notes=("the connection was lost at COMMIT; the row is there",))
        case Found.ABSENT:
            return lost_and_absent(step)
        case _:
            return cannot_tell(step)


def cannot_tell(step: ScriptStep) -> StepUnknown:
    """The outcome when the history could not be asked."""
    return StepUnknown(migration=step.migration, truth=CANNOT_TELL)


def lost_and_absent(step: ScriptStep) -> StepFailed:
    """The outcome when the connection was lost and the history proves that nothing took effect."""
    refusal = replace(LOST_CONNECTION, file=step.migration.file)
    return StepFailed(migration=step.migration, refusal=refusal, clean=True, truth=rolled_back(step))

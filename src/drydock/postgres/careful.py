"""What both forms of the careful path share: the tool's own protocol around a script that cannot be atomic.

The open row (or dirty flag) is written first, so that the tool's CLI keeps out and a kill is seen afterwards; the
finished row last. All of it goes through the control session, which no script can put into another role, search path
or aborted transaction.
"""

import re
import time
from dataclasses import dataclass, replace

from drydock.model import Refusal, ScriptStep, StepFailed, StepInterrupted, StepOutcome, StepUnknown
from drydock.postgres.atomic import CANCELLED, CANNOT_TELL, SWALLOWED, lost_and_absent
from drydock.postgres.lookup import Found
from drydock.postgres.message import OURSELVES
from drydock.postgres.refusal import LOST_CONNECTION, condition_of
from drydock.postgres.session import Done
from drydock.postgres.truths import how_to_mark, never_began, nothing_left
from drydock.postgres.workbench import Workbench, applied
from drydock.sql.interface import Opaque, Parsed

HISTORY_REFUSED = "58000"
LOCK_NOT_AVAILABLE = "55P03"
FINISH_WITHIN = 60.0
UNTOLD = "not told yet"
_MAY_COMMIT = re.compile(r"\b(commit|end|rollback|abort|prepare\s+transaction|call)\b", re.IGNORECASE)


def open_row(bench: Workbench, step: ScriptStep, *extra: str) -> StepFailed | None:
    """Write the open row, together with `extra`; the failure when it could not be written.

    Nothing where the tool has no such row, and our own schema, which would have it, is not there. All in one
    transaction, which fails (22012) when a rule or trigger swallowed the row.
    """
    if step.ledger.opened is None:
        return None
    is_open = f"SELECT 1 OPERATOR(pg_catalog./) pg_catalog.count(*) FROM ({step.ledger.lookup}) AS found (state)"
    proof = f"{is_open} WHERE found.state OPERATOR(pg_catalog.=) 'open'"
    problem = bench.control.tell(*extra, step.ledger.opened, proof)
    if problem is None:
        return None
    if bench.control.is_lost:
        return _lost_at_opening(bench, step)
    truth = f"The history row could not be opened. {never_began(step)}"
    return StepFailed(migration=step.migration, refusal=_of_history(problem, step), clean=True, truth=truth)


def _lost_at_opening(bench: Workbench, step: ScriptStep) -> StepFailed:
    if bench.found_without_control(step) is Found.ABSENT or _tell_surely(bench, step, change=withdrawn(step)) is None:
        return lost_and_absent(step)
    refusal = replace(LOST_CONNECTION, file=step.migration.file)
    truth = f"{never_began(step)} Its history row was opened, and the connection that would take it back is lost."
    return StepFailed(migration=step.migration, refusal=refusal, clean=False, truth=truth)


def not_sent(bench: Workbench, step: ScriptStep, *extra: str) -> StepFailed:
    """The outcome when the applying session was lost before anything of the script was sent: the open row goes."""
    problem = _tell_surely(bench, step, change=withdrawn(step, *extra))
    if problem is None:
        return lost_and_absent(step)
    refusal = replace(LOST_CONNECTION, file=step.migration.file)
    truth = f"{never_began(step)} Its history row is open: {problem}."
    return StepFailed(migration=step.migration, refusal=refusal, clean=False, truth=truth)


def _of_history(problem: str, step: ScriptStep) -> Refusal:
    sqlstate = LOCK_NOT_AVAILABLE if problem.startswith(LOCK_NOT_AVAILABLE) else HISTORY_REFUSED
    message = f"the history row could not be written: {problem}"
    if problem.startswith(SWALLOWED):
        message = "a rule or trigger on the history table swallowed the row"
    condition = condition_of(sqlstate)
    return Refusal(sqlstate=sqlstate, condition=condition, message=message, names=(), file=step.migration.file)


def finish(bench: Workbench, step: ScriptStep, *extra: str, since: float, notes: tuple[str, ...] = ()) -> StepOutcome:
    """Write the finished row, together with `extra`, and say so."""
    audited = bench.audit_of(step)
    done = (*extra, step.ledger.finished)
    problem = bench.control.tell(audited, *done) if audited else UNTOLD
    if problem is not None:
        problem = _tell_surely(bench, step, change=Change(statements=done, makes=Found.APPLIED))
    deadline = time.monotonic() + FINISH_WITHIN
    # The script is done: behind somebody's lock on the history only patience is needed.
    while problem and problem.startswith(LOCK_NOT_AVAILABLE) and time.monotonic() < deadline:
        if bench.stop.pause(0.5):
            break
        problem = bench.control.tell(*done)
    if problem is None:
        return applied(step, since=since, notes=notes)
    if bench.control.is_lost and bench.found_without_control(step) is Found.UNKNOWN:
        return unknown(
            step, f"Everything in the script is in effect; whether that is recorded is not known. {CANNOT_TELL}"
        )
    truth = f"Everything in the script is in effect, but its history row is still open. {how_to_mark(step)}"
    return StepFailed(migration=step.migration, refusal=_of_history(problem, step), clean=False, truth=truth)


def give_up(bench: Workbench, step: ScriptStep, *extra: str, refusal: Refusal, left: str | None) -> StepOutcome:
    """End a failed or cancelled careful step. `left` says what is in effect; None when nothing is."""
    if left is None:
        problem = _tell_surely(bench, step, change=withdrawn(step, *extra))
        truth = (
            nothing_left(step)
            if problem is None
            else f"Nothing is in effect, but the history row stays open: {problem}."
        )
        return _ended(bench, step, refusal=refusal, truth=truth, clean=problem is None)
    bench.control.ask(step.ledger.failed, bench.scrub(f"{refusal}. {left}"))
    return _ended(bench, step, refusal=refusal, truth=left, clean=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of the history, and the state that it makes of the migration."""

    statements: tuple[str, ...]
    makes: Found


def withdrawn(step: ScriptStep, *extra: str) -> Change:
    """The open row goes: pending again."""
    return Change(statements=(*extra, step.ledger.withdrawn), makes=Found.ABSENT)


def _tell_surely(bench: Workbench, step: ScriptStep, *, change: Change) -> str | None:
    """None when the change is made, else why not. When the control session is lost, the applying one makes it."""
    problem = bench.control.tell(*change.statements)
    if problem is None or not bench.control.is_lost:
        return problem
    found = bench.found_without_control(step)
    if found is change.makes:
        return None
    if found is Found.UNKNOWN or not bench.session.is_idle:
        return problem
    sent = bench.session.send("; ".join((*OURSELVES, *change.statements)), cancellable=False)
    return None if isinstance(sent, Done) or bench.found(step) is change.makes else problem


def _ended(bench: Workbench, step: ScriptStep, *, refusal: Refusal, truth: str, clean: bool) -> StepOutcome:
    number = bench.stop.signal_number
    if number and refusal.sqlstate == CANCELLED:
        return StepInterrupted(migration=step.migration, signal_number=number, clean=clean, truth=truth)
    return StepFailed(migration=step.migration, refusal=refusal, clean=clean, truth=truth)


def unknown(step: ScriptStep, truth: str) -> StepUnknown:
    """The outcome when the answer was lost on the careful path: the open row stays as the witness."""
    return StepUnknown(migration=step.migration, truth=truth)


def row_is_open(step: ScriptStep) -> str:
    """What the history shows of a step that was begun, in a sentence."""
    return "No history row says so." if step.ledger.opened is None else "Its history row is open."


def is_undone(step: ScriptStep, *, failed: int) -> bool:
    """Whether a failure at statement number `failed` of one message certainly undid all of it.

    One message is one implicit transaction unless a statement in it ends that transaction. A single DO or CALL may
    commit by itself. Of a text that could not be parsed, only the absence of every such word is proof.
    """
    match step.analysis:
        case Parsed(statements=(only,)):
            return only.kind not in ("DO", "CALL")
        case Parsed(statements=statements):
            return not any(statement.ends_transaction for statement in statements if statement.number < failed)
        case Opaque():
            return _MAY_COMMIT.search(step.text) is None

"""A careful script as one message, exactly as the tool would send it, between open row and finished row."""

import time

from drydock.model import ScriptStep, StepOutcome
from drydock.postgres.careful import finish, give_up, is_undone, not_sent, open_row, row_is_open, unknown
from drydock.postgres.message import located
from drydock.postgres.refusal import UNCOMMITTED
from drydock.postgres.session import Done, Lost, Refused
from drydock.postgres.workbench import Workbench
from drydock.sql.interface import Parsed

SYNTAX = "42601"


def run_whole(bench: Workbench, step: ScriptStep) -> StepOutcome:
    """Run the step; see the module docstring."""
    since = time.monotonic()
    if (problem := open_row(bench, step)) is not None:
        return problem
    if isinstance(bench.session.send(bench.guard.message(), cancellable=False), Lost):
        return not_sent(bench, step)
    bench.lock.release_for_waiters()
    reply = bench.session.send(step.text)
    match reply:
        case Done() if bench.session.is_idle:
            return finish(bench, step, since=since)
        case Done():
            bench.roll_back()
            return give_up(
                bench, step, refusal=located(UNCOMMITTED, step, number=0, position=None), left=_before_begin(step)
            )
        case Refused(refusal=refusal, results=results, position=position):
            bench.roll_back()
            placed = located(refusal, step, number=results + 1, position=position)
            return give_up(bench, step, refusal=placed, left=_left(step, reply))
        case Lost():
            return unknown(step, f"The connection was lost: what the script did is not known. {row_is_open(step)}")


def _left(step: ScriptStep, reply: Refused) -> str | None:
    rejected_unread = reply.refusal.sqlstate == SYNTAX and reply.results == 0 and reply.position is not None
    if rejected_unread or is_undone(step, failed=reply.results + 1):
        return None
    return (
        f"{reply.results} statements had succeeded before, and the script commits in between: part of it is in effect."
    )


def _before_begin(step: ScriptStep) -> str | None:
    match step.analysis:
        case Parsed(statements=statements) if not any(statement.ends_transaction for statement in statements):
            return None
        case _:
            return "The script commits in between: what stands before its last COMMIT is in effect, the rest is not."

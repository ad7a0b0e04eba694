"""A careful script statement by statement, progress recorded, so that a failure or a kill can be resumed.

Three kinds of statement: one that refuses a transaction block goes alone, without lock_timeout, supervised; one that
is safe goes together with its progress in one transaction; inside the script's own BEGIN ... COMMIT the progress is
written just before COMMIT, in the same transaction.
"""

import time
from dataclasses import replace
from datetime import timedelta

from drydock.model import Refusal, ScriptStep, StatementTime, StepApplied, StepFailed, StepOutcome, Stepwise
from drydock.postgres.careful import finish, give_up, not_sent, open_row, row_is_open, unknown
from drydock.postgres.leftovers import drop, half_dropped, invalid_indexes, is_valid, ours_of
from drydock.postgres.lookup import Found
from drydock.postgres.message import OURSELVES, located
from drydock.postgres.progress import ProgressRow
from drydock.postgres.refusal import LOST_CONNECTION, UNCOMMITTED, condition_of
from drydock.postgres.session import Done, Lost, Refused, Reply
from drydock.postgres.workbench import Workbench
from drydock.sql.interface import Parsed, Statement

NO_LOCK_TIMEOUT = "SET lock_timeout = 0"
SETTINGS = ("SET", "RESET")

# Nothing was sent: the control session is gone, and the mutex with it.
GONE = Refused(refusal=LOST_CONNECTION, results=0, position=None)


def run_stepwise(bench: Workbench, step: ScriptStep) -> StepOutcome:
    """Run the step; see the module docstring."""
    since = time.monotonic()
    match step.analysis, step.course:
        case Parsed(statements=statements), Stepwise(resume_after=resume_after):
            row = ProgressRow(history=str(bench.history), step=step, kept=bench.keeps_progress)
            walk = _Walk(bench, step, row=row)
        case _:
            raise ValueError("only a parsed script can be run statement by statement")
    if not (resume_after or _is_open(bench, step)) and (problem := walk.open()) is not None:
        return problem
    if isinstance(bench.session.send(bench.guard.message(), cancellable=False), Lost):
        return not_sent(bench, step, *walk.row.gone())
    walk.replay(statements[:resume_after])
    committed = resume_after
    if step.course.uncertain:
        walk.settle(statements[resume_after])
    for statement in statements[resume_after:]:
        reply = walk.timed(statement)
        if not isinstance(reply, Done):
            return walk.ended(statement, reply, committed=committed)
        is_chained = statement.kind == "COMMIT" and statement.opens_transaction
        # What refuses a block has committed by itself, even where the session was lost just behind its answer.
        is_durable = bench.session.is_idle or is_chained or statement.outside_block
        committed = statement.number if is_durable else committed
    outcome = _unfinished(walk, committed=committed) or finish(bench, step, *walk.row.gone(), since=since)
    return replace(outcome, times=tuple(walk.times)) if isinstance(outcome, StepApplied) else outcome


def _unfinished(walk: "_Walk", *, committed: int) -> StepOutcome | None:
    """The outcome when every statement succeeded and yet something may not last; None when all of it does."""
    session = walk.bench.session
    statements = walk.step.analysis.statements if isinstance(walk.step.analysis, Parsed) else ()
    if session.is_lost and committed < len(statements):
        return walk.ended(statements[-1], Lost(results=0), committed=committed)
    if session.is_idle or session.is_lost:
        return None
    walk.bench.roll_back()
    return walk.ended(statements[-1], Refused(refusal=UNCOMMITTED, results=0, position=None), committed=committed)


def _is_open(bench: Workbench, step: ScriptStep) -> bool:
    # Whether an earlier run opened the row and got no further: a second row would be one too many.
    begun = [row for row in bench.target.progress if row.history == str(bench.history)]
    named = any(row.migration == step.migration.name for row in begun)
    return named and bench.control.ask(step.ledger.lookup) == ((Found.OPEN.value,),)


class _Walk:
    def __init__(self, bench: Workbench, step: ScriptStep, *, row: ProgressRow) -> None:
        self.bench = bench
        self.step = step
        self.row = row
        self.invalid: tuple[str, ...] = ()
        """Indexes that a failed statement left and that could not be dropped."""
        self.times: list[StatementTime] = []
        self.is_unguarded = False
        """The lock time-out is off since a statement that ran alone."""

    def open(self) -> StepFailed | None:
        """Write the open row; without progress where that cannot be written (a file dropped our schema)."""
        problem = open_row(self.bench, self.step, *self.row.begun())
        if problem is None or self.bench.control.is_lost or not self.row.kept:
            return problem
        self.row = replace(self.row, kept=False)
        return open_row(self.bench, self.step)

    def replay(self, statements: tuple[Statement, ...]) -> None:
        """Set again what the completed statements had set for the session."""
        for statement in statements:
            if statement.kind in SETTINGS:
                self.bench.session.send(self._slice(statement), cancellable=False)

    def settle(self, statement: Statement) -> None:
        """Remove the invalid index that this statement had begun when an earlier attempt was killed."""
        session = self.bench.session
        if statement.index is not None and statement.index.name and is_valid(session, statement.index) is False:
            drop(session, ours_of(session, statement.index, made=invalid_indexes(session, statement.index)))

    def timed(self, statement: Statement) -> Reply:
        """Run a statement and note how long it took, its progress included."""
        since = time.monotonic()
        reply = self.run(statement)
        took = timedelta(seconds=time.monotonic() - since)
        self.times.append(
            StatementTime(number=statement.number, line=statement.line, kind=statement.kind, duration=took)
        )
        return reply

    def run(self, statement: Statement) -> Reply:
        total = len(self.step.analysis.statements) if isinstance(self.step.analysis, Parsed) else 0
        self.bench.say(f"    statement {statement.number}/{total}, line {statement.line}: {statement.kind}")
        session = self.bench.session
        if self.bench.control.is_lost:
            return GONE
        if self.is_unguarded:
            session.send(self.bench.guard.settings()[0], cancellable=False)
            self.is_unguarded = False
        if self._is_there(statement):
            return Done(results=1)
        if statement.outside_block and session.is_idle:
            return self._alone(statement)
        if statement.kind in ("COMMIT", "END") and not session.is_idle:
            return session.send(self._with_progress(statement, before=True))
        if not session.is_idle or statement.opens_transaction:
            return session.send(self._slice(statement))
        if statement.hazard is None:
            return session.send(self._with_progress(statement, before=False))
        return self._announced(statement)

    def ended(self, statement: Statement, reply: Refused | Lost, *, committed: int) -> StepOutcome:
        if isinstance(reply, Lost):
            return unknown(self.step, self._truth_when_lost(statement, committed))
        self.bench.roll_back()
        refusal = located(reply.refusal, self.step, number=statement.number, position=None)
        leftover = self._leftover(statement)
        effects = self._effects(committed)
        if not effects and leftover is None:
            return give_up(self.bench, self.step, *self.row.gone(), refusal=refusal, left=None)
        if leftover is None:
            self.bench.control.tell(*self.row.not_running() or ("SELECT 1",))
        left = " ".join(part for part in (_in_effect(committed, effects), leftover, self._next(committed)) if part)
        outcome = give_up(self.bench, self.step, refusal=refusal, left=left)
        if isinstance(outcome, StepFailed) and leftover is None and self._can_go_on:
            return replace(outcome, resume_after=committed)
        return outcome

    def _is_there(self, statement: Statement) -> bool:
        # Only when resuming: the killed attempt's CREATE INDEX CONCURRENTLY had come to its end.
        match self.step.course:
            case Stepwise(uncertain=True, resume_after=after) if statement.number == after + 1 and _creates(statement):
                return statement.index is not None and is_valid(self.bench.session, statement.index) is True
            case _:
                return False

    def _alone(self, statement: Statement) -> Reply:
        bench = self.bench
        bench.lock.release_for_waiters()
        before = invalid_indexes(bench.session, statement.index) if statement.index else frozenset()
        if (problem := self._not_told(self.row.running(statement))) is not None:
            return problem
        if "CONCURRENTLY" in statement.kind:
            bench.session.send(NO_LOCK_TIMEOUT, cancellable=False)
            self.is_unguarded = True
        reply = bench.session.send(self._slice(statement))
        if isinstance(reply, Done) and _creates(statement) and statement.index:
            reply = reply if is_valid(bench.session, statement.index) is not False else _stayed_invalid(statement)
        elif isinstance(reply, Refused) and statement.index:
            made = invalid_indexes(bench.session, statement.index) - before
            self.invalid = drop(bench.session, ours_of(bench.session, statement.index, made=made))
        if isinstance(reply, Done):
            bench.control.tell(*self.row.done(statement.number) or ("SELECT 1",))
        return reply

    def _announced(self, statement: Statement) -> Reply:
        if (problem := self._not_told(self.row.running(statement))) is not None:
            return problem
        reply = self.bench.session.send(self._slice(statement))
        if isinstance(reply, Done) and self.bench.control.tell(*self.row.done(statement.number) or ("SELECT 1",)):
            self.row = replace(self.row, kept=False)
        return reply

    def _not_told(self, announcement: tuple[str, ...]) -> Refused | None:
        problem = self.bench.control.tell(*announcement or ("SELECT 1",))
        return GONE if problem and self.bench.control.is_lost else None

    def _with_progress(self, statement: Statement, *, before: bool) -> str:
        progress = "; ".join((*OURSELVES, *self.row.done(statement.number)))
        if not self.row.kept:
            return self._slice(statement)
        return f"{progress};\n{self._slice(statement)}" if before else f"{self._slice(statement)}\n;\n{progress}"

    @property
    def _can_go_on(self) -> bool:
        # The next deploy goes on upwards; what is half undone needs a person first.
        return self.row.kept and self.step.direction == "up"

    def _leftover(self, statement: Statement) -> str | None:
        if statement.kind in ("DO", "CALL") and statement.hazard:
            return "The failed statement may have committed a part of its work by itself."
        if "DETACH PARTITION" in statement.kind and statement.outside_block:
            return "The partition may be left half-detached: finish it with DETACH PARTITION ... FINALIZE."
        if (half := half_dropped(self.bench.session, self._slice(statement))) is not None:
            return f"Index {half} is left invalid, half dropped: queries do not use it any more. Run again to drop it."
        if self.invalid:
            named = f"The invalid index {', '.join(self.invalid)} is left: other sessions kept its table busy."
            by_us = self.row.kept and statement.index is not None and statement.index.name
            return named if by_us else f"{named} Drop it before the next attempt."
        return None

    def _effects(self, committed: int) -> int:
        statements = self.step.analysis.statements if isinstance(self.step.analysis, Parsed) else ()
        return sum(statement.kind not in SETTINGS for statement in statements[:committed])

    def _next(self, committed: int) -> str:
        if not self._can_go_on:
            return ""
        return f"When the cause is mended, the next deploy goes on at statement {committed + 1}."

    def _truth_when_lost(self, statement: Statement, committed: int) -> str:
        before = _in_effect(committed, self._effects(committed)) if self._effects(committed) else ""
        lost = f"The connection was lost in statement {statement.number} ({statement.kind}): what became of it is not"
        return " ".join(part for part in (f"{lost} known.", before, row_is_open(self.step)) if part)

    def _slice(self, statement: Statement) -> str:
        return self.step.text[statement.start : statement.end]


def _creates(statement: Statement) -> bool:
    return statement.kind == "CREATE INDEX CONCURRENTLY"


def _stayed_invalid(statement: Statement) -> Refused:
    # IF NOT EXISTS is content with an index of that name, valid or not.
    name = statement.index.name if statement.index else None
    message = f"index {name} exists but is invalid, so the statement did nothing; drop it, then run again"
    refusal = Refusal(sqlstate="55000", condition=condition_of("55000"), message=message, names=())
    return Refused(refusal=refusal, results=0, position=None)


def _in_effect(committed: int, effects: int) -> str:
    if not effects:
        return "None of its statements is in effect."
    return "Statement 1 is in effect." if committed == 1 else f"Statements 1 to {committed} are in effect."

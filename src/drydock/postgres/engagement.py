"""The target once we have it to ourselves: mutex and tool's lock held, attempt noted, ready to run steps.

Leaving it ends both sessions, and with them both locks.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from drydock.errors import AccessError, DrydockError, UnreachableError
from drydock.interruption import Interruption
from drydock.model import NothingPending, Plan, Proceed, Refusal, ScriptStep, Seed, Status, Step, Stepwise
from drydock.postgres import audit
from drydock.postgres.connect import Connector
from drydock.postgres.control import Control, Waiting
from drydock.postgres.executor import TargetExecutor
from drydock.postgres.house import DEPLOYS, IDENTITY, PROGRESS, creation
from drydock.postgres.identity import mark_statement
from drydock.postgres.interface import Executor, Reader
from drydock.postgres.lookup import Lookup
from drydock.postgres.message import Guard
from drydock.postgres.progress import forget
from drydock.postgres.refusal import LOST_CONNECTION, UNCOMMITTED
from drydock.postgres.session import Done, Lost, Refused
from drydock.postgres.surroundings import Surroundings
from drydock.postgres.target import TargetDatabase
from drydock.postgres.toollock import HeldLock
from drydock.postgres.workbench import Workbench

BARE = "No migration was applied by this run; at most an empty history table and Drydock's own tables are new."


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How we work on the target: limits, patience, what the audit row says, whom to tell."""

    guard: Guard
    mutex_wait: timedelta
    show_queries: bool
    environment: str | None
    revision: str | None
    run_url: str | None
    version: str
    surroundings: Surroundings
    timed: bool
    """See `Workbench.timed`."""
    stop: Interruption
    say: Callable[[str], None]
    scrub: Callable[[str], str]


class TargetEngagement:
    """Implements `Engagement`."""

    def __init__(self, target: TargetDatabase, connector: Connector, terms: Terms, status: Status) -> None:
        """Nothing is taken before the context is entered."""
        self._target = target
        self._connector = connector
        self._terms = terms
        self._status = status
        self._waiting = Waiting(budget=terms.mutex_wait, stop=terms.stop, say=terms.say)
        self._control: Control | None = None
        self._lock: HeldLock | None = None
        self._attempt: audit.Attempt | None = None

    def __enter__(self) -> Self:
        """Open the control session and take the mutex. Raises LockError."""
        control = Control(self._connector.open(), guard=self._terms.guard, show_queries=self._terms.show_queries)
        self._control = control
        try:
            control.take_mutex(self._status.history, self._waiting)
        except BaseException:
            control.close()
            raise
        self._lock = HeldLock(self._status.lock, target=self._target, control=control, waiting=self._waiting)
        return self

    def __exit__(self, *_: object) -> None:
        """End both sessions."""
        self._target.close()
        if self._control is not None:
            self._control.close()

    @property
    def reader(self) -> Reader:
        """See `Engagement.reader`."""
        return self._held()[1]

    def begin(self, plan: Plan, status: Status, *, mark_as: str | None) -> tuple[str, ...]:
        """See `Engagement.begin`."""
        control, _ = self._held()
        facts = self._target.facts
        # First and alone: when the history cannot be created, nothing else of ours must be left behind.
        self._prepare(status)
        attempt = self._new_attempt(status)
        steps = plan.steps if isinstance(plan, Proceed) else ()
        wants_seed = isinstance(plan, Proceed | NothingPending) and isinstance(plan.seed, Seed)
        tables = (DEPLOYS, *((IDENTITY,) if mark_as else ()), *((PROGRESS,) if _needs_progress(steps) else ()))
        mark = (mark_statement(facts, mark_as, replace=None),) if mark_as else ()
        row = audit.begun(attempt, steps, seed=audit.DUE if wants_seed else None)
        noted = control.tell_each(*creation(facts, *tables), *mark, row)
        self._require_control()
        self._attempt = attempt if noted[-1] is None else None
        problem = next((answer for answer in noted if answer), None)
        return () if problem is None else (f"{_missing(mark_as)} could be written in schema drydock: {problem}.",)

    def _prepare(self, status: Status) -> None:
        facts = self._target.facts
        problem = self._held()[0].tell(*status.preparation) if status.preparation else None
        self._require_control()
        if problem is not None:
            raise AccessError(
                f"The history table {status.history} cannot be created as user {facts.user}: {problem}.",
                hint=f"Grant CREATE on schema {status.history.schema} (or the database) to {facts.user}.",
            )

    def _require_control(self) -> None:
        if self._held()[0].is_lost:
            raise UnreachableError(
                "The connection to the target was lost before the first migration.", hint="Run again.", truth=BARE
            )

    @property
    def executor(self) -> Executor:
        """See `Engagement.executor`."""
        control, lock = self._held()
        bench = Workbench(
            target=self._target,
            history=self._status.history,
            control=control,
            guard=self._terms.guard,
            lock=lock,
            lookup=Lookup(connector=self._connector, stop=self._terms.stop),
            stop=self._terms.stop,
            attempt=self._attempt,
            keeps_progress=self._attempt is not None,
            surroundings=self._terms.surroundings,
            timed=self._terms.timed,
            say=self._terms.say,
            scrub=self._terms.scrub,
        )
        return TargetExecutor(bench)

    def repair(self, statements: Sequence[str], *, name: str) -> str | None:
        """See `Engagement.repair`."""
        forgotten = (forget(str(self._status.history), name),) if PROGRESS in self._target.facts.tables else ()
        return self._held()[0].tell(*statements, *forgotten)

    def mark(self, environment: str, *, replace: str | None) -> None:
        """See `Engagement.mark`."""
        facts = self._target.facts
        statement = mark_statement(facts, environment, replace=replace)
        if (problem := self._held()[0].tell(*creation(facts, IDENTITY), statement)) is not None:
            raise AccessError(
                f"The mark cannot be written as user {facts.user}: {problem}.",
                hint=f"Grant CREATE on database {facts.database} to {facts.user}.",
            )

    def run_text(self, text: str) -> Refusal | None:
        """See `Engagement.run_text`."""
        try:
            session = self._connector.open()
        except DrydockError:
            # The seed has begun, perhaps with other parts: that is a failed seed, not an untouched target.
            return LOST_CONNECTION
        try:
            session.send("; ".join((*self._terms.guard.settings(), *self._target.setup)), cancellable=False)
            match session.send(text):
                case Done() if session.is_idle:
                    return None
                case Done():
                    return UNCOMMITTED
                case Refused(refusal=refusal, position=position):
                    line = text.count("\n", 0, position - 1) + 1 if position else None
                    return replace(refusal, line=line)
                case Lost():
                    return LOST_CONNECTION
        finally:
            session.close()

    @property
    def is_lost(self) -> bool:
        """See `Engagement.is_lost`."""
        return self._held()[0].is_lost

    def seeded(self) -> None:
        """See `Engagement.seeded`."""
        if self._attempt is not None:
            self._held()[0].tell(audit.seeded(self._attempt))

    def end(self, outcome: str) -> None:
        """See `Engagement.end`."""
        if self._attempt is not None:
            self._held()[0].tell(audit.ended(self._attempt, self._terms.scrub(outcome)))

    def _held(self) -> tuple[Control, HeldLock]:
        if self._control is None or self._lock is None:
            raise RuntimeError("the engagement was not entered")
        return self._control, self._lock

    def _new_attempt(self, status: Status) -> audit.Attempt:
        terms = self._terms
        return audit.Attempt(
            id=uuid.uuid4(),
            environment=terms.environment,
            revision=terms.revision,
            run_url=terms.run_url,
            version=terms.version,
            history=str(status.history),
        )


def _missing(mark_as: str | None) -> str:
    return "No audit row and no mark" if mark_as else "No audit row"


def _needs_progress(steps: Sequence[Step]) -> bool:
    return any(isinstance(step, ScriptStep) and isinstance(step.course, Stepwise) for step in steps)

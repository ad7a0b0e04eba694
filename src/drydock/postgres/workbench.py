"""All that a step needs to be run on one database: the sessions, the limits, and whom to tell."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from drydock.interruption import Interruption
from drydock.model import ScriptStep, StepApplied, Table
from drydock.postgres import audit
from drydock.postgres.control import Control
from drydock.postgres.lookup import Backend, Found, Lookup
from drydock.postgres.message import Guard
from drydock.postgres.session import Session
from drydock.postgres.surroundings import Surroundings
from drydock.postgres.target import TargetDatabase
from drydock.postgres.toollock import HeldLock


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """One target, ready to be worked on."""

    target: TargetDatabase
    history: Table
    control: Control
    lock: HeldLock
    guard: Guard
    lookup: Lookup
    stop: Interruption
    attempt: audit.Attempt | None
    """The audit row's identity; None where it could not be written."""
    keeps_progress: bool
    """Whether the progress of a careful step can be recorded."""
    surroundings: Surroundings
    timed: bool
    """Whether each statement's time is wanted, at the price of a question to the clock behind it: on a copy."""
    say: Callable[[str], None]
    scrub: Callable[[str], str]

    @property
    def session(self) -> Session:
        """The session that applies."""
        return self.target.session

    def audit_of(self, step: ScriptStep) -> str | None:
        """The audit UPDATE that belongs into the step's own transaction."""
        return audit.applied(self.attempt) if self.attempt else None

    def found(self, step: ScriptStep) -> Found:
        """What the history says once the applying session's backend has ended."""
        facts = self.target.facts
        return self.lookup.outcome(step.ledger.lookup, Backend(pid=str(facts.pid), start=facts.backend_start))

    def found_without_control(self, step: ScriptStep) -> Found:
        """What the history says once the control session's backend has ended."""
        return self.lookup.outcome(step.ledger.lookup, self.control.backend)

    def roll_back(self) -> None:
        """End whatever transaction a script left open."""
        if not self.session.is_lost and not self.session.is_idle:
            self.session.send("ROLLBACK", cancellable=False)


def applied(step: ScriptStep, *, since: float, notes: tuple[str, ...] = ()) -> StepApplied:
    """The outcome of a step that began at `since` (monotonic seconds)."""
    duration = timedelta(seconds=time.monotonic() - since)
    return StepApplied(migration=step.migration, course=step.course, duration=duration, notes=notes)

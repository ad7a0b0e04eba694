"""Runs a command step: the tool's own program works on the database, and what is true afterwards is read there.

The program proves first that it is where we are: we hold an advisory lock that it must find taken. What it tells is
progress and reasons. What counts is the history once its sessions have ended: a migration is applied when its row is
there. One that ran in a transaction and has no row has left nothing.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from drydock.command import Command, Completed
from drydock.errors import ProjectError, StrayError, UnreachableError
from drydock.model import (
    ByTool,
    CommandStep,
    Migration,
    NotAttempted,
    Refusal,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepUnknown,
)
from drydock.postgres import audit
from drydock.postgres.atomic import CANNOT_TELL, ROLLED_BACK
from drydock.postgres.front import Front
from drydock.postgres.message import IDLE_TIMEOUT, milliseconds
from drydock.postgres.supervision import Supervision
from drydock.postgres.surroundings import Direct, OnCopy
from drydock.postgres.telling import EXTERNAL, Listener, Telling
from drydock.postgres.workbench import Workbench
from drydock.redact import scrubber_of

NONCE_BITS = 62
FOREVER = timedelta(days=3650)
"""A migration takes as long as it takes; `statement_timeout` and a signal end it."""
NOT_BEGUN = "It was not begun: no object and no history row of this migration is on the target."
HALF_DONE = "It runs without a transaction: what it did before it ended may be in effect, and it is not recorded."


class CommandRunner:
    """Runs command steps on one database, and keeps what a program wants to know again in the same run."""

    def __init__(self, bench: Workbench) -> None:
        """`bench` holds the open sessions."""
        self._bench = bench
        self._kept: dict[str, object] = {}

    def run(self, step: CommandStep, begun: Callable[[Migration], None]) -> tuple[StepOutcome, ...]:
        """See `Executor.run`."""
        bench = self._bench
        # libpq may know the password from a file or a variable, which the run's own scrubber has not seen.
        scrub = scrubber_of((bench.target.endpoint.url,))
        listener = Listener(begun=begun, applied=self._note_applied, say=lambda line: bench.say(scrub(line)))
        telling = Telling(step.migrations, listener)
        supervision = Supervision(bench, telling)
        around = bench.surroundings
        with self._witness() as witness, around.door(bench.target.endpoint) as door:
            command = Command(
                argv=step.argv,
                environment=around.environment(door.endpoint),
                directory=step.directory,
                time_limit=FOREVER,
                stdin=self._order(step, telling, witness=witness),
            )
            completed = around.run(command, telling.hear, stopped=supervision)
        self._kept = telling.kept
        _require_arrival(telling, door)
        _require_fit(telling, database=bench.target.facts.database)
        recorded = bench.lookup.names(step.recorded, telling.backends)
        self._release(step, telling)
        ended = _Ended(
            telling=telling,
            completed=completed,
            recorded=recorded,
            signal_number=bench.stop.signal_number,
            blockers=supervision.blockers,
        )
        return ended.outcomes(step)

    def _note_applied(self) -> None:
        if self._bench.attempt is not None:
            self._bench.control.tell(audit.applied(self._bench.attempt))

    @contextmanager
    def _witness(self) -> Iterator[int]:
        number = secrets.randbits(NONCE_BITS)
        control = self._bench.control
        if control.ask(f"SELECT pg_catalog.pg_try_advisory_lock({number})") != (("t",),):
            raise UnreachableError("The connection to the target was lost.", hint="Run again.")
        try:
            yield number
        finally:
            control.ask(f"SELECT pg_catalog.pg_advisory_unlock({number})")

    def _order(self, step: CommandStep, telling: Telling, *, witness: int) -> bytes:
        guard = self._bench.guard
        common = {
            "nonce": telling.mark.word,
            "witness": str(witness),
            "sealed": isinstance(self._bench.surroundings, OnCopy),
            "kept": self._kept,
            "limits": {
                "lock_timeout": milliseconds(guard.lock_timeout),
                "statement_timeout": milliseconds(guard.statement_timeout),
                "idle_timeout": milliseconds(IDLE_TIMEOUT),
            },
            "migrations": [migration.name for migration in step.migrations],
        }
        return json.dumps({**json.loads(step.order), **common}).encode()

    def _release(self, step: CommandStep, telling: Telling) -> None:
        """Let go of the lock that a program which did not come to its end left taken in its table."""
        was_outside = any(not begun.in_transaction for begun in telling.begun.values())
        if was_outside and not (telling.failure and telling.failure.is_lock):
            self._bench.control.tell(step.released)


def _require_arrival(telling: Telling, door: Front | Direct) -> None:
    # The lock that it found taken proves that it is on the copy; that it came by the front, that it used our address.
    if isinstance(door, Front) and telling.backends and not door.sessions:
        raise StrayError(
            "The project's code reached the copy by another way than the address that it was given.",
            hint="Let the knexfile's connection be an address, not code that makes connections.",
        )


def _require_fit(telling: Telling, *, database: str) -> None:
    if telling.reached is not None:
        raise StrayError(
            f"The project's code would reach {telling.reached}, beyond the copy; it was kept from it.",
            hint="Let migrations use the connection that they are given, and nothing else.",
        )
    unfit = telling.unfit
    if unfit is not None and unfit.text("reason") == "elsewhere":
        raise StrayError(
            f"{unfit.text('file')} leads to another database than the one it was given ({database}); nothing was run.",
            hint="Its `client` or connection ignores the address that it is given: use the plain client `pg`.",
        )
    if unfit is not None and unfit.text("reason") == "broken-migration":
        line = unfit.facts.get("line")
        raise ProjectError(
            f"Migration {unfit.text('name')} cannot be loaded{f', line {line}' if line else ''}: {unfit.text('kind')}.",
            hint="Correct it, then run again. What it said is in the log of this run.",
        )
    if unfit is not None:
        raise StrayError(
            f"The migration tool cannot be run: {unfit.text('reason')}.", hint="`drydock status` says more."
        )
    if not telling.backends and telling.failure is not None:
        raise StrayError(
            f"The migration tool could not connect to the database: {telling.failure.refusal}.",
            hint="What it said is in the log of this run.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """A program that has ended, and what is true since."""

    telling: Telling
    completed: Completed
    recorded: frozenset[str] | None
    signal_number: int | None
    blockers: tuple[str, ...]

    def outcomes(self, step: CommandStep) -> tuple[StepOutcome, ...]:
        """Up to the one that ended it; none for that where a signal came before it was begun."""
        recorded = self.recorded if self.recorded is not None else frozenset(self.telling.durations)
        applied = tuple(self._applied(one) for one in step.migrations if one.name in recorded)
        left = tuple(one for one in step.migrations if one.name not in recorded)
        if not left:
            return applied
        # Where a tool runs several in one transaction, those before the failed one are rolled back with it.
        failed = self.telling.failure.name if self.telling.failure else None
        place = next((place for place, one in enumerate(left) if one.name == failed), 0)
        undone = tuple(NotAttempted(migration=one) for one in left[:place])
        ending = self._ending(left[place])
        return (*applied, *undone, ending) if ending else applied

    def _applied(self, migration: Migration) -> StepApplied:
        told = migration.name in self.telling.durations
        return StepApplied(
            migration=migration,
            course=ByTool(in_transaction=self._is_in_transaction(migration)),
            duration=self.telling.durations.get(migration.name, timedelta()),
            notes=() if told else ("the program ended before it said so; the row is there",),
        )

    def _ending(self, migration: Migration) -> StepOutcome | None:
        is_begun = migration.name in self.telling.begun
        if self.signal_number is not None and not is_begun:
            return None
        if self.recorded is None:
            return StepUnknown(migration=migration, truth=CANNOT_TELL)
        clean = not is_begun or self._is_in_transaction(migration)
        truth = HALF_DONE if not clean else ROLLED_BACK if is_begun else NOT_BEGUN
        if self.signal_number is not None:
            return StepInterrupted(migration=migration, signal_number=self.signal_number, clean=clean, truth=truth)
        return StepFailed(
            migration=migration, refusal=self._refusal(migration), clean=clean, truth=truth, blockers=self._in_the_way()
        )

    def _refusal(self, migration: Migration) -> Refusal:
        failure = self.telling.failure
        if failure is not None:
            return replace(failure.refusal, file=migration.file)
        code = self.completed.exit_code
        ending = f"signal {-code}" if code < 0 else f"exit status {code}"
        return replace(EXTERNAL, names=(f"the program ended in its midst with {ending}",), file=migration.file)

    def _in_the_way(self) -> tuple[str, ...]:
        failure = self.telling.failure
        return self.blockers if failure is not None and failure.refusal.sqlstate == "55P03" else ()

    def _is_in_transaction(self, migration: Migration) -> bool:
        begun = self.telling.begun.get(migration.name)
        return begun is None or begun.in_transaction

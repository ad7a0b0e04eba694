"""The deploy step on one screen: status, plan, rehearse, apply, seed, report. `check` and `status` are parts of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from drydock.apply import Applying, apply
from drydock.command import Completed
from drydock.config.settings import Config
from drydock.errors import DrydockError, HistoryError, UnreachableError, UsageError
from drydock.gate import after_rehearsal, before_rehearsal
from drydock.interruption import Interruption
from drydock.model import (
    Aborted,
    FailedRow,
    Held,
    Mark,
    NoSeed,
    NothingPending,
    NotRehearsed,
    Outcome,
    Plan,
    Proceed,
    Rehearsed,
    Report,
    Seed,
    SeedDecision,
    Seeded,
    SeedOutcome,
    SeedPart,
    Status,
    StepApplied,
)
from drydock.plan import decide, judged, seed_decision
from drydock.postgres.interface import Deployable, Engage, Engagement
from drydock.render.run_log import Stage
from drydock.report import Known, aborted_by, is_disproven, report_of, verdict_of
from drydock.seed import Seeding, seed
from drydock.snapshot.interface import SnapshotOrder
from drydock.tools.interface import Mark as Resolution
from drydock.tools.interface import MigrationTool

LOST_AT_SEED = "The connection that notes the seed was lost; the next deploy may seed again."
APPLYING = ("deploy", "check")
ASKED_FOR = NotRehearsed(reason="asked for (rehearse: none)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """Everything a run works with; made by `wiring.py`, or by a test."""

    config: Config
    tool: MigrationTool
    target: Deployable
    engage: Engage
    rehearse: Callable[[Proceed, Status], Rehearsed]
    """`rehearse.rehearse` on the copy that is configured; loaded on use."""
    replay: Callable[[Status], Rehearsed]
    """`rehearse.replayed` on a replay of the history, whatever is configured."""
    take_snapshot: Callable[[SnapshotOrder, Status], str]
    """Answers with what was taken, in a sentence; raises RehearsalError."""
    seed_parts: Callable[[], tuple[SeedPart, ...]]
    warm_up: Callable[[], None]
    """Starts what is slow to start and will soon be needed; returns at once."""
    run_command: Callable[[tuple[str, ...]], Completed]
    stop: Interruption
    say: Callable[[str], None]


class Run:
    """One run of a command: keeps what is known, so that a report can be made however it ends."""

    def __init__(self, yard: Yard, command: str) -> None:
        """Nothing is done before one of the methods is called."""
        self._yard = yard
        self._since = time.monotonic()
        self._known = Known(command=command, environment=yard.config.environment)

    def deploy(self) -> Report:
        """Apply what is pending. Never raises DrydockError: it becomes the report."""
        return self._reported(self._deploy)

    def check(self) -> Report:
        """Everything that `deploy` does before the target would be touched."""
        return self._reported(self._check)

    def status(self, *, log: bool = False, drift: bool = False) -> Report:
        """What is applied, pending, wrong with the history; the deploys before (`log`), what no migration made."""
        return self._reported(partial(self._look, log=log, drift=drift))

    def resolve(self, name: str, mark: Resolution) -> Report:
        """Repair the tool's history as the user says."""
        return self._reported(lambda: self._resolve(name, mark))

    def mark_target(self, replaced: str | None) -> Report:
        """Mark the target with the configured environment."""
        return self._reported(lambda: self._mark(replaced))

    def snapshot(self, order: SnapshotOrder) -> Report:
        """Take a snapshot of the target, fit for rehearsals."""
        return self._reported(lambda: self._now(said=self._yard.take_snapshot(order, self._read_status())))

    def _resolve(self, name: str, mark: Resolution) -> None:
        yard = self._yard
        status = self._read_status()
        yard.target.require_writable()
        self._now(stage="lock")
        with yard.engage(status) as engagement:
            repair = yard.tool.repair(yard.tool.status(engagement.reader), name=name, mark=mark)
            problem = engagement.repair(repair.sql, name=name)
            if problem is not None and engagement.is_lost:
                truth = "Whether the history was repaired is not known."
                raise UnreachableError("The connection was lost.", truth=truth, hint="`drydock status` tells.")
            if problem is not None:
                raise HistoryError(f"The history could not be repaired: {problem}.", hint="Nothing was changed.")
            self._now(said=repair.said, status=yard.tool.status(engagement.reader))

    def _mark(self, replaced: str | None) -> None:
        yard = self._yard
        environment = yard.config.environment
        if environment is None:
            raise UsageError("No environment is named.", hint="drydock init --target --environment staging")
        status = self._read_status()
        yard.target.require_writable()
        with yard.engage(status) as engagement:
            engagement.mark(environment, replace=replaced)
        self._now(said=f"The database {yard.target.describe().database} is marked as {environment}.")

    def _deploy(self) -> None:
        yard = self._yard
        status = self._read_status()
        if self._is_settled(status):
            self._now(plan=_without_steps(status, yard.config, wanted=NoSeed(reason="nothing was applied")))
            return
        yard.target.require_writable()
        yard.warm_up()
        self._now(stage="lock")
        with yard.engage(status) as engagement:
            status = yard.tool.status(engagement.reader)
            self._now(status=status, stage="plan")
            plan = self._plan(status, mark_as=self._mark_for(status))
            self._now(plan=plan)
            self._carry_out(plan, status, engagement=engagement)

    def _check(self) -> None:
        status = self._read_status()
        self._now(stage="plan")
        plan = self._plan(status, mark_as=self._mark_for(status))
        self._now(plan=plan)
        if isinstance(plan, Proceed):
            self._rehearse(plan, status)

    def _look(self, *, log: bool, drift: bool) -> None:
        status = self._read_status()
        self._now(stage="plan", plan=self._plan(status, mark_as=self._mark_for(status)))
        self._now(log=self._yard.target.log() if log else None)
        if drift:
            self._now(stage="drift", rehearsal=self._yard.replay(status))

    def _carry_out(self, plan: Plan, status: Status, *, engagement: Engagement) -> None:
        yard = self._yard
        match plan:
            case Held():
                return
            case NothingPending(seed=wanted):
                notes = engagement.begin(plan, status, mark_as=None) if isinstance(wanted, Seed) else ()
                self._seed(wanted, engagement, outcome=Outcome(steps=(), seed=NoSeed(reason="not yet"), notes=notes))
            case Proceed(steps=steps, seed=wanted):
                if not self._rehearse(plan, status):
                    return
                notes = self._begin(plan, status, engagement=engagement)
                self._now(stage="apply")
                applying = Applying(
                    executor=engagement.executor, limits=yard.config.limits, stop=yard.stop, say=yard.say
                )
                done = apply(steps, applying)
                not_seeded = NoSeed(reason="not every migration was applied")
                outcome = Outcome(steps=done.outcomes, seed=not_seeded, halt=done.halt, notes=notes)
                self._now(outcome=outcome)
                if all(isinstance(step, StepApplied) for step in done.outcomes):
                    self._seed(self._allowed(wanted, notes), engagement, outcome=outcome)
        engagement.end(verdict_of(self._known).line)

    def _begin(self, plan: Plan, status: Status, *, engagement: Engagement) -> tuple[str, ...]:
        mark_as = self._mark_for(status)
        notes = engagement.begin(plan, status, mark_as=mark_as)
        target = self._yard.target.describe()
        if mark_as and not notes:
            target = replace(target, mark=Mark(environment=mark_as))
        self._now(target=target)
        return notes

    def _allowed(self, wanted: SeedDecision, notes: tuple[str, ...]) -> SeedDecision:
        """The seed, unless it was to be allowed by a mark that could not be written."""
        is_marked = self._known.target is not None and self._known.target.mark.environment is not None
        return NoSeed(reason=notes[0]) if isinstance(wanted, Seed) and notes and not is_marked else wanted

    def _seed(self, wanted: SeedDecision, engagement: Engagement, *, outcome: Outcome) -> None:
        yard = self._yard
        self._now(stage="seed")
        seeding = Seeding(run_text=engagement.run_text, run_command=yard.run_command, say=yard.say)
        seeded: SeedOutcome = seed(wanted, seeding)
        if isinstance(seeded, Seeded):
            engagement.seeded()
        if engagement.is_lost:
            outcome = replace(outcome, notes=(*outcome.notes, LOST_AT_SEED))
        self._now(outcome=replace(outcome, seed=seeded))

    def _read_status(self) -> Status:
        self._now(stage="status")
        status = self._yard.tool.status(self._yard.target)
        self._now(status=status, target=self._yard.target.describe(), rehearsal=self._rehearsal())
        return status

    def _is_settled(self, status: Status) -> bool:
        # An open row may belong to a run that goes on right now: only the mutex can tell.
        begun = any(isinstance(problem, FailedRow) for problem in status.problems)
        due = self._yard.target.seed_is_due and self._yard.config.wants_seed
        return not status.pending and not begun and not due

    def _plan(self, status: Status, *, mark_as: str | None) -> Plan:
        yard = self._yard
        mark = Mark(environment=mark_as) if mark_as else yard.target.describe().mark
        parts = yard.seed_parts() if yard.config.wants_seed else ()
        wanted = seed_decision(yard.config, mark, parts=parts)
        plan = decide(
            status,
            yard.config.history,
            progress=yard.target.progress,
            steps_of=yard.tool.steps,
            seed=wanted,
        )
        if isinstance(plan, NothingPending) and not yard.target.seed_is_due:
            return replace(plan, seed=NoSeed(reason="nothing was applied"))
        return plan

    def _mark_for(self, status: Status) -> str | None:
        """The environment to mark a new database with: one that had no tables and no history."""
        is_new = bool(status.preparation) and not self._yard.target.describe().had_tables
        return self._yard.config.environment if is_new else None

    def _rehearsal(self) -> NotRehearsed | None:
        if self._known.command not in APPLYING:
            return None
        if self._yard.config.rehearsal.on == "none":
            return ASKED_FOR
        return NotRehearsed(reason="this run came to no rehearsal")

    def _rehearse(self, plan: Proceed, status: Status) -> bool:
        """Rehearse as configured; whether the target may be touched afterwards."""
        match self._yard.config.rehearsal.on:
            case "none":
                return True
            case "target-schema" | "snapshot" | "history":
                self._now(stage="rehearse", held=before_rehearsal(plan.steps, self._yard.config.gate))
                if self._known.held:
                    return False
                self._yard.warm_up()
                rehearsed = self._yard.rehearse(plan, status)
                self._now(rehearsal=rehearsed, held=after_rehearsal(rehearsed, self._yard.config.gate))
                if is_disproven(rehearsed) or self._known.held:
                    return False
                if self._known.command == "deploy":
                    self._yard.say(Stage("Applying to the target:"))
                return True

    def _reported(self, story: Callable[[], None]) -> Report:
        try:
            story()
        except DrydockError as error:
            self._now(aborted=self._aborted(error))
        return report_of(self._known, timedelta(seconds=time.monotonic() - self._since))

    def _aborted(self, error: DrydockError) -> Aborted:
        aborted = aborted_by(error, self._known.stage)
        # An error that comes after the apply cannot know what was applied; the outcome does.
        return replace(aborted, truth=verdict_of(self._known).truth) if self._known.outcome else aborted

    def _now(self, **found: object) -> None:
        self._known = replace(self._known, **found)  # type: ignore[arg-type]  # fields of Known, checked at run time


def _without_steps(status: Status, config: Config, *, wanted: SeedDecision) -> Plan:
    sorted_out = judged(status.problems, config.history)
    if sorted_out.stops:
        return Held(problems=sorted_out.stops, warnings=sorted_out.warnings)
    return NothingPending(warnings=sorted_out.warnings, seed=wanted)

"""The deploy step on one screen: status, plan, rehearse, apply, seed, report. `check` ends before the apply."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from drydock.apply import Applying, apply
from drydock.gate import after_rehearsal, before_rehearsal
from drydock.model import (
    FailedRow,
    Held,
    Mark,
    NoSeed,
    NothingPending,
    NotRehearsed,
    Outcome,
    Plan,
    Proceed,
    Report,
    Seed,
    SeedDecision,
    Seeded,
    SeedOutcome,
    Status,
    StepApplied,
)
from drydock.plan import plan_without_steps
from drydock.postgres.interface import Engagement
from drydock.render.run_log import Stage
from drydock.report import is_disproven, verdict_of
from drydock.run import Run
from drydock.seed import Seeding, seed

LOST_AT_SEED = "The connection that notes the seed was lost; the next deploy may seed again."
ASKED_FOR = NotRehearsed(reason="asked for (rehearse: none)")


def deploy(run: Run) -> Report:
    """Apply what is pending."""
    return run.reported(partial(_deploy, run))


def check(run: Run) -> Report:
    """Everything that `deploy` does before the target would be touched."""
    return run.reported(partial(_check, run))


def _deploy(run: Run) -> None:
    status = read_status(run)
    if _is_settled(run, status):
        run.now(plan=plan_without_steps(status, run.yard.config.history, seed=NoSeed(reason="nothing was applied")))
        return
    engage(run, status, planned=run.plan)


def engage(run: Run, status: Status, *, planned: Callable[[Status], Plan]) -> None:
    """Have the target to ourselves, see again what is true of it, plan by that, and carry the plan out."""
    yard = run.yard
    yard.target.require_writable()
    yard.warm_up()
    run.now(stage="lock")
    with yard.engage(status) as engagement:
        status = yard.tool.status(engagement.reader)
        run.now(status=status, stage="plan")
        plan = planned(status)
        run.now(plan=plan)
        _carry_out(run, plan, status=status, engagement=engagement)


def _check(run: Run) -> None:
    status = read_status(run)
    run.now(stage="plan")
    plan = run.plan(status)
    run.now(plan=plan)
    if isinstance(plan, Proceed):
        _rehearse(run, plan, status=status)


def _carry_out(run: Run, plan: Plan, *, status: Status, engagement: Engagement) -> None:
    yard = run.yard
    match plan:
        case Held():
            return
        case NothingPending(seed=wanted):
            notes = engagement.begin(plan, status, mark_as=None) if isinstance(wanted, Seed) else ()
            _seed(
                run,
                wanted,
                engagement=engagement,
                outcome=Outcome(steps=(), seed=NoSeed(reason="not yet"), notes=notes),
            )
        case Proceed(steps=steps, seed=wanted):
            if not _rehearse(run, plan, status=status):
                return
            notes = _begin(run, plan, status=status, engagement=engagement)
            run.now(stage="apply")
            applying = Applying(executor=engagement.executor, limits=yard.config.limits, stop=yard.stop, say=yard.say)
            done = apply(steps, applying)
            not_seeded = NoSeed(reason="not every migration was applied")
            outcome = Outcome(steps=done.outcomes, seed=not_seeded, halt=done.halt, notes=notes)
            run.now(outcome=outcome)
            if all(isinstance(step, StepApplied) for step in done.outcomes):
                _seed(run, _allowed(run, wanted, notes=notes), engagement=engagement, outcome=outcome)
    engagement.end(verdict_of(run.known).line)


def _begin(run: Run, plan: Plan, *, status: Status, engagement: Engagement) -> tuple[str, ...]:
    mark_as = run.mark_for(status)
    notes = engagement.begin(plan, status, mark_as=mark_as)
    target = run.yard.target.describe()
    if mark_as and not notes:
        target = replace(target, mark=Mark(environment=mark_as))
    run.now(target=target)
    return notes


def _allowed(run: Run, wanted: SeedDecision, *, notes: tuple[str, ...]) -> SeedDecision:
    """The seed, unless it was to be allowed by a mark that could not be written."""
    is_marked = run.known.target is not None and run.known.target.mark.environment is not None
    return NoSeed(reason=notes[0]) if isinstance(wanted, Seed) and notes and not is_marked else wanted


def _seed(run: Run, wanted: SeedDecision, *, engagement: Engagement, outcome: Outcome) -> None:
    yard = run.yard
    run.now(stage="seed")
    seeding = Seeding(run_text=engagement.run_text, run_command=yard.run_command, say=yard.say)
    seeded: SeedOutcome = seed(wanted, seeding)
    if isinstance(seeded, Seeded):
        engagement.seeded()
    if engagement.is_lost:
        outcome = replace(outcome, notes=(*outcome.notes, LOST_AT_SEED))
    run.now(outcome=replace(outcome, seed=seeded))


def _is_settled(run: Run, status: Status) -> bool:
    # An open row may belong to a run that goes on right now: only the mutex can tell.
    begun = any(isinstance(problem, FailedRow) for problem in status.problems)
    due = run.yard.target.seed_is_due and run.yard.config.wants_seed
    return not status.pending and not begun and not due


def _rehearse(run: Run, plan: Proceed, *, status: Status) -> bool:
    """Rehearse as configured; whether the target may be touched afterwards."""
    match run.yard.config.rehearsal.on:
        case "none":
            return True
        case "target-schema" | "snapshot" | "history":
            run.now(stage="rehearse", held=before_rehearsal(plan.steps, run.yard.config.gate))
            if run.known.held:
                return False
            run.yard.warm_up()
            rehearsed = run.yard.rehearse(plan, status)
            run.now(rehearsal=rehearsed, held=after_rehearsal(rehearsed, run.yard.config.gate))
            if is_disproven(rehearsed) or run.known.held:
                return False
            if run.known.command == "deploy":
                run.yard.say(Stage("Applying to the target:"))
            return True


def read_status(run: Run) -> Status:
    """The status, at the beginning of a run that will rehearse."""
    status = run.read_status()
    is_asked_for = run.yard.config.rehearsal.on == "none"
    run.now(rehearsal=ASKED_FOR if is_asked_for else NotRehearsed(reason="this run came to no rehearsal"))
    return status

"""From everything that happened to the `Report`, with its verdict. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from drydock import __version__
from drydock.errors import UNTOUCHED, DrydockError, ExitCode
from drydock.model import (
    Aborted,
    Attempt,
    Disproven,
    FailedRow,
    Held,
    NotAttempted,
    NothingPending,
    Outcome,
    Plan,
    Proceed,
    Rehearsal,
    Rehearsed,
    Report,
    SeedFailed,
    Status,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepUnknown,
    Target,
    Verdict,
    migrations_of,
)
from drydock.render.wording import counted

GAVE_WAY = frozenset({"55P03", "40001", "40P01"})
CONNECTION = "08"
READ_ONLY = "25006"
"""As after a failover, when the address leads to a standby."""
RECOVER = "See what is true with `drydock status`, mend it, then `drydock resolve NAME --applied` or `--rolled-back`."
APPLY_HINT = "Apply with `drydock deploy`; `drydock check` tries it on a copy first."
MOST_REASONS = 5
NOTHING_BEFORE = "nothing applied before"
SAME_OPTIONS = "Apply with `drydock deploy` and the same options."
QUIETER = "Run again at a quieter time."
NO_FAULT = "Run again; everything that is applied is recorded."


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a run has found out so far; complete or not, a report can be made of it."""

    command: str
    environment: str | None
    stage: str = "start"
    target: Target | None = None
    status: Status | None = None
    plan: Plan | None = None
    rehearsal: Rehearsal | None = None
    outcome: Outcome | None = None
    aborted: Aborted | None = None
    log: tuple[Attempt, ...] | None = None
    held: tuple[str, ...] = ()
    """Why the gate holds; empty when it does not."""
    said: str | None = None
    """What a command that deploys nothing did."""


def aborted_by(error: DrydockError, stage: str) -> Aborted:
    """The error as a value of the report."""
    return Aborted(stage=stage, what=error.what, truth=error.truth, hint=error.hint, exit_code=int(error.exit_code))


def report_of(known: Known, duration: timedelta) -> Report:
    """The report."""
    return Report(
        command=known.command,
        version=__version__,
        verdict=verdict_of(known),
        environment=known.environment,
        target=known.target,
        status=known.status,
        plan=known.plan,
        rehearsal=known.rehearsal,
        outcome=known.outcome,
        aborted=known.aborted,
        duration=duration,
        log=known.log,
    )


def verdict_of(known: Known) -> Verdict:
    """The first line of the report and its exit code. What was done to the target speaks before anything else."""
    if known.outcome is not None and known.outcome.steps:
        return _of_outcome(known.outcome, known)
    if known.aborted is not None:
        return Verdict(
            exit_code=known.aborted.exit_code,
            line=known.aborted.what,
            truth=known.aborted.truth,
            hint=known.aborted.hint,
        )
    if isinstance(known.rehearsal, Rehearsed) and is_disproven(known.rehearsal):
        return _of_rehearsal(known.rehearsal)
    if known.held:
        return _verdict(
            ExitCode.HELD,
            "Held by the gate: " + "; ".join(known.held[:MOST_REASONS]) + _and_more(known.held) + ".",
            truth=UNTOUCHED,
            hint="If that is wanted, say so: gate.reach: ok, gate.unproven: warn. Else change the migration.",
        )
    if known.said is not None:
        return _verdict(ExitCode.DONE, known.said, truth="")
    if known.outcome is not None:
        return _of_seed(known.outcome, "Nothing pending", truth="The schema is unchanged.")
    return _of_plan(known)


def _and_more(reasons: tuple[str, ...]) -> str:
    return f"; and {len(reasons) - MOST_REASONS} more" if len(reasons) > MOST_REASONS else ""


def is_disproven(rehearsal: Rehearsal) -> bool:
    """Whether a migration failed on the copy in a way that it would fail on the target."""
    return isinstance(rehearsal, Rehearsed) and any(isinstance(step.proof, Disproven) for step in rehearsal.steps)


def _of_rehearsal(rehearsal: Rehearsed) -> Verdict:
    name, outcome = next(
        (step.migration.name, step.proof.outcome) for step in rehearsal.steps if isinstance(step.proof, Disproven)
    )
    why = f": {outcome.refusal}" if isinstance(outcome, StepFailed) else ""
    return _verdict(
        ExitCode.REHEARSAL_FAILED,
        f"Migration {name} failed in the rehearsal{why}.",
        truth=UNTOUCHED,
        hint="Correct the migration, then run again.",
    )


def _of_plan(known: Known) -> Verdict:
    match known.plan:
        case Held(problems=problems):
            failed = next((problem for problem in problems if isinstance(problem, FailedRow)), None)
            line = f"Migration {failed.name} was begun and not finished" if failed else "The history needs a decision"
            return _verdict(
                ExitCode.HISTORY,
                f"{line}; nothing was done.",
                truth=UNTOUCHED,
                hint="Decide as said with each problem, then run again.",
            )
        case NothingPending():
            return _verdict(
                ExitCode.DONE, "Nothing pending: the target has this checkout's migrations.", truth=UNTOUCHED
            )
        case Proceed(steps=steps):
            code = ExitCode.PENDING if known.command == "status" else ExitCode.DONE
            return _verdict(
                code,
                f"{counted(len(migrations_of(steps)), 'migration')} pending.",
                truth=UNTOUCHED,
                hint=SAME_OPTIONS if isinstance(known.rehearsal, Rehearsed) else APPLY_HINT,
            )
        case None:
            return _verdict(ExitCode.DONE, "Done.", truth=UNTOUCHED)
        case _:
            assert_never(known.plan)


def _of_outcome(outcome: Outcome, known: Known) -> Verdict:
    done = sum(isinstance(step, StepApplied) for step in outcome.steps)
    before = f"{counted(done, 'migration')} applied before" if done else NOTHING_BEFORE
    ending = next((step for step in outcome.steps if not isinstance(step, StepApplied)), None)
    match ending:
        case None if known.aborted is not None:
            return _verdict(
                ExitCode(known.aborted.exit_code),
                f"{counted(done, 'migration')} applied; then: {known.aborted.what}",
                truth="Every migration is applied and recorded.",
                hint=known.aborted.hint,
            )
        case None:
            return _of_seed(
                outcome, f"{counted(done, 'migration')} applied", truth="Every migration is applied and recorded."
            )
        case NotAttempted():
            return _halted(outcome, before)
        case _:
            return _of_step(ending, before)


def _halted(outcome: Outcome, before: str) -> Verdict:
    reason, code = (outcome.halt.reason, outcome.halt.exit_code) if outcome.halt else ("stopped", int(ExitCode.BUG))
    return _verdict(
        ExitCode(code), f"Stopped between two migrations: {reason}; {before}.", truth=_clean(before), hint=NO_FAULT
    )


def _of_step(step: StepOutcome, before: str) -> Verdict:
    match step:
        case StepFailed(migration=migration, refusal=refusal, clean=clean, truth=truth):
            line = f"Migration {migration.name} failed: {refusal}; {before}."
            if not clean:
                return _verdict(ExitCode.FAILED_HALF, line, truth=truth, hint=RECOVER)
            return _verdict(
                _clean_code(refusal.sqlstate),
                line,
                truth=f"{truth} {_clean(before)}",
                hint=_clean_hint(step),
            )
        case StepInterrupted(migration=migration, signal_number=number, clean=clean, truth=truth):
            line = f"Interrupted by signal {number} during {migration.name}; {before}."
            if not clean:
                return _verdict(ExitCode.FAILED_HALF, line, truth=truth, hint=RECOVER)
            return _verdict(ExitCode(128 + number), line, truth=f"{truth} {_clean(before)}", hint=NO_FAULT)
        case StepUnknown(migration=migration, truth=truth):
            return _verdict(
                ExitCode.FAILED_HALF,
                f"The outcome of {migration.name} is unknown; {before}.",
                truth=truth,
                hint=RECOVER,
            )
        case StepApplied() | NotAttempted():
            raise ValueError("only a step that ended the apply has a verdict of its own")
        case _:
            assert_never(step)


def _clean_code(sqlstate: str) -> ExitCode:
    if sqlstate in GAVE_WAY:
        return ExitCode.LOCK
    is_gone = sqlstate[:2] == CONNECTION or sqlstate == READ_ONLY
    return ExitCode.UNREACHABLE if is_gone else ExitCode.FAILED_CLEAN


def _clean_hint(step: StepFailed) -> str:
    sqlstate = step.refusal.sqlstate
    if sqlstate in GAVE_WAY:
        return (
            "Run again when the sessions named below have ended." if step.blockers else "Run again at a quieter time."
        )
    return NO_FAULT if sqlstate[:2] == CONNECTION else "Correct the migration, then run again."


def _of_seed(outcome: Outcome, done: str, *, truth: str) -> Verdict:
    match outcome.seed:
        case SeedFailed(part=part, reason=reason):
            line = f"{done}, but the seed failed in {part}: {reason}."
            return _verdict(
                ExitCode.SEED_FAILED, line, truth=truth, hint="Correct the seed; the next deploy runs it again."
            )
        case _:
            return _verdict(ExitCode.DONE, f"{done}.", truth=truth)


def _clean(before: str) -> str:
    if before == NOTHING_BEFORE:
        return "The target is clean: it is as it was before."
    return f"The target is clean: {before}, and all of it is recorded."


def _verdict(code: ExitCode, line: str, *, truth: str, hint: str = "") -> Verdict:
    return Verdict(exit_code=int(code), line=line, truth=truth, hint=hint)

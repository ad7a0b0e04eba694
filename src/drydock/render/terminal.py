"""A report as plain text, for a terminal or the log of a CI system: the verdict, what to decide, the evidence.

Every line passes `line_of` last, so whatever a name or a message holds, it can neither start a new line nor reach
the terminal, or the reader of the log, as a command.
"""

from collections.abc import Iterable
from typing import assert_never

from drydock.model import (
    Attempt,
    Held,
    Mark,
    NoSeed,
    NothingPending,
    NotRehearsed,
    Proceed,
    Rehearsed,
    Report,
    Seed,
    SeedDecision,
    Seeded,
    SeedFailed,
    SeedOutcome,
    Target,
)
from drydock.render.headline import headline_of
from drydock.render.history import (
    decision_lines,
    decisions_of,
    history_lines,
    pending_lines,
    warning_lines,
    warnings_of,
)
from drydock.render.rehearsal import rehearsal_lines
from drydock.render.steps import step_lines
from drydock.render.wording import counted, done_word, hanging, human_duration, line_of

Lines = tuple[str, ...]


def terminal_text(report: Report) -> str:
    """The whole report; ends with a newline. Plain text without any escape sequence."""
    blocks: tuple[Lines, ...] = (
        _verdict(report),
        _why(report),
        decision_lines(decisions_of(report)),
        _now_and_next(report),
        rehearsal_lines(report.rehearsal) if isinstance(report.rehearsal, Rehearsed) else (),
        step_lines(report.outcome.steps if report.outcome else (), done=done_word(report.command)),
        pending_lines(report) if report.command != "snapshot" else (),
        warning_lines(warnings_of(report)),
        _log(report.log or ()) if report.log is not None else (),
        _circumstances(report),
    )
    return "\n\n".join(_joined(block) for block in blocks if block) + "\n"


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(line_of(line.rstrip()) for line in lines)


def _verdict(report: Report) -> Lines:
    headline = headline_of(report)
    first, *rest = report.verdict.line.strip().split("\n")
    where = (report.target.database,) if report.target else ()
    about = ", ".join((*where, *filter(None, (report.environment,)), human_duration(report.duration)))
    said = f"{first.rstrip().rstrip('.:')} ({about})"
    return (f"{headline.mark} {headline.word}  {said}", *(f"  {line}" for line in rest))


def _why(report: Report) -> Lines:
    halt = report.outcome.halt if report.outcome else None
    ended = hanging("Ended early: ", halt.reason) if halt else ()
    aborted = report.aborted
    if aborted is None or aborted.what.strip() in report.verdict.line:
        return ended
    return (*ended, *hanging("Stopped: ", aborted.what))


def _now_and_next(report: Report) -> Lines:
    # The verdict knows more than the error: what an error says of the target may be older than what was applied.
    verdict, aborted = report.verdict, report.aborted
    truth = verdict.truth or (aborted.truth if aborted else "")
    hint = verdict.hint or (aborted.hint if aborted else "")
    return (*_labelled("Now:  ", truth), *_labelled("Next: ", hint))


def _labelled(label: str, text: str) -> Lines:
    return hanging(label, text) if text.strip() else ()


def _circumstances(report: Report) -> Lines:
    return (
        *(_target(report.target) if report.target else ("Target: not reached",)),
        f"Environment: {report.environment or 'not set; production rules hold'}",
        *history_lines(report),
        *_rehearsal(report),
        *_seed(report),
        *(line for note in (report.outcome.notes if report.outcome else ()) for line in hanging("Note: ", note)),
        f"Drydock {report.version}, {report.command}: exit code {report.verdict.exit_code}{_stage(report)}",
    )


def _log(attempts: tuple[Attempt, ...]) -> Lines:
    if not attempts:
        return ("Deploys: none recorded",)
    return ("Deploys, newest first:", *(line for attempt in attempts for line in _attempt(attempt)))


def _attempt(attempt: Attempt) -> Lines:
    where = ", ".join(filter(None, (attempt.environment, attempt.revision and attempt.revision[:12], attempt.run_url)))
    outcome = attempt.outcome or "ended without a word (killed, or still running)"
    first = f"  {attempt.started_at[:19]}  {attempt.applied} of {attempt.planned} applied by {attempt.who}"
    return (f"{first} ({where})" if where else first, *hanging("      ", outcome))


def _stage(report: Report) -> str:
    return f", ended in stage {report.aborted.stage}" if report.aborted else ""


def _target(target: Target) -> Lines:
    who = f"{target.database} on PostgreSQL {target.server_version} as {target.user}"
    return hanging("Target: ", f"{who}, {_mark(target.mark)}")


def _mark(mark: Mark) -> str:
    if mark.environment is not None:
        return f"marked {mark.environment}"
    return f"not marked (a mark for {mark.travelled} came in a dump)" if mark.travelled else "not marked"


def _rehearsal(report: Report) -> Lines:
    match report.rehearsal:
        case NotRehearsed(reason=reason):
            return hanging("Not rehearsed: ", reason)
        case Rehearsed():
            return ()
        case None if report.command in ("deploy", "check"):
            return hanging("Not rehearsed: ", "this run came to no rehearsal")
        case _:
            return ()


def _seed(report: Report) -> Lines:
    if report.outcome:
        return hanging("Seed: ", _seeded(report.outcome.seed))
    match report.plan:
        case Proceed(seed=seed) | NothingPending(seed=seed):
            return hanging("Seed: ", _to_seed(seed))
        case Held() | None:
            return ()
        case _:
            assert_never(report.plan)


def _seeded(seed: SeedOutcome) -> str:
    match seed:
        case Seeded(parts=parts, duration=duration):
            return f"{counted(parts, 'part')} ran in {human_duration(duration)}"
        case SeedFailed(part=part, reason=reason):
            return f"FAILED at {part}: {reason}"
        case NoSeed(reason=reason):
            return f"none, {reason}"
        case _:
            assert_never(seed)


def _to_seed(seed: SeedDecision) -> str:
    match seed:
        case Seed(parts=parts):
            return f"{counted(len(parts), 'part')} to run, none has run"
        case NoSeed(reason=reason):
            return f"none, {reason}"
        case _:
            assert_never(seed)

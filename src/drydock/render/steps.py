"""The lines of a terminal report about the migrations of this run."""

from collections import Counter
from collections.abc import Sequence
from typing import assert_never

from drydock.model import (
    Atomic,
    ByTool,
    Course,
    NotAttempted,
    Refusal,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepUnknown,
    Stepwise,
    Whole,
)
from drydock.render.wording import LONGEST_LIST, cut, hanging, human_duration

_COLUMN = len("not attempted") + 2
_UNDER = " " * (2 + _COLUMN)


def step_lines(steps: Sequence[StepOutcome]) -> tuple[str, ...]:
    """The counts, then a line per migration. What went wrong is always there; of long lists, the first entries."""
    if not steps:
        return ()
    applied = [step for step in steps if isinstance(step, StepApplied)]
    left = [step for step in steps if isinstance(step, NotAttempted)]
    ended = [step for step in steps if not isinstance(step, StepApplied | NotAttempted)]
    return (
        f"Migrations: {_counts(steps)}",
        *(line for step in applied[:LONGEST_LIST] for line in _lines(step)),
        *_more(len(applied), "applied"),
        *(line for step in ended for line in _lines(step)),
        *(line for step in left[:LONGEST_LIST] for line in _lines(step)),
        *_more(len(left), "not attempted"),
    )


def refusal_text(refusal: Refusal) -> str:
    """What the server said no to, and where, on one line: SQLSTATE, words, names, file and line, statement."""
    said = refusal.message or refusal.condition.replace("_", " ")
    names = f" ({', '.join(refusal.names)})" if refusal.names else ""
    return ", ".join((f"{refusal.sqlstate} {said}{names}", *_place(refusal)))


def word_of(step: StepOutcome) -> str:
    """How one migration ended, in the word that its line begins with."""
    match step:
        case StepApplied():
            return "applied"
        case StepFailed():
            return "FAILED"
        case StepInterrupted():
            return "INTERRUPTED"
        case StepUnknown():
            return "UNKNOWN"
        case NotAttempted():
            return "not attempted"
        case _:
            assert_never(step)


def _counts(steps: Sequence[StepOutcome]) -> str:
    counts = Counter(word_of(step).lower() for step in steps)
    return ", ".join(f"{number:,} {word}" for word, number in counts.items())


def _more(number: int, word: str) -> tuple[str, ...]:
    return (f"{_UNDER}and {number - LONGEST_LIST:,} more {word}",) if number > LONGEST_LIST else ()


def _lines(step: StepOutcome) -> tuple[str, ...]:
    first, *rest = _texts(step)
    return (f"  {word_of(step):<{_COLUMN}}{first}", *(line for text in rest for line in hanging(_UNDER, text)))


def _texts(step: StepOutcome) -> tuple[str, ...]:
    """What stands beside the word, and what stands under that."""
    name = step.migration.name
    match step:
        case StepApplied(course=course, duration=duration, attempts=attempts, notes=notes):
            return (f"{name} in {human_duration(duration)}{_tries(attempts)}{_way(course)}", *notes)
        case StepFailed(refusal=refusal, truth=truth, attempts=attempts, blockers=blockers):
            in_the_way = [f"in the way: {blocker}" for blocker in cut(blockers)]
            return (f"{name}: {refusal_text(refusal)}{_tries(attempts)}", truth, *in_the_way)
        case StepInterrupted(signal_number=number, truth=truth):
            return (f"{name}: cancelled by signal {number}", truth)
        case StepUnknown(truth=truth):
            return (f"{name}: what became of it is not known", truth)
        case NotAttempted():
            return (name,)
        case _:
            assert_never(step)


def _tries(attempts: int) -> str:
    return f", attempt {attempts}" if attempts > 1 else ""


def _way(course: Course) -> str:
    match course:
        case Atomic():
            return ""
        case Whole(reason=reason):
            return f", as a whole file: {reason}"
        case Stepwise(reason=reason, resume_after=0):
            return f", statement by statement: {reason}"
        case Stepwise(reason=reason, resume_after=done):
            return f", statement by statement from {done + 1} on: {reason}"
        case ByTool(in_transaction=in_transaction):
            return "" if in_transaction else ", without a transaction, as it asks for"
        case _:
            assert_never(course)


def _place(refusal: Refusal) -> tuple[str, ...]:
    file = refusal.file.as_posix() if refusal.file else None
    line = f"{file or 'line '}{':' if file else ''}{refusal.line}" if refusal.line is not None else file
    number = f"statement {refusal.statement}" if refusal.statement is not None else None
    statement = f"{number} ({refusal.kind})" if number and refusal.kind else number or refusal.kind
    return tuple(part for part in (line, statement) if part)

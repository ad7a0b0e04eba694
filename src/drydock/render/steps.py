"""The lines of a terminal report about the migrations of this run."""

from collections import Counter
from collections.abc import Sequence
from typing import assert_never

from drydock.model import (
    Atomic,
    Course,
    Joined,
    NotAttempted,
    Refusal,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepRolledBack,
    StepUnknown,
    Stepwise,
    Whole,
)
from drydock.render.wording import LONGEST_LIST, cut, hanging, human_duration

_COLUMN = len("not attempted") + 2
_UNDER = " " * (2 + _COLUMN)


def step_lines(steps: Sequence[StepOutcome], *, done: str) -> tuple[str, ...]:
    """The counts, then a line per migration. What went wrong is always there; of long lists, the first entries.

    `done` is the word for a step that ran: `applied`, `rolled back`.
    """
    if not steps:
        return ()
    applied = [step for step in steps if isinstance(step, StepApplied)]
    undone = [step for step in steps if isinstance(step, StepRolledBack)]
    left = [step for step in steps if isinstance(step, NotAttempted)]
    ended = [step for step in steps if not isinstance(step, StepApplied | StepRolledBack | NotAttempted)]
    return (
        f"Migrations: {_counts(steps, done=done)}",
        *(line for step in applied[:LONGEST_LIST] for line in _lines(step, word=done)),
        *_more(len(applied), done),
        *(line for step in undone[:LONGEST_LIST] for line in _lines(step, word=word_of(step))),
        *_more(len(undone), "rolled back"),
        *(line for step in ended for line in _lines(step, word=word_of(step))),
        *(line for step in left[:LONGEST_LIST] for line in _lines(step, word=word_of(step))),
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
        case StepRolledBack():
            return "rolled back"
        case NotAttempted():
            return "not attempted"
        case _:
            assert_never(step)


def _counts(steps: Sequence[StepOutcome], *, done: str) -> str:
    counts = Counter(done if isinstance(step, StepApplied) else word_of(step).lower() for step in steps)
    return ", ".join(f"{number:,} {word}" for word, number in counts.items())


def _more(number: int, word: str) -> tuple[str, ...]:
    return (f"{_UNDER}and {number - LONGEST_LIST:,} more {word}",) if number > LONGEST_LIST else ()


def _lines(step: StepOutcome, *, word: str) -> tuple[str, ...]:
    first, *rest = _texts(step)
    return (f"  {word:<{_COLUMN}}{first}", *(line for text in rest for line in hanging(_UNDER, text)))


def _texts(step: StepOutcome) -> tuple[str, ...]:
    """What stands beside the word, and what stands under that."""
    name = step.migration.name
    match step:
        case StepApplied(course=course, duration=duration, attempts=attempts, notes=notes):
            way = way_of(course)
            return (f"{name} in {human_duration(duration)}{_tries(attempts)}{f', {way}' if way else ''}", *notes)
        case StepFailed(refusal=refusal, truth=truth, attempts=attempts, blockers=blockers):
            in_the_way = [f"in the way: {blocker}" for blocker in cut(blockers)]
            return (f"{name}: {refusal_text(refusal)}{_tries(attempts)}", truth, *in_the_way)
        case StepInterrupted(signal_number=number, truth=truth):
            return (f"{name}: cancelled by signal {number}", truth)
        case StepUnknown(truth=truth):
            return (f"{name}: what became of it is not known", truth)
        case StepRolledBack(because_of=because_of):
            return (f"{name}: undone together with {because_of.name}, in one transaction",)
        case NotAttempted():
            return (name,)
        case _:
            assert_never(step)


def _tries(attempts: int) -> str:
    return f", attempt {attempts}" if attempts > 1 else ""


def way_of(course: Course) -> str:
    """How a script went that is not a transaction of its own, and why; empty where it was one."""
    match course:
        case Atomic():
            return ""
        case Joined():
            return "in one transaction with the others"
        case Whole(reason=reason):
            return f"as a whole file: {reason}"
        case Stepwise(reason=reason, resume_after=0):
            return f"statement by statement: {reason}"
        case Stepwise(reason=reason, resume_after=done):
            return f"statement by statement from {done + 1} on: {reason}"
        case _:
            assert_never(course)


def _place(refusal: Refusal) -> tuple[str, ...]:
    file = refusal.file.as_posix() if refusal.file else None
    line = f"{file or 'line '}{':' if file else ''}{refusal.line}" if refusal.line is not None else file
    number = f"statement {refusal.statement}" if refusal.statement is not None else None
    statement = f"{number} ({refusal.kind})" if number and refusal.kind else number or refusal.kind
    return tuple(part for part in (line, statement) if part)

"""The mark and the word that a report begins with."""

from dataclasses import dataclass
from types import MappingProxyType

from drydock.errors import ExitCode
from drydock.model import NothingPending, NotRehearsed, Proven, Rehearsed, Report, StepApplied, StepUnknown
from drydock.render.wording import done_word

GOOD, BAD, WAITING = "✓", "✗", "!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """How the run ended, for the eye: a mark of one character, and a word that does not need it."""

    mark: str
    word: str


_WORDS = MappingProxyType(
    {
        ExitCode.BUG: (BAD, "BUG"),
        ExitCode.USAGE: (BAD, "NOT STARTED"),
        ExitCode.PENDING: (WAITING, "PENDING"),
        ExitCode.HELD: (WAITING, "HELD"),
        ExitCode.REHEARSAL_FAILED: (BAD, "REHEARSAL FAILED"),
        ExitCode.FAILED_CLEAN: (BAD, "FAILED"),
        ExitCode.FAILED_HALF: (BAD, "HALF APPLIED"),
        ExitCode.LOCK: (WAITING, "NO LOCK"),
        ExitCode.UNREACHABLE: (BAD, "UNREACHABLE"),
        ExitCode.SEED_FAILED: (BAD, "SEED FAILED"),
        ExitCode.NO_REHEARSAL: (BAD, "NO REHEARSAL"),
        ExitCode.HISTORY: (WAITING, "DECISION NEEDED"),
        ExitCode.INTERRUPTED: (BAD, "INTERRUPTED"),
        ExitCode.TERMINATED: (BAD, "INTERRUPTED"),
    }
)


def headline_of(report: Report) -> Headline:
    """Mark and word for this report; the exit code decides, what happened makes it more precise."""
    code = report.verdict.exit_code
    steps = report.outcome.steps if report.outcome else ()
    if code == ExitCode.DONE:
        return _good(report)
    if code == ExitCode.FAILED_HALF and any(isinstance(step, StepUnknown) for step in steps):
        return Headline(mark=BAD, word="STATE UNKNOWN")
    mark, word = next((known for key, known in _WORDS.items() if key == code), (BAD, "ENDED"))
    return Headline(mark=mark, word=word)


def _good(report: Report) -> Headline:
    if report.outcome and any(isinstance(step, StepApplied) for step in report.outcome.steps):
        return Headline(mark=GOOD, word=done_word(report.command).upper())
    if isinstance(report.plan, NothingPending) or (report.command == "status" and report.status):
        return Headline(mark=GOOD, word="UP TO DATE")
    return _checked(report) if report.command == "check" else Headline(mark=GOOD, word="DONE")


def _checked(report: Report) -> Headline:
    """A check is good as far as its rehearsal proves anything."""
    match report.rehearsal:
        case NotRehearsed():
            return Headline(mark=WAITING, word="NOT REHEARSED")
        case Rehearsed(steps=steps) if not all(isinstance(step.proof, Proven) for step in steps):
            return Headline(mark=WAITING, word="NOT PROVEN")
        case _:
            return Headline(mark=GOOD, word="CHECKED")

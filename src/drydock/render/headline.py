"""The mark and the word that a report begins with."""

from dataclasses import dataclass
from types import MappingProxyType

from drydock.errors import ExitCode
from drydock.model import NothingPending, Report, StepApplied, StepUnknown
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
        return Headline(mark=GOOD, word=_good_word(report))
    if code == ExitCode.FAILED_HALF and any(isinstance(step, StepUnknown) for step in steps):
        return Headline(mark=BAD, word="STATE UNKNOWN")
    mark, word = next((known for key, known in _WORDS.items() if key == code), (BAD, "ENDED"))
    return Headline(mark=mark, word=word)


def _good_word(report: Report) -> str:
    if report.outcome and any(isinstance(step, StepApplied) for step in report.outcome.steps):
        return done_word(report.command).upper()
    if isinstance(report.plan, NothingPending) or (report.command == "status" and report.status):
        return "UP TO DATE"
    return "CHECKED" if report.command == "check" else "DONE"

"""The lines of a terminal report about the history: what holds the run, what is pending, what was found odd."""

from collections.abc import Iterable, Sequence

from drydock.model import Held, HistoryProblem, NothingPending, Proceed, Report, Status
from drydock.render.problems import explanation_of, needs_decision
from drydock.render.wording import LONGEST_LIST, counted, cut, hanging


def decisions_of(report: Report) -> tuple[HistoryProblem, ...]:
    """The problems that a person has to decide on; without a plan, those that would hold any."""
    match report.plan:
        case Held(problems=problems):
            return problems
        case Proceed() | NothingPending():
            return ()
        case None:
            return tuple(problem for problem in _found(report) if needs_decision(problem))


def warnings_of(report: Report) -> tuple[HistoryProblem, ...]:
    """The problems that hold nothing and are worth a line; those that the policy calls `ok` are not here."""
    if report.plan is not None:
        return report.plan.warnings
    return tuple(problem for problem in _found(report) if not needs_decision(problem))


def decision_lines(problems: Sequence[HistoryProblem]) -> tuple[str, ...]:
    """The count, then each problem with the next thing to try under it."""
    if not problems:
        return ()
    explained = [explanation_of(problem) for problem in problems[:LONGEST_LIST]]
    lines = (line for one in explained for line in (f"  - {one.text}", f"    {one.hint}"))
    return (f"To decide: {counted(len(problems), 'problem')} of the history", *lines, *_more(problems))


def warning_lines(problems: Sequence[HistoryProblem]) -> tuple[str, ...]:
    """The count, then a line per problem."""
    if not problems:
        return ()
    explained = [explanation_of(problem) for problem in problems[:LONGEST_LIST]]
    lines = (f"  - {one.text} {one.hint}" for one in explained)
    return (
        f"Warnings: {counted(len(problems), 'oddity', several='oddities')} of the history",
        *lines,
        *_more(problems),
    )


def pending_lines(report: Report) -> tuple[str, ...]:
    """The pending migrations by name, unless the run went on to apply them: then they have better lines."""
    was_applied = report.outcome is not None and report.outcome.steps
    if report.status is None or was_applied or report.command == "rollback":
        return ()
    pending = report.status.pending
    names = cut([migration.name for migration in pending])
    return (f"Pending: {counted(len(pending), 'migration')}", *(f"  {name}" for name in names))


def history_lines(report: Report) -> tuple[str, ...]:
    """Where the history is kept, and how many migrations it called applied before this run."""
    match report.status:
        case None:
            return ()
        case Status(tool=tool, history=history, applied=applied):
            before = " before this run" if report.outcome and report.outcome.steps else ""
            count = counted(len(applied), "migration")
            return hanging("History: ", f"{count} applied{before}, says {history} ({tool})")


def _found(report: Report) -> tuple[HistoryProblem, ...]:
    return report.status.problems if report.status else ()


def _more(entries: Sequence[HistoryProblem]) -> Iterable[str]:
    left_out = len(entries) - LONGEST_LIST
    return (f"  and {left_out:,} more",) if left_out > 0 else ()

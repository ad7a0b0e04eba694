"""The remarks of a report for the lines of SQL that they are about: most severe first."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from drydock.errors import ExitCode
from drydock.model import (
    Disproven,
    Edited,
    FailedRow,
    HistoryProblem,
    Inconclusive,
    Migration,
    NotAttempted,
    NotProven,
    Proven,
    Rehearsed,
    RehearsedStep,
    Report,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepRolledBack,
    StepUnknown,
    Untried,
)
from drydock.notify.interface import Annotation, Place, Severity
from drydock.redact import Scrubber
from drydock.render.headline import headline_of
from drydock.render.history import decisions_of, warnings_of
from drydock.render.problems import explanation_of
from drydock.render.steps import refusal_text
from drydock.render.wording import line_of

FINE = frozenset({ExitCode.DONE, ExitCode.PENDING})


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTree:
    """Where the run took place, so that a file can be named as the repository does."""

    directory: Path
    """Of the run; paths of a report are relative to it where possible."""
    root: Path
    """Of the repository."""

    def place(self, file: Path, line: int | None = None) -> Place | None:
        """The line as the repository knows it; None when the file is not in it."""
        try:
            inside = (self.directory / file).resolve().relative_to(self.root.resolve())
        except (ValueError, OSError, RuntimeError):
            return None
        is_plain = line_of(str(inside)) == str(inside)
        return Place(file=inside, line=line) if is_plain and inside.parts else None


def annotations_of(report: Report, *, tree: WorkTree, scrub: Scrubber) -> tuple[Annotation, ...]:
    """Everything of a report that is about a file, errors first; a failure that is about none is told all the same."""
    found = tuple(_found(report, tree))
    errors = tuple(one for one in found if one.severity == "error")
    rest = tuple(one for one in found if one.severity != "error")
    is_told = bool(errors) or report.verdict.exit_code in FINE
    verdict = () if is_told else (_remark("error", headline_of(report).word, text=report.verdict.line),)
    return tuple(_safe(one, scrub) for one in (*verdict, *errors, *rest))


def _found(report: Report, tree: WorkTree) -> Iterator[Annotation]:
    for step in report.outcome.steps if report.outcome else ():
        yield from _of_outcome(step, tree, where="")
    for rehearsed in report.rehearsal.steps if isinstance(report.rehearsal, Rehearsed) else ():
        yield from _of_rehearsed(rehearsed, tree)
    for problem in decisions_of(report):
        yield _of_problem(problem, tree, severity="error")
    for problem in warnings_of(report):
        yield _of_problem(problem, tree, severity="warning")


def _of_outcome(step: StepOutcome, tree: WorkTree, *, where: str) -> Iterator[Annotation]:
    migration = step.migration
    match step:
        case StepApplied() | StepRolledBack() | NotAttempted():
            return
        case StepFailed(refusal=refusal, truth=truth):
            place = tree.place(refusal.file or migration.file, refusal.line)
            text = f"{refusal_text(refusal)}. {truth}"
            yield _remark("error", f"{migration.name} failed{where}", text=text, place=place)
        case StepInterrupted(truth=truth):
            title = f"{migration.name} was cancelled{where}"
            yield _remark("error", title, text=truth, place=tree.place(migration.file))
        case StepUnknown(truth=truth):
            title = f"What became of {migration.name} is not known"
            yield _remark("error", title, text=truth, place=tree.place(migration.file))
        case _:
            assert_never(step)


def _of_rehearsed(step: RehearsedStep, tree: WorkTree) -> Iterator[Annotation]:
    migration, proof = step.migration, step.proof
    match proof:
        case Proven():
            return
        case Disproven(outcome=outcome):
            yield from _of_outcome(outcome, tree, where=" in the rehearsal")
        case Inconclusive(refusal=refusal):
            place = tree.place(refusal.file or migration.file, refusal.line)
            text = f"On a copy without rows it failed, as it may for want of them: {refusal_text(refusal)}."
            yield _remark("warning", f"{migration.name} is not proven", text=text, place=place)
        case NotProven(relations=relations):
            about = f" of {', '.join(relations)}" if relations else ""
            text = f"It ran on a copy without rows, and depends on the rows{about}."
            yield _of_migration(migration, "is not proven", tree=tree, text=text)
        case Untried(reason=reason):
            yield _of_migration(migration, "was not rehearsed", tree=tree, text=f"{reason}.")
        case _:
            assert_never(proof)


def _of_migration(migration: Migration, what: str, *, tree: WorkTree, text: str) -> Annotation:
    return _remark("notice", f"{migration.name} {what}", text=text, place=tree.place(migration.file))


def _of_problem(problem: HistoryProblem, tree: WorkTree, *, severity: Severity) -> Annotation:
    explained = explanation_of(problem)
    match problem:
        case Edited(file=file):
            place = tree.place(file)
        case FailedRow(migration=Migration(file=file)):
            place = tree.place(file)
        case _:
            place = None
    return _remark(severity, "History", text=f"{explained.text} {explained.hint}", place=place)


def _remark(severity: Severity, title: str, *, text: str, place: Place | None = None) -> Annotation:
    return Annotation(severity=severity, title=title, message=text, place=place)


def _safe(remark: Annotation, scrub: Scrubber) -> Annotation:
    message = "\n".join(line_of(line) for line in scrub(remark.message).split("\n"))
    is_public = remark.place is not None and scrub(str(remark.place.file)) == str(remark.place.file)
    return Annotation(
        severity=remark.severity,
        title=line_of(scrub(remark.title)),
        message=message or " ",
        place=remark.place if is_public else None,
    )

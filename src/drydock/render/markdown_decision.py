"""The head of a Markdown report: the verdict, what went wrong and where, what is true now, what to do next."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from drydock.model import (
    Disproven,
    Inconclusive,
    NotAttempted,
    NotProven,
    NotRehearsed,
    Proceed,
    Refusal,
    Rehearsed,
    RehearsedStep,
    Report,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepRolledBack,
    StepUnknown,
)
from drydock.render.escaping import code, prose
from drydock.render.headline import BAD, GOOD, WAITING, headline_of
from drydock.render.history import decisions_of
from drydock.render.markdown_layout import Layout, Lines
from drydock.render.problems import explanation_of
from drydock.render.wording import counted

ICONS = MappingProxyType({GOOD: "✅", BAD: "❌", WAITING: "⚠️"})


def heading(report: Report) -> str:
    """The first line: icon, word, environment, the verdict's sentence. The names in it have their place below."""
    line = report.verdict.line
    for step in _ended(report):
        if isinstance(step, StepFailed):
            line = line.replace(str(step.refusal), _without_names(step.refusal))
    said = prose(line.strip().split("\n")[0].rstrip().rstrip(".:"))
    return f"{badge(report)}{f': {said}' if said else ''}"


def badge(report: Report) -> str:
    """The shortest form of the verdict: icon, word, environment."""
    headline = headline_of(report)
    where = f" ({prose(report.environment)})" if report.environment else ""
    return f"### {ICONS[headline.mark]} {headline.word}{where}"


def decision_lines(report: Report, layout: Layout) -> Lines:
    """A list: what failed and where; what must be decided; what is true of the target now; the next step."""
    verdict, aborted = report.verdict, report.aborted
    items = (
        *(item for step in _ended(report) for item in _step(step, layout, said=verdict.line)),
        *(prose(line.strip().removeprefix("- ")) for line in verdict.line.strip().split("\n")[1:]),
        *_why(report),
        *(_problem(explanation_of(problem).text, explanation_of(problem).hint) for problem in decisions_of(report)),
        *_unproven(report),
    )
    return (
        *layout.listed([item for item in items if item]),
        *_labelled("Now", verdict.truth or (aborted.truth if aborted else "")),
        *_labelled("Next", verdict.hint or (aborted.hint if aborted else "")),
    )


def refusal_text(refusal: Refusal) -> str:
    """What the server said no with: SQLSTATE, words, names."""
    said = prose(refusal.message or refusal.condition.replace("_", " "))
    names = _names(refusal)
    return f"{code(refusal.sqlstate)} {said}{f': {names}' if names else ''}"


def _without_names(refusal: Refusal) -> str:
    return str(replace(refusal, names=()))


def _names(refusal: Refusal) -> str:
    return ", ".join(map(_named, refusal.names))


def _labelled(label: str, text: str) -> Lines:
    lines = text.strip().split("\n")
    return (f"- **{label}:** {'<br>'.join(map(prose, lines))}",) if text.strip() else ()


def _problem(text: str, hint: str) -> str:
    return f"**To decide:** {prose(text)} {prose(hint)}"


def _ended(report: Report) -> tuple[StepOutcome, ...]:
    """The steps that ended the run: on the target, or on the copy."""
    if report.outcome and report.outcome.steps:
        return tuple(
            step for step in report.outcome.steps if not isinstance(step, StepApplied | StepRolledBack | NotAttempted)
        )
    if not isinstance(report.rehearsal, Rehearsed):
        return ()
    return tuple(step.proof.outcome for step in report.rehearsal.steps if isinstance(step.proof, Disproven))


def _step(step: StepOutcome, layout: Layout, *, said: str) -> Lines:
    """Where it ended, and why, unless the verdict has `said` that."""
    match step:
        case StepFailed(blockers=blockers):
            return (_failed(step, layout, said=said), *(f"**In the way:** {prose(blocker)}" for blocker in blockers))
        case StepInterrupted(migration=migration, signal_number=number):
            return (f"**Interrupted in** {layout.place(migration.file)}, by signal {number}",)
        case StepUnknown(migration=migration):
            return (f"**Unknown:** what became of {layout.place(migration.file)}",)
        case StepApplied() | StepRolledBack() | NotAttempted():
            return ()
        case _:
            assert_never(step)


def _failed(step: StepFailed, layout: Layout, *, said: str) -> str:
    refusal = step.refusal
    place = layout.place(refusal.file or step.migration.file, refusal.line)
    statement = "" if refusal.statement is None else f", statement {refusal.statement}"
    kind = f" ({code(refusal.kind)})" if refusal.kind else ""
    tries = f", attempt {step.attempts}" if step.attempts > 1 else ""
    why = _names(refusal) if str(refusal) in said else refusal_text(refusal)
    return f"**Failed at** {place}{statement}{kind}{tries}" + (f": {why}" if why else "")


def _named(name: str) -> str:
    word, _, rest = name.partition(" ")
    return f"{prose(word)} {code(rest)}" if rest else code(word)


def _why(report: Report) -> Lines:
    halt = report.outcome.halt if report.outcome else None
    aborted = report.aborted
    return (
        f"**Ended early:** {prose(halt.reason)}" if halt and halt.reason not in report.verdict.line else "",
        f"**Stopped:** {prose(aborted.what)}" if aborted and aborted.what.strip() not in report.verdict.line else "",
    )


def _unproven(report: Report) -> Lines:
    """What no rehearsal has shown: said before anything is applied, and where it was applied all the same."""
    match report.rehearsal:
        case NotRehearsed(reason=reason) if _went_on(report):
            return (f"**Not rehearsed:** {prose(reason)}",)
        case Rehearsed(steps=steps) if report.outcome is None:
            return _without_rows(steps)
        case _:
            return ()


def _went_on(report: Report) -> bool:
    was_applied = report.outcome is not None and bool(report.outcome.steps)
    return was_applied or (report.command == "check" and isinstance(report.plan, Proceed))


def _without_rows(steps: Sequence[RehearsedStep]) -> Lines:
    number = sum(isinstance(step.proof, NotProven | Inconclusive) for step in steps)
    if not number:
        return ()
    of_all = f"{number:,} of {counted(len(steps), 'migration')}"
    advice = "A rehearsal on a snapshot, `--snapshot FILE`, has the rows."
    return (f"**Not proven:** {of_all}: what happens depends on rows, and the copy has none. {advice}",)

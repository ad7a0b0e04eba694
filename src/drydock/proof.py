"""How far a step's rehearsal proves anything. Pure: a judgement over its outcome and what the copy holds."""

from collections.abc import Iterable, Iterator

from drydock.model import (
    CommandStep,
    Disproven,
    Inconclusive,
    Loaded,
    NotAttempted,
    NotProven,
    Proof,
    Proven,
    ScriptStep,
    Skipped,
    Step,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepUnknown,
    Untried,
)
from drydock.sql.interface import Opaque, Parsed

OF_ROWS = frozenset({"21", "22", "23", "P0"})
"""Classes of errors that rows decide: cardinality, data, constraints, RAISE in PL/pgSQL."""
SOMEWHERE = '"*"'
UNDEFINED = frozenset({"42P01", "42703", "42704", "42883", "3F000", "0A000", "58P01"})
"""What a server says of something that is not there."""


def proof_of(step: Step, outcome: StepOutcome, *, loaded: Loaded, created: frozenset[str]) -> Proof:
    """The proof; `created` names relations that earlier steps of this run made, which are empty on the target too."""
    match outcome:
        case StepApplied():
            return _of_success(step, loaded=loaded, created=created)
        case StepFailed(refusal=refusal) if not loaded.origin.has_rows and refusal.sqlstate[:2] in OF_ROWS:
            return Inconclusive(refusal=refusal)
        case StepFailed(refusal=refusal) if (missing := _missing(step, refusal.sqlstate, loaded=loaded)) is not None:
            return Untried(reason=f"it needs what is not on the copy: {missing.kind} {missing.name}")
        case StepFailed():
            return Disproven(outcome=outcome)
        case NotAttempted():
            return Untried(reason="a migration before it was not applied to the copy")
        case StepInterrupted() | StepUnknown():
            return Untried(reason="the rehearsal was interrupted")


def touched_by(steps: Iterable[Step]) -> tuple[str, ...] | None:
    """The relations that these steps lock or whose rows they read; None when not all of them can be named."""
    touched: set[str] = set()
    for step in steps:
        if isinstance(step, CommandStep) or not isinstance(step.analysis, Parsed):
            return None
        for statement in step.analysis.statements:
            touched.update(statement.strong_locks, statement.reads)
            touched.update((statement.index.table,) if statement.index and statement.index.table else ())
    return None if SOMEWHERE in touched else tuple(sorted(touched))


def created_by(steps: Iterable[Step]) -> frozenset[str]:
    """The relations that these steps certainly make."""
    return frozenset(
        name
        for step in steps
        if isinstance(step, ScriptStep) and isinstance(step.analysis, Parsed)
        for statement in step.analysis.statements
        for name in statement.creates
    )


def _of_success(step: Step, *, loaded: Loaded, created: frozenset[str]) -> Proof:
    if loaded.origin.has_rows:
        return Proven()
    if isinstance(step, CommandStep) or isinstance(step.analysis, Opaque):
        return NotProven(relations=())
    read = {name for statement in step.analysis.statements for name in statement.reads} - created
    return NotProven(relations=tuple(sorted(read - {SOMEWHERE}))) if read else Proven()


def _missing(step: Step, sqlstate: str, *, loaded: Loaded) -> Skipped | None:
    """What the copy lacks and the step names, where it failed because something is not there."""
    if sqlstate not in UNDEFINED:
        return None
    match step:
        case ScriptStep(text=text):
            return next((one for one in loaded.skipped if any(name in text.lower() for name in _names_of(one))), None)
        case CommandStep():
            # What the program sent is not known: whatever is missing may be what it needed.
            return next(iter(loaded.skipped), None)


def _names_of(skipped: Skipped) -> Iterator[str]:
    for name in (*skipped.relations, skipped.name):
        yield name.rpartition(".")[2].strip('"').lower()

"""How far a step's rehearsal proves anything. Pure: a judgement over its outcome and what the copy holds."""

from collections.abc import Iterable

from drydock.model import (
    Disproven,
    Inconclusive,
    Loaded,
    NotAttempted,
    NotProven,
    Proof,
    Proven,
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


def proof_of(step: Step, outcome: StepOutcome, *, loaded: Loaded, created: frozenset[str]) -> Proof:
    """The proof; `created` names relations that earlier steps of this run made, which are empty on the target too."""
    match outcome:
        case StepApplied():
            return _of_success(step, loaded=loaded, created=created)
        case StepFailed(refusal=refusal) if not loaded.origin.has_rows and refusal.sqlstate[:2] in OF_ROWS:
            return Inconclusive(refusal=refusal)
        case StepFailed():
            return Disproven(outcome=outcome)
        case NotAttempted():
            return Untried(reason="a migration before it was not applied to the copy")
        case StepInterrupted() | StepUnknown():
            return Untried(reason="the rehearsal was interrupted")


def created_by(steps: Iterable[Step]) -> frozenset[str]:
    """The relations that these steps certainly make."""
    return frozenset(
        name
        for step in steps
        if isinstance(step.analysis, Parsed)
        for statement in step.analysis.statements
        for name in statement.creates
    )


def _of_success(step: Step, *, loaded: Loaded, created: frozenset[str]) -> Proof:
    if loaded.origin.has_rows:
        return Proven()
    match step.analysis:
        case Opaque():
            return NotProven(relations=())
        case Parsed(statements=statements):
            read = {name for statement in statements for name in statement.reads} - created
            return NotProven(relations=tuple(sorted(read - {SOMEWHERE}))) if read else Proven()

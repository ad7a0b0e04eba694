"""A run, migration by migration: what each did on the copy, what became of it on the target."""

from dataclasses import dataclass

from drydock.model import (
    Disproven,
    Migration,
    Rehearsed,
    RehearsedStep,
    Report,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepUnknown,
)
from drydock.render.rehearsal import word_of as proof_word
from drydock.render.steps import word_of
from drydock.render.wording import done_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One migration of this run, as far as it got."""

    migration: Migration
    copy: RehearsedStep | None
    target: StepOutcome | None
    done: str = "applied"
    """The word for a step that ran on the target: `applied`, `rolled back`."""

    @property
    def is_wrong(self) -> bool:
        """Whether the reader must see it, however long the list is."""
        on_target = isinstance(self.target, StepFailed | StepInterrupted | StepUnknown)
        return on_target or (self.copy is not None and isinstance(self.copy.proof, Disproven))

    @property
    def word(self) -> str:
        """How it stands, in a word to be counted."""
        if isinstance(self.target, StepApplied):
            return self.done
        if self.target is not None:
            return word_of(self.target).lower()
        return proof_word(self.copy.proof).lower() if self.copy else "pending"


def rows_of(report: Report) -> tuple[Row, ...]:
    """A row for each migration of this run, in its order; those that were applied before have none."""
    steps = report.outcome.steps if report.outcome else ()
    tried = report.rehearsal.steps if isinstance(report.rehearsal, Rehearsed) else ()
    on_target = {step.migration: step for step in steps}
    on_copy = {step.migration: step for step in tried}
    # What is pending has no part in a rollback.
    pending = report.status.pending if report.status and report.command != "rollback" else ()
    order = dict.fromkeys((*pending, *on_copy, *on_target))
    done = done_word(report.command)
    return tuple(Row(migration=one, copy=on_copy.get(one), target=on_target.get(one), done=done) for one in order)

"""The part of `drydock/result/v1` about the migrations of this run: one step, one object."""

from dataclasses import replace
from typing import assert_never

from drydock.model import (
    Atomic,
    ByTool,
    Course,
    Migration,
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
from drydock.render.result_shape import Outcome, RefusalShape, RunPath, StepShape
from drydock.render.wording import in_milliseconds


def step_shape(step: StepOutcome) -> StepShape:
    """What became of one migration."""
    match step:
        case StepApplied():
            return _applied(step)
        case StepFailed():
            return _failed(step)
        case StepInterrupted(migration=migration, signal_number=number, clean=clean, truth=truth):
            return replace(_blank(migration, "interrupted"), signal=number, clean=clean, truth=truth)
        case StepUnknown(migration=migration, truth=truth):
            return replace(_blank(migration, "unknown"), truth=truth)
        case NotAttempted(migration=migration):
            return _blank(migration, "not_attempted")
        case _:
            assert_never(step)


def _blank(migration: Migration, outcome: Outcome) -> StepShape:
    return StepShape(
        name=migration.name,
        file=migration.file.as_posix(),
        outcome=outcome,
        path=None,
        reason=None,
        duration_ms=None,
        attempts=None,
        signal=None,
        refusal=None,
        clean=None,
        truth=None,
        resume_after=None,
        blockers=(),
        notes=(),
    )


def _applied(step: StepApplied) -> StepShape:
    path, reason = _path(step.course)
    return replace(
        _blank(step.migration, "applied"),
        path=path,
        reason=reason,
        duration_ms=in_milliseconds(step.duration),
        attempts=step.attempts,
        clean=True,
        notes=step.notes,
    )


def _failed(step: StepFailed) -> StepShape:
    return replace(
        _blank(step.migration, "failed"),
        attempts=step.attempts,
        refusal=_refusal(step.refusal),
        clean=step.clean,
        truth=step.truth,
        resume_after=step.resume_after,
        blockers=step.blockers,
    )


def _path(course: Course) -> tuple[RunPath, str | None]:
    match course:
        case Atomic():
            return "atomic", None
        case Whole(reason=reason):
            return "whole", reason
        case Stepwise(reason=reason):
            return "stepwise", reason
        case ByTool(in_transaction=in_transaction):
            return "tool", None if in_transaction else "the migration opts out of a transaction"
        case _:
            assert_never(course)


def _refusal(refusal: Refusal) -> RefusalShape:
    return RefusalShape(
        sqlstate=refusal.sqlstate,
        condition=refusal.condition,
        message=refusal.message,
        names=refusal.names,
        file=refusal.file.as_posix() if refusal.file else None,
        line=refusal.line,
        statement=refusal.statement,
        kind=refusal.kind,
    )

"""The part of `drydock/result/v1` about the rehearsal."""

from drydock.model import NotRedone, NotRehearsed, Redone, Rehearsal, Rehearsed, RehearsedStep, StatementTime
from drydock.render.rehearsal import reason_of, redone_texts, word_of
from drydock.render.result_shape import LossShape, RedoneShape, RehearsalShape, RehearsedStepShape, StatementTimeShape
from drydock.render.wording import in_milliseconds


def rehearsal_shape(rehearsal: Rehearsal) -> RehearsalShape:
    """What was tried on a copy first, or why nothing was."""
    match rehearsal:
        case NotRehearsed(reason=reason):
            return RehearsalShape(kind="none", reason=reason)
        case Rehearsed():
            return _rehearsed(rehearsal)


def _rehearsed(rehearsed: Rehearsed) -> RehearsalShape:
    left_out = rehearsed.loaded.left_out
    return RehearsalShape(
        kind=rehearsed.loaded.origin.kind,
        reason="",
        source=rehearsed.loaded.origin.name,
        taken_at=rehearsed.loaded.origin.taken_at,
        caught_up=rehearsed.caught_up,
        scratch=rehearsed.copy.kind,
        server_version=rehearsed.copy.server_version,
        user=rehearsed.copy.user,
        steps=tuple(map(_step, rehearsed.steps)),
        changes=tuple(map(str, rehearsed.changes)),
        drift=tuple(map(str, rehearsed.drift)),
        skipped=tuple(f"{one.kind} {one.name}" for one in rehearsed.loaded.skipped),
        rows_left_out=tuple(map(str, (*left_out.tables, *left_out.materialized_views))),
        notes=rehearsed.notes,
        load_ms=in_milliseconds(rehearsed.load_duration),
        duration_ms=in_milliseconds(rehearsed.duration),
        redone=_redone(rehearsed.redone),
    )


def _redone(redone: Redone | NotRedone | None) -> RedoneShape | None:
    match redone:
        case None:
            return None
        case NotRedone():
            return RedoneShape(restores_schema=False, reason=redone_texts(redone)[0], differences=(), losses=())
        case Redone(changes=changes, losses=losses):
            return RedoneShape(
                restores_schema=not changes,
                reason=None,
                differences=tuple(map(str, changes)),
                losses=tuple(LossShape(column=loss.column, values=loss.values) for loss in losses),
            )


def _step(step: RehearsedStep) -> RehearsedStepShape:
    return RehearsedStepShape(
        name=step.migration.name,
        proof=word_of(step.proof).lower().replace(" ", "_"),  # type: ignore[arg-type]  # the words of the schema
        reason=reason_of(step.proof) or None,
        duration_ms=None if step.duration is None else in_milliseconds(step.duration),
        statements=tuple(map(_statement, step.times)),
    )


def _statement(time: StatementTime) -> StatementTimeShape:
    milliseconds = round(time.duration.total_seconds() * 1000, 3)
    return StatementTimeShape(statement=time.number, line=time.line, kind=time.kind, duration_ms=milliseconds)

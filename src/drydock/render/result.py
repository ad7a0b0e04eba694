"""A report as `drydock/result/v1`: the document that other programs read. `result_shape` says what its fields mean."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, assert_never

from drydock.model import (
    Attempt,
    Held,
    NoSeed,
    NothingPending,
    Plan,
    Proceed,
    Report,
    Seed,
    SeedDecision,
    Seeded,
    SeedFailed,
    Target,
)
from drydock.render.result_history import history_table_shape, migration_shape, problem_shapes
from drydock.render.result_rehearsal import rehearsal_shape
from drydock.render.result_shape import (
    SCHEMA,
    AbortedShape,
    AttemptShape,
    HaltShape,
    MarkShape,
    PlanKind,
    PlanShape,
    ResultShape,
    SeedShape,
    TargetShape,
    VerdictShape,
)
from drydock.render.result_steps import step_shape
from drydock.render.wording import in_milliseconds


def result_json(report: Report) -> dict[str, Any]:
    """The result as plain dictionaries, lists, texts and numbers; texts are valid Unicode and otherwise as they are."""
    document: dict[str, Any] = _plain(result_of(report), lambda text: text)
    return document


def result_text(report: Report, *, scrub: Callable[[str], str] = lambda text: text) -> str:
    """The result as JSON text, ASCII only, so that nothing in it can command a terminal or the reader of a CI log.

    `scrub` is applied to each text before it is quoted: quoting could hide a secret from it. Ends with a newline.
    """
    text = json.dumps(_plain(result_of(report), scrub), indent=2, ensure_ascii=True)
    return text.replace("\x7f", "\\u007f").replace("##", "#\\u0023") + "\n"


def result_of(report: Report) -> ResultShape:
    """The result as typed values."""
    status, outcome = report.status, report.outcome
    return ResultShape(
        schema=SCHEMA,
        command=report.command,
        version=report.version,
        verdict=_verdict(report),
        environment=report.environment,
        target=_target(report.target) if report.target else None,
        tool=status.tool if status else None,
        history_table=history_table_shape(status.history) if status else None,
        applied_count=len(status.applied) if status else None,
        pending=tuple(map(migration_shape, status.pending)) if status else None,
        problems=problem_shapes(status.problems, report.plan) if status else None,
        plan=PlanShape(kind=_plan_kind(report.plan)) if report.plan else None,
        rehearsal=rehearsal_shape(report.rehearsal) if report.rehearsal else None,
        steps=tuple(map(step_shape, outcome.steps)) if outcome else (),
        seed=_seed(report),
        halt=_halt(report),
        notes=outcome.notes if outcome else (),
        aborted=_aborted(report),
        duration_ms=in_milliseconds(report.duration),
        log=None if report.log is None else tuple(map(_attempt, report.log)),
    )


def _attempt(attempt: Attempt) -> AttemptShape:
    return AttemptShape(**{field.name: getattr(attempt, field.name) for field in fields(AttemptShape)})


def _verdict(report: Report) -> VerdictShape:
    said = report.verdict
    return VerdictShape(exit_code=said.exit_code, line=said.line, truth=said.truth, hint=said.hint)


def _target(target: Target) -> TargetShape:
    return TargetShape(
        server_version=target.server_version,
        database=target.database,
        user=target.user,
        mark=MarkShape(environment=target.mark.environment, travelled=target.mark.travelled),
        had_tables=target.had_tables,
    )


def _plan_kind(plan: Plan) -> PlanKind:
    match plan:
        case Proceed():
            return "proceed"
        case NothingPending():
            return "nothing_pending"
        case Held():
            return "held"
        case _:
            assert_never(plan)


def _seed(report: Report) -> SeedShape | None:
    match report.outcome.seed if report.outcome else _decided(report.plan):
        case Seeded(parts=parts, duration=duration):
            return SeedShape(
                outcome="seeded", parts=parts, duration_ms=in_milliseconds(duration), part=None, reason=None
            )
        case SeedFailed(part=part, reason=reason):
            return SeedShape(outcome="failed", parts=None, duration_ms=None, part=part, reason=reason)
        case NoSeed(reason=reason):
            return SeedShape(outcome="not_seeded", parts=None, duration_ms=None, part=None, reason=reason)
        case Seed(parts=planned):
            return SeedShape(outcome="planned", parts=len(planned), duration_ms=None, part=None, reason=None)
        case None:
            return None


def _decided(plan: Plan | None) -> SeedDecision | None:
    return plan.seed if isinstance(plan, Proceed | NothingPending) else None


def _halt(report: Report) -> HaltShape | None:
    halt = report.outcome.halt if report.outcome else None
    return HaltShape(reason=halt.reason, exit_code=halt.exit_code) if halt else None


def _aborted(report: Report) -> AbortedShape | None:
    aborted = report.aborted
    if aborted is None:
        return None
    return AbortedShape(stage=aborted.stage, what=aborted.what, truth=aborted.truth, hint=aborted.hint)


def _plain(value: Any, scrub: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        # File names of unknown encoding hold lone surrogates, which no UTF-8 stream takes.
        return scrub(value.encode("utf-8", "backslashreplace").decode("utf-8"))
    if isinstance(value, tuple):
        return [_plain(entry, scrub) for entry in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), scrub) for field in fields(value)}
    return value

"""The lines of a terminal report about the rehearsal: what was tried on which copy, and how far it proves anything."""

from datetime import timedelta
from typing import assert_never

from drydock.model import (
    Disproven,
    Inconclusive,
    LeftOut,
    NotProven,
    NotRedone,
    Proof,
    Proven,
    Redone,
    Rehearsed,
    RehearsedStep,
    StatementTime,
    StepFailed,
    Untried,
)
from drydock.render.steps import refusal_text
from drydock.render.wording import LONGEST_LIST, counted, cut, hanging, human_duration

SLOWEST = 5
NAMES = 5
WORTH_TELLING = timedelta(milliseconds=50)
_COLUMN = len("not rehearsed") + 2


def rehearsal_lines(rehearsed: Rehearsed) -> tuple[str, ...]:
    """Where and how long, a line per migration, what changes in the schema, what to know of the copy."""
    copy, origin = rehearsed.copy, rehearsed.loaded.origin
    took = f"{human_duration(rehearsed.load_duration)} to make, {human_duration(rehearsed.duration)} to run"
    where = f"on {origin.name} ({copy.kind}, PostgreSQL {copy.server_version}, as {copy.user})"
    behind = f"brought up first: {', '.join(cut(rehearsed.caught_up))}" if rehearsed.caught_up else ""
    skipped = tuple(f"{one.kind} {one.name}: {one.reason}" for one in rehearsed.loaded.skipped)
    what = "Rehearsal: " if rehearsed.steps else "Replay: "
    return (
        *hanging(what, f"{counted(len(rehearsed.steps), 'migration')} {where}, {took}"),
        *(hanging("  copied: ", f"taken {origin.taken_at}") if origin.taken_at else ()),
        *(hanging("  copied: ", behind) if behind else ()),
        *(line for step in rehearsed.steps[:LONGEST_LIST] for line in _lines(step)),
        *_more(len(rehearsed.steps)),
        *(line for change in cut(tuple(map(str, rehearsed.changes))) for line in hanging("  ", change)),
        *(line for said in redone_texts(rehearsed.redone) for line in hanging("  applied again: ", said)),
        *(line for change in cut(tuple(map(str, rehearsed.drift))) for line in hanging("  drift: ", change)),
        *(line for text in left_out_texts(rehearsed.loaded.left_out) for line in hanging("  ", text)),
        *(line for one in cut(skipped) for line in hanging("  not on the copy: ", one)),
        *(line for note in rehearsed.notes for line in hanging("  note: ", note)),
    )


def word_of(proof: Proof) -> str:
    """What a step's rehearsal came to, in the word that its line begins with."""
    match proof:
        case Proven():
            return "proven"
        case NotProven():
            return "not proven"
        case Inconclusive():
            return "inconclusive"
        case Untried():
            return "not rehearsed"
        case Disproven():
            return "FAILED"
        case _:
            assert_never(proof)


def reason_of(proof: Proof) -> str:
    """Why it came to no more than that; empty for what is proven."""
    match proof:
        case Proven():
            return ""
        case NotProven(relations=relations):
            return f"no rows in {', '.join(relations)}" if relations else "it depends on rows, and the copy has none"
        case Inconclusive(refusal=refusal):
            return f"without rows it cannot be told: {refusal_text(refusal)}"
        case Untried(reason=reason):
            return reason
        case Disproven(outcome=StepFailed(refusal=refusal)):
            return refusal_text(refusal)
        case Disproven():
            return "it did not come to its end"
        case _:
            assert_never(proof)


def redone_texts(redone: Redone | NotRedone | None) -> tuple[str, ...]:
    """What came of applying again what a rollback undid; nothing where nothing was undone."""
    match redone:
        case None:
            return ()
        case NotRedone(outcome=StepFailed(migration=migration, refusal=refusal)):
            return (f"{migration.name} cannot be applied again: {refusal_text(refusal)}",)
        case NotRedone(outcome=outcome):
            return (f"{outcome.migration.name} did not come to its end",)
        case Redone(changes=changes, losses=losses):
            lost = tuple(f"loses data in {loss.column} ({counted(loss.values, 'value')})" for loss in losses)
            whole = ("the rollback restores the schema",) if not changes else ()
            return (*whole, *cut(tuple(f"not as before: {change}" for change in changes)), *cut(lost))
        case _:
            assert_never(redone)


def left_out_texts(left: LeftOut) -> tuple[str, ...]:
    """Whose rows were not restored, each kind in a sentence."""
    whose = (("table", left.tables, "reaches"), ("materialized view", left.materialized_views, "reads"))
    return tuple(
        f"rows of {counted(len(names), kind)} that no pending step {does} were not restored: "
        + ", ".join(cut(tuple(map(str, names)), NAMES))
        for kind, names, does in whose
        if names
    )


def _lines(step: RehearsedStep) -> tuple[str, ...]:
    reason = reason_of(step.proof)
    took = f" in {human_duration(step.duration)}" if step.duration is not None else ""
    said = f"{step.migration.name}{took}" + (f": {reason}" if reason else "")
    slowest = sorted(step.times, key=lambda time: time.duration, reverse=True)[:SLOWEST]
    slow = sorted((time for time in slowest if time.duration >= WORTH_TELLING), key=lambda time: time.number)
    under = " " * (_COLUMN + 2)
    return (
        *hanging(f"  {word_of(step.proof):<{_COLUMN}}", said),
        *(line for time in slow for line in hanging(under, _statement(time))),
    )


def _statement(time: StatementTime) -> str:
    return f"line {time.line}, {time.kind}: {human_duration(time.duration)}"


def _more(number: int) -> tuple[str, ...]:
    return (f"  and {number - LONGEST_LIST:,} more",) if number > LONGEST_LIST else ()

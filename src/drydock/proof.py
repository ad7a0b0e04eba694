"""How far a step's rehearsal proves anything. Pure: a judgement over its outcome and what the copy holds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from drydock.model import (
    Disproven,
    Inconclusive,
    Loaded,
    NotAttempted,
    NotProven,
    Proof,
    Proven,
    Refusal,
    Skipped,
    Step,
    StepApplied,
    StepFailed,
    StepInterrupted,
    StepOutcome,
    StepRolledBack,
    StepUnknown,
    Untried,
)
from drydock.sql.interface import Needs, Opaque, Parsed, joined

OF_ROWS = frozenset({"21", "22", "23", "P0"})
"""Classes of errors that rows decide: cardinality, data, constraints, RAISE in PL/pgSQL."""
SOMEWHERE = '"*"'
_WORD = re.compile(r'"(?:[^"]|"")+"|[\w$]+')
# `type "citext" does not exist`, `function public.crypt(text) does not exist`: class 42 carries no row values.
_SAID = re.compile(r'"(?:[^"]|"")+"|[\w$.]+(?=\()')
NOT_NAMED = frozenset({"setting", "privileges", "statistics", "security label", "rows of a materialized view"})
"""Kinds of skipped things that no statement fails for want of."""
UNDEFINED = frozenset({"42P01", "42703", "42704", "42883", "3F000", "0A000", "58P01"})
"""What a server says of something that is not there."""


def proof_of(step: Step, outcome: StepOutcome, *, loaded: Loaded, created: frozenset[str]) -> Proof:
    """The proof; `created` names relations that earlier steps of this run made, which are empty on the target too."""
    match outcome:
        case StepApplied():
            return _of_success(step, loaded=loaded, created=created)
        case StepFailed(refusal=refusal) if not loaded.origin.has_rows and refusal.sqlstate[:2] in OF_ROWS:
            return Inconclusive(refusal=refusal)
        case StepFailed(refusal=refusal) if (missing := _missing(step, refusal, loaded=loaded)) is not None:
            return Untried(reason=f"it needs what is not on the copy: {missing.kind} {missing.name}")
        case StepFailed():
            return Disproven(outcome=outcome)
        case StepRolledBack(because_of=because_of):
            return Untried(reason=f"it ran, and was rolled back in one transaction with {because_of.name}")
        case NotAttempted():
            return Untried(reason="a migration before it was not applied to the copy")
        case StepInterrupted() | StepUnknown():
            return Untried(reason="the rehearsal was interrupted")


def touched_by(steps: Iterable[Step]) -> tuple[str, ...] | None:
    """The relations that these steps lock or whose rows they read; None when not all of them can be named."""
    touched: set[str] = set()
    for step in steps:
        if not isinstance(step.analysis, Parsed):
            return None
        for statement in step.analysis.statements:
            touched.update(statement.strong_locks, statement.reads)
            touched.update((statement.index.table,) if statement.index and statement.index.table else ())
    return None if SOMEWHERE in touched else tuple(sorted(touched))


def needed_by(steps: Iterable[Step]) -> Needs:
    """Whose rows these steps may meet."""
    return joined(need for step in steps for need in _needs_of(step))


def _needs_of(step: Step) -> Iterator[Needs]:
    match step.analysis:
        case Opaque():
            yield Needs(untold=f"{step.migration.name} could not be analysed")
        case Parsed(statements=statements):
            for statement in statements:
                where = f"{step.migration.name}, line {statement.line}"
                told = statement.needs.untold
                yield replace(statement.needs, untold=f"{where}: {told}") if told else statement.needs


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


def _missing(step: Step, refusal: Refusal, *, loaded: Loaded) -> Skipped | None:
    """What the copy lacks and the step needs, where it failed because something is not there."""
    if refusal.sqlstate not in UNDEFINED:
        return None
    in_script, named = _identifiers(step.text), frozenset(_last(name) for name in _SAID.findall(refusal.message or ""))
    lacking = (one for one in loaded.skipped if one.kind not in NOT_NAMED)
    return next((one for one in lacking if _names_of(one) & in_script or one.members & named), None)


def _names_of(skipped: Skipped) -> frozenset[str]:
    return frozenset(_last(name) for name in (*skipped.relations, skipped.name) if name)


def _identifiers(text: str) -> frozenset[str]:
    return frozenset(word.strip('"').lower() for word in _WORD.findall(text))


def _last(name: str) -> str:
    """The last part of a qualified name, bare, in lower case."""
    return name.strip('"').rpartition(".")[2].strip('"').lower()

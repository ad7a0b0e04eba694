"""Whether the target may be touched after what is known. Pure: reasons to hold, none when the way is free."""

from collections.abc import Iterator, Sequence

from drydock.config.settings import GateSettings
from drydock.model import Inconclusive, NotProven, Rehearsed, ScriptStep, Step, Untried
from drydock.sql.interface import Parsed


def before_rehearsal(steps: Sequence[Step], gate: GateSettings) -> tuple[str, ...]:
    """Statements that would reach beyond the scratch; a pull request is rehearsed before anybody has read it."""
    return () if gate.reach == "ok" else tuple(_reaching(steps))


def after_rehearsal(rehearsed: Rehearsed, gate: GateSettings) -> tuple[str, ...]:
    """What was not proven, where only what is proven may pass."""
    if gate.unproven != "stop":
        return ()
    unproven = [step for step in rehearsed.steps if isinstance(step.proof, NotProven | Inconclusive | Untried)]
    return tuple(f"{step.migration.name} is not proven" for step in unproven)


def _reaching(steps: Sequence[Step]) -> Iterator[str]:
    # What a program reaches for shows only when it runs: a copy refuses it then.
    for step in (step for step in steps if isinstance(step, ScriptStep)):
        for statement in step.analysis.statements if isinstance(step.analysis, Parsed) else ():
            if statement.reach:
                yield f"{step.migration.file.as_posix()}:{statement.line}: {statement.reach}"

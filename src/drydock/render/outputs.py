"""What later steps of a workflow can read of a report. No address, host, user or database: GitHub drops an output
that holds anything masked, without a word.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from drydock.model import Disproven, Rehearsed, Report, StepApplied, StepFailed, StepInterrupted, StepUnknown
from drydock.redact import Scrubber
from drydock.render.headline import headline_of
from drydock.render.wording import in_milliseconds, line_of

OUTPUTS: Mapping[str, str] = MappingProxyType(
    {
        "verdict": "How the run ended, in a word or two: `applied`, `up_to_date`, `rehearsal_failed`, `half_applied`.",
        "exit_code": "What the process answered; the README has the table.",
        "pending": "How many migrations were pending before the run; empty when that was not found out.",
        "pending_migrations": "Their names, as a JSON list.",
        "applied": "How many migrations this run applied.",
        "applied_migrations": "Their names, as a JSON list.",
        "failed": "The migration that ended the run, on the target or in the rehearsal; empty when none did.",
        "changed": "Whether this run may have changed the target: `true` or `false`.",
        "rehearsed": "What was rehearsed on: `target-schema`, `snapshot`, `history`, or `none`.",
        "duration_ms": "How long the run took, in milliseconds.",
    }
)
"""Every output and its description, as in action.yml."""
LARGEST_LIST_BYTES = 50_000
_ENDED_BADLY = StepFailed | StepInterrupted | StepUnknown


def outputs_of(report: Report, *, scrub: Scrubber) -> Mapping[str, str]:
    """A value for each of OUTPUTS."""
    steps = report.outcome.steps if report.outcome else ()
    pending = [migration.name for migration in report.status.pending] if report.status else None
    applied = [step.migration.name for step in steps if isinstance(step, StepApplied)]
    may_be_changed = bool(applied) or any(
        isinstance(step, StepUnknown) or not step.clean for step in steps if isinstance(step, _ENDED_BADLY)
    )
    values = {
        "verdict": headline_of(report).word.lower().replace(" ", "_"),
        "exit_code": str(report.verdict.exit_code),
        "pending": "" if pending is None else str(len(pending)),
        "pending_migrations": _listed(pending or (), scrub),
        "applied": str(len(applied)),
        "applied_migrations": _listed(applied, scrub),
        "failed": line_of(scrub(_failed(report))),
        "changed": "true" if may_be_changed else "false",
        "rehearsed": report.rehearsal.loaded.origin.kind if isinstance(report.rehearsal, Rehearsed) else "none",
        "duration_ms": str(in_milliseconds(report.duration)),
    }
    return MappingProxyType(values)


def _failed(report: Report) -> str:
    steps = report.outcome.steps if report.outcome else ()
    on_target = [step.migration.name for step in steps if isinstance(step, _ENDED_BADLY)]
    tried = report.rehearsal.steps if isinstance(report.rehearsal, Rehearsed) else ()
    on_copy = [step.migration.name for step in tried if isinstance(step.proof, Disproven)]
    return next(iter((*on_target, *on_copy)), "")


def _listed(names: Sequence[str], scrub: Scrubber) -> str:
    """As many names as fit, in compact JSON."""
    shown = [line_of(scrub(name)) for name in names]
    while len(text := json.dumps(shown, separators=(",", ":"))) > LARGEST_LIST_BYTES:
        shown = shown[: len(shown) // 2]
    return text

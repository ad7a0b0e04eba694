"""A report as GitLab's code quality document: what failed, and what is not proven, at its line in the merge request."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Literal

from drydock.model import Disproven, Proven, Refusal, Report, StepFailed, StepInterrupted, StepOutcome, StepUnknown
from drydock.redact import Scrubber
from drydock.render.publishable import publishable
from drydock.render.rehearsal import reason_of
from drydock.render.rehearsal import word_of as proof_word
from drydock.render.rows import Row, rows_of
from drydock.render.steps import refusal_text, word_of
from drydock.render.wording import line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing to see at a line of a file."""

    check_name: str
    severity: Literal["minor", "critical", "blocker"]
    description: str
    path: PurePath
    line: int
    about: str
    """What makes it the same issue next time, whatever its line is then."""


def code_quality_text(report: Report, *, scrub: Scrubber) -> str:
    """The document, ASCII only, `[]` when there is nothing to see; ends with a newline."""
    told = publishable(report, scrub=scrub)
    issues = (issue for row in rows_of(told) for issue in _issues(row))
    return json.dumps(tuple(_entries(issues)), indent=2) + "\n"


def _issues(row: Row) -> Iterator[Issue]:
    match row.target:
        case StepFailed() | StepInterrupted() | StepUnknown():
            yield _of_step(row, row.target, severity="blocker")
            return
        case None:
            pass
        case _:
            return
    match row.copy.proof if row.copy else None:
        case None | Proven():
            return
        case Disproven(outcome=step):
            yield _of_step(row, step, severity="critical")
        case proof:
            word = proof_word(proof)
            yield Issue(
                check_name=f"drydock/{word.replace(' ', '-')}",
                severity="minor",
                description=f"{row.migration.name} is {word}: {reason_of(proof)}",
                path=row.migration.file,
                line=1,
                about=row.migration.name,
            )


def _of_step(row: Row, step: StepOutcome, *, severity: Literal["critical", "blocker"]) -> Issue:
    name, where = row.migration.name, "on the target" if severity == "blocker" else "in the rehearsal"
    refusal: Refusal | None = step.refusal if isinstance(step, StepFailed) else None
    said = f": {refusal_text(refusal)}" if refusal else ""
    return Issue(
        check_name="drydock/failed" if severity == "blocker" else "drydock/rehearsal-failed",
        severity=severity,
        description=f"{name} {word_of(step).lower()} {where}{said}",
        path=(refusal.file if refusal else None) or row.migration.file,
        line=max(1, (refusal.line if refusal else None) or 1),
        about=f"{name}\0{refusal.sqlstate if refusal else word_of(step)}",
    )


def _entries(issues: Iterable[Issue]) -> Iterator[dict[str, object]]:
    seen: set[str] = set()
    for issue in issues:
        path = issue.path.as_posix()
        fingerprint = _fingerprint(issue, path)
        # GitLab shows nothing outside of the repository, and only the first issue of a fingerprint.
        if issue.path.is_absolute() or ".." in issue.path.parts or fingerprint in seen:
            continue
        seen.add(fingerprint)
        yield {
            "description": line_of(issue.description),
            "check_name": issue.check_name,
            "fingerprint": fingerprint,
            "severity": issue.severity,
            "location": {"path": path, "lines": {"begin": issue.line}},
        }


def _fingerprint(issue: Issue, path: str) -> str:
    text = f"{issue.check_name}\0{path}\0{issue.about}"
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""A report as JUnit XML, for the test viewers of GitLab and Jenkins: one test case for each migration.

Passed is what is applied, or proven on the copy. What is not proven, not rehearsed or not attempted is skipped, and
says why. A run that ended badly without a migration to blame has a case of its own.
"""

import re
from xml.etree import ElementTree as ET

from drydock.model import Disproven, NotAttempted, Proven, Report, StepApplied, StepFailed, StepOutcome, StepRolledBack
from drydock.redact import Scrubber
from drydock.render.publishable import publishable
from drydock.render.rehearsal import reason_of
from drydock.render.rehearsal import word_of as proof_word
from drydock.render.rows import Row, rows_of
from drydock.render.steps import refusal_text, word_of

# What XML 1.0 allows, section 2.2; whoever reads the file gives up at anything else.
_ILLEGAL = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def junit_text(report: Report, *, scrub: Scrubber) -> str:
    """The document; ends with a newline."""
    told = publishable(report, scrub=scrub)
    name = f"drydock {told.command}" + (f" {told.environment}" if told.environment else "")
    suite = ET.Element("testsuite", name=_legal(name), time=_seconds(told.duration.total_seconds()))
    for row in rows_of(told):
        _add(suite, row, report=told)
    if told.verdict.exit_code and suite.find("testcase/failure") is None:
        case = ET.SubElement(suite, "testcase", classname="drydock", name=told.command, time="0.000")
        ET.SubElement(case, "failure", message=_legal(told.verdict.line), type=f"exit code {told.verdict.exit_code}")
    for count, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("skipped", "testcase/skipped")):
        suite.set(count, str(len(suite.findall(tag))))
    whole = ET.Element("testsuites")
    whole.append(suite)
    ET.indent(whole)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(whole, encoding="unicode")}\n'


def _add(suite: ET.Element, row: Row, *, report: Report) -> None:
    migration = row.migration
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_legal(report.status.tool if report.status else "migrations"),
        name=_legal(migration.name),
        file=_legal(migration.file.as_posix()),
        time=_seconds(_took(row)),
    )
    match row.target:
        case StepApplied():
            pass
        case None | NotAttempted() | StepRolledBack():
            _add_rehearsal(case, row)
        case step:
            _fail(case, step, truth=step.truth)


def _add_rehearsal(case: ET.Element, row: Row) -> None:
    match row.copy.proof if row.copy else None:
        case Disproven(outcome=step):
            _fail(case, step)
        case None | Proven() if row.target:
            ET.SubElement(case, "skipped", message="not attempted")
        case None:
            ET.SubElement(case, "skipped", message="pending")
        case Proven():
            pass
        case proof:
            ET.SubElement(case, "skipped", message=_legal(f"{proof_word(proof)}: {reason_of(proof)}"))


def _fail(case: ET.Element, step: StepOutcome, *, truth: str = "") -> None:
    if isinstance(step, StepFailed):
        kind, said = step.refusal.sqlstate, refusal_text(step.refusal)
    else:
        kind = said = word_of(step).lower()
    ET.SubElement(case, "failure", message=_legal(f"{said}. {truth}".rstrip()), type=_legal(kind))


def _took(row: Row) -> float:
    if isinstance(row.target, StepApplied):
        return row.target.duration.total_seconds()
    return row.copy.duration.total_seconds() if row.copy and row.copy.duration else 0.0


def _seconds(number: float) -> str:
    return f"{max(0.0, number):.3f}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)

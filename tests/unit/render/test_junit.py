"""JUnit XML: one case for each migration."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings

from drydock.model import Report
from drydock.redact import Scrubber
from drydock.render.junit import junit_text
from tests.unit.render.any_report import reports
from tests.unit.render.situations import SITUATIONS


def cases(report: Report) -> dict[str, str]:
    """How each case went."""
    suite = ET.fromstring(junit_text(report, scrub=Scrubber())).find("testsuite")
    assert suite is not None
    found = {case.get("name", ""): case[0].tag if len(case) else "passed" for case in suite.findall("testcase")}
    tags = list(found.values())
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == [
        str(number) for number in (len(tags), tags.count("failure"), tags.count("skipped"))
    ]
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("applied_all", ["passed"] * 4),
        ("unique_violation", ["passed", "failure", "skipped"]),
        ("interrupted", ["passed", "failure"]),
        ("unknown", ["failure"]),
        ("failed_on_the_copy", ["passed", "failure", "skipped"]),
        ("rehearsed_without_rows", ["passed", "skipped", "skipped", "skipped"]),
        ("checked_on_a_snapshot", ["passed", "passed"]),
        ("nothing_pending", []),
        ("unreachable", ["failure"]),
        ("seed_failed", ["passed", "failure"]),
        ("halted", ["passed", "skipped", "failure"]),
    ],
)
def test_each_migration_is_a_case_and_what_is_not_proven_is_skipped(name: str, expected: list[str]) -> None:
    assert list(cases(SITUATIONS[name]).values()) == expected


def test_a_failure_has_its_sqlstate_its_words_and_its_time() -> None:
    text = junit_text(SITUATIONS["unique_violation"], scrub=Scrubber())

    failure = ET.fromstring(text).find(".//failure")
    assert failure is not None
    assert failure.get("type") == "23505"
    assert "unique violation (schema public, table users, constraint users_email_key)" in failure.get("message", "")
    assert [case.get("time") for case in ET.fromstring(text).iter("testcase")] == ["0.012", "0.000", "0.000"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(report=reports)
def test_any_report_is_xml(report: Report) -> None:
    ET.fromstring(junit_text(report, scrub=Scrubber()).encode("utf-8"))


def test_control_characters_are_removed_and_markup_is_text() -> None:
    report = replace(SITUATIONS["unreachable"], environment="a\x00\x1b<b>\ud800&")

    suite = ET.fromstring(junit_text(report, scrub=Scrubber())).find("testsuite")

    assert suite is not None
    assert suite.get("name") == "drydock deploy a<b>&"

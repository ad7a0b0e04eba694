"""GitLab's code quality document."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from drydock.model import Report, StepFailed
from drydock.redact import Scrubber
from drydock.render.code_quality import code_quality_text
from tests.unit.render.any_report import reports
from tests.unit.render.situations import SITUATIONS


def issues(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(code_quality_text(report, scrub=Scrubber()))
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nothing_pending", []),
        ("applied_all", []),
        ("many_pending", []),
        ("unique_violation", [("drydock/failed", "blocker", 3)]),
        ("unknown", [("drydock/failed", "blocker", 1)]),
        ("failed_on_the_copy", [("drydock/rehearsal-failed", "critical", 3), ("drydock/not-rehearsed", "minor", 1)]),
        (
            "rehearsed_without_rows",
            [("drydock/not-proven", "minor", 1)] * 2 + [("drydock/inconclusive", "minor", 1)],
        ),
    ],
)
def test_what_failed_and_what_is_not_proven_is_an_issue(name: str, expected: list[tuple[str, str, int]]) -> None:
    found = issues(SITUATIONS[name])

    assert [(one["check_name"], one["severity"], one["location"]["lines"]["begin"]) for one in found] == expected
    assert all(one["location"]["path"].startswith("prisma/migrations/") for one in found)


def test_a_fingerprint_does_not_change_with_the_line() -> None:
    report = SITUATIONS["unique_violation"]
    assert report.outcome is not None
    failed = report.outcome.steps[1]
    assert isinstance(failed, StepFailed)
    moved = replace(failed, refusal=replace(failed.refusal, line=40))
    later = replace(report, outcome=replace(report.outcome, steps=(moved,)))

    (before,), (after,) = issues(report), issues(later)

    assert before["fingerprint"] == after["fingerprint"]
    assert (before["location"]["lines"]["begin"], after["location"]["lines"]["begin"]) == (3, 40)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(report=reports)
def test_of_any_report_fingerprints_are_unique_and_paths_are_inside(report: Report) -> None:
    found = issues(report)

    prints = [one["fingerprint"] for one in found]
    assert len(prints) == len(set(prints))
    assert all(one["severity"] in ("minor", "critical", "blocker") for one in found)
    assert all(one["location"]["lines"]["begin"] >= 1 for one in found)
    assert not any(Path(one["location"]["path"]).is_absolute() for one in found)
    assert code_quality_text(report, scrub=Scrubber()).isascii()

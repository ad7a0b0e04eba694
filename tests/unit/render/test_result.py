"""What the golden files of `drydock/result/v1` do not show."""

import json
from dataclasses import replace

import pytest

from drydock.errors import ExitCode
from drydock.model import Verdict
from drydock.redact import Secret, scrubber_of
from drydock.render.headline import headline_of
from drydock.render.result import result_json, result_text
from tests.unit.render.situations import SITUATIONS


def test_a_secret_that_json_would_quote_is_still_scrubbed() -> None:
    secret = 'pass"wörd\\'
    report = replace(
        SITUATIONS["unreachable"], verdict=Verdict(exit_code=9, line=f"no answer from {secret}", truth="", hint="")
    )

    text = result_text(report, scrub=scrubber_of([Secret(secret)]))

    assert json.loads(text)["verdict"]["line"] == "no answer from ***"


def test_a_problem_says_what_the_plan_makes_of_it() -> None:
    problems = result_json(SITUATIONS["applied_all"])["problems"]

    assert [(problem["kind"], problem["reaction"]) for problem in problems] == [
        ("out_of_order", "warn"),
        ("failed_row", "ok"),
    ]


def test_what_was_not_read_is_null_and_not_empty() -> None:
    document = result_json(SITUATIONS["unreachable"])

    assert {document[name] for name in ("tool", "history_table", "applied_count", "pending", "problems")} == {None}


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_has_a_word(code: ExitCode) -> None:
    report = SITUATIONS["unreachable"]

    headline = headline_of(replace(report, verdict=replace(report.verdict, exit_code=int(code))))

    assert headline.word != "ENDED"
    assert len(headline.mark) == 1

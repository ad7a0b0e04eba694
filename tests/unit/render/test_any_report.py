"""What holds for every report, whatever its texts are."""

import json
import unicodedata
from collections import Counter

from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from rich.text import Text

from drydock.model import Report
from drydock.render.color import colored
from drydock.render.headline import headline_of
from drydock.render.result import result_json, result_text
from drydock.render.result_schema import result_schema
from drydock.render.steps import word_of
from drydock.render.terminal import terminal_text
from drydock.render.wording import human_duration, line_of
from tests.unit.render.any_report import reports

VALIDATOR = Draft202012Validator(result_schema())
# Reports are large: what hypothesis calls slow is the making of one.
examples = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def is_harmless(char: str) -> bool:
    """Whether the character shows on a terminal and does nothing else."""
    return char.isprintable() or unicodedata.category(char) == "Zs"


@examples
@given(report=reports)
def test_the_first_line_is_the_verdict(report: Report) -> None:
    first = terminal_text(report).split("\n")[0]

    headline = headline_of(report)
    said = report.verdict.line.strip().split("\n")[0].rstrip().rstrip(".:")
    assert first.startswith(f"{headline.mark} {headline.word}  ")
    assert line_of(f"x{said}")[1:] in first
    assert first.endswith(f"{human_duration(report.duration)})")


@examples
@given(report=reports)
def test_no_text_reaches_the_terminal_or_the_log_as_a_command(report: Report) -> None:
    text = terminal_text(report)

    assert text.endswith("\n")
    assert all(is_harmless(char) for char in text.replace("\n", ""))
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))
    assert "##[" not in text
    assert "##vso[" not in text
    text.encode("utf-8")


@examples
@given(report=reports)
def test_exit_code_and_counts_are_never_lost(report: Report) -> None:
    text = terminal_text(report)

    assert f": exit code {report.verdict.exit_code}" in text.split("\n")[-2]
    if report.status:
        assert f"History: {len(report.status.applied)} migration" in text
    if report.outcome and report.outcome.steps:
        for word, number in Counter(word_of(step).lower() for step in report.outcome.steps).items():
            assert f"{number} {word}" in text
    elif report.status:
        assert f"Pending: {len(report.status.pending)} migration" in text


@examples
@given(report=reports)
def test_every_migration_that_went_wrong_has_its_line(report: Report) -> None:
    lines = terminal_text(report).split("\n")

    wrong = [word_of(step) for step in report.outcome.steps if word_of(step).isupper()] if report.outcome else []
    for word in set(wrong):
        assert sum(line.startswith(f"  {word} ") for line in lines) >= wrong.count(word)


@examples
@given(report=reports)
def test_every_result_fits_the_schema_and_survives_any_stream(report: Report) -> None:
    document = result_json(report)
    text = result_text(report)

    VALIDATOR.validate(document)
    json.dumps(document, ensure_ascii=False).encode("utf-8")
    assert json.loads(text) == document
    assert text.replace("\n", "").isascii()
    assert text.replace("\n", "").isprintable()
    assert "##" not in text


@examples
@given(report=reports)
def test_colour_adds_nothing_but_colour(report: Report) -> None:
    text = terminal_text(report)

    assert Text.from_ansi(colored(text)).plain == Text.from_ansi(text).plain

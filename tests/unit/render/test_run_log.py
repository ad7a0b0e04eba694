"""What a log says to people, and to the runner of GitHub Actions."""

import io
from pathlib import Path

import pytest

from drydock.notify.interface import Annotation, Place
from drydock.redact import Scrubber, Secret, masks_of, scrubber_of
from drydock.render.run_log import Part, RunLog, Stage
from drydock.render.workflow_commands import annotation
from tests.fixtures.runner import Command, commands_in


def said(*lines: str, is_github: bool) -> list[str]:
    """What these lines make of a log."""
    stream = io.StringIO()
    log = RunLog(stream, scrub=Scrubber(words=("canary",)), is_github=is_github)
    for line in lines:
        log(line)
    log.unfold()
    return stream.getvalue().splitlines()


LINES = ("plain", Stage("Applying:"), Part("[1/2] a"), "    | detail", Part("[2/2] b"), Stage("Then:"), "done")


def test_elsewhere_a_log_is_its_lines() -> None:
    assert said(*LINES, is_github=False) == list(LINES)


def test_on_github_the_lines_of_a_part_are_folded_and_a_stage_stands_outside() -> None:
    assert said(*LINES, is_github=True) == [
        "plain",
        "Applying:",
        "::group::[1/2] a",
        "    | detail",
        "::endgroup::",
        "::group::[2/2] b",
        "::endgroup::",
        "Then:",
        "done",
    ]


def test_a_secret_is_stars_also_in_a_title() -> None:
    assert said(Part("[1/1] canary 100%"), is_github=True)[0] == "::group::[1/1] *** 100%25"


@pytest.mark.parametrize("line", ["::error::no", "  ::set-env name=A::b", "a\n::error::no", "x ##[error]no"])
def test_a_line_from_a_database_is_never_a_command(line: str) -> None:
    assert commands_in("\n".join(said(line, f"    | {line}", is_github=True))) == ()


def test_an_annotation_arrives_as_it_was_meant() -> None:
    place = Place(file=Path("a,b:c.sql"), line=3)
    remark = Annotation(severity="error", title="a: b, c%", message="100%\nsecond ::error::", place=place)

    assert commands_in(annotation(remark)) == (
        Command(
            name="error",
            properties={"file": "a,b:c.sql", "line": "3", "endLine": "3", "title": "a: b, c%"},
            value="100%\nsecond ::error::",
        ),
    )


def test_masks_are_the_address_and_its_password_in_every_spelling_and_no_other_part() -> None:
    words = masks_of([Secret("postgresql://deployer:p%40ss%2Fword@db.example:5432/shop")])

    assert {"p@ss/word", "p%40ss%2Fword", "postgresql://deployer:p%40ss%2Fword@db.example:5432/shop"} <= set(words)
    assert not {"deployer", "shop", "db.example", "5432"} & set(words)
    assert all(len(word) >= 4 and "\n" not in word for word in words)


def test_a_short_password_is_not_masked() -> None:
    assert "abc" not in masks_of([Secret("postgresql://u:abc@h/d")])


def test_masks_are_written_once_each_and_only_for_github() -> None:
    stream = io.StringIO()

    RunLog(stream, scrub=Scrubber(), is_github=True).mask(["100%", "two"])

    assert stream.getvalue() == "::add-mask::100%25\n::add-mask::two\n"


def test_a_secret_in_base64_is_scrubbed_too() -> None:
    scrub = scrubber_of([Secret("canary-token-0123456789")])

    assert scrub("Basic Y2FuYXJ5LXRva2VuLTAxMjM0NTY3ODk=") == "Basic ***="

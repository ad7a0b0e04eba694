"""The renderings of every situation, as a reader gets them."""

import json
from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator

from drydock.redact import Scrubber
from drydock.render.markdown import markdown_text
from drydock.render.result import result_json, result_text
from drydock.render.result_schema import result_schema
from drydock.render.room import COMMENT
from drydock.render.terminal import terminal_text
from tests.fixtures.golden import FOLDER
from tests.unit.render.reports import RUN_URL
from tests.unit.render.situations import SITUATIONS

EVERY = pytest.mark.parametrize("name", SITUATIONS)


@EVERY
def test_terminal_text_is_the_expected_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.txt", terminal_text(SITUATIONS[name]))


@EVERY
def test_markdown_is_the_expected_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.md", markdown_text(SITUATIONS[name], scrub=Scrubber(), room=COMMENT, link=RUN_URL))


@EVERY
def test_result_is_the_expected_one(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.json", result_text(SITUATIONS[name]))


@EVERY
def test_result_fits_the_schema(name: str) -> None:
    Draft202012Validator(result_schema()).validate(result_json(SITUATIONS[name]))


def test_no_file_is_left_of_a_situation_that_is_gone() -> None:
    expected = {f"{name}.{ending}" for name in SITUATIONS for ending in ("txt", "json", "md")}

    assert {path.name for path in FOLDER.iterdir()} == expected


@EVERY
def test_every_expected_result_is_what_a_program_would_read(name: str) -> None:
    read = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))

    assert read == result_json(SITUATIONS[name])

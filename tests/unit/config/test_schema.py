"""What is derived from the options: flags, README's table, the JSON Schema."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from drydock.config.json_schema import json_schema, schema_text
from drydock.config.parse import load
from drydock.config.schema import OPTIONS, flags
from drydock.config.settings import Config
from drydock.config.table import options_table
from drydock.errors import ConfigError
from tests.unit.config.loading import written

PUBLISHED = Path(__file__).parents[3] / "docs" / "drydock.schema.json"


def document_of(option_key: str, value: Any) -> dict[str, Any]:
    """A configuration file with this one value in it."""
    section, _, name = option_key.rpartition(".")
    return {section: {name: value}} if section else {name: value}


def test_the_published_schema_is_the_generated_one() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("option", [option for option in OPTIONS if option.default], ids=lambda option: option.key)
def test_every_default_is_valid_in_schema_and_program(option: Any, tmp_path: Path) -> None:
    document = document_of(option.key, yaml.safe_load(option.default))

    assert Draft202012Validator(json_schema()).is_valid(document)
    assert isinstance(load({}, {}, directory=written(tmp_path, yaml.safe_dump(document))), Config)


@pytest.mark.parametrize(
    "text",
    [
        "retrys: 2",
        "retries: many",
        "retries: -1",
        "tool: flyway",
        "history: {edited: maybe}",
        "history: {failed: ok}",
        "lock_timeout: 5m",
        "environments: {staging: {environment: preview}}",
        "environments: {staging: {retries: many}}",
        "seed: {files: [{}]}",
        "[]",
    ],
)
def test_schema_and_program_refuse_the_same(text: str, tmp_path: Path) -> None:
    assert not Draft202012Validator(json_schema()).is_valid(yaml.safe_load(text))
    with pytest.raises(ConfigError):
        load({}, {}, directory=written(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "retries: ${RETRIES:-2}",
        "retries:",
        "statement_timeout: none",
        "lock_timeout: 2",
        "seed: {files: a.sql}",
        "environments: {staging: {history: {newer: stop}}, preview: }",
    ],
)
def test_schema_and_program_accept_the_same(text: str, tmp_path: Path) -> None:
    assert Draft202012Validator(json_schema()).is_valid(yaml.safe_load(text))
    assert isinstance(load({}, {}, directory=written(tmp_path, text)), Config)


def test_every_option_is_a_flag() -> None:
    by_name = {flag.name: flag for flag in flags()}

    assert len(by_name) == len(OPTIONS) + 1
    assert by_name["--history-out-of-order"].dest == "history_out_of_order"
    assert by_name["--lock-timeout"].default == "2s"
    assert by_name["--show-queries"].is_switch
    assert not by_name["--config"].is_switch


def test_every_option_has_a_row_in_the_table() -> None:
    rows = options_table().splitlines()

    assert len(rows) == len(OPTIONS) + 2
    assert "| `tool` | auto\\|prisma\\|knex\\|sql | `auto` | " in options_table()


def test_help_is_one_sentence_that_ends() -> None:
    assert all(option.help.endswith(".") and "\n" not in option.help for option in OPTIONS)

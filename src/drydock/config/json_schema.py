"""The JSON Schema of `drydock.yml`, for editors. `make schemas` publishes it."""

import json
from collections.abc import Sequence
from typing import Any

from drydock.config.option import Option
from drydock.config.schema import ENVIRONMENTS, OPTIONS, SECTIONS


def json_schema() -> dict[str, Any]:
    """The schema as a document, draft 2020-12."""
    sectioned = [option for option in OPTIONS if option.key != "environment"]
    environments = {
        "description": "Values that hold only for one environment, over those at the top.",
        "type": ["object", "null"],
        "additionalProperties": _mapping(_properties(sectioned)),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Drydock configuration",
        **_mapping(_properties(OPTIONS) | {ENVIRONMENTS: environments}),
    }


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _mapping(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": ["object", "null"], "additionalProperties": False, "properties": properties}


def _properties(options: Sequence[Option]) -> dict[str, Any]:
    plain = {option.key: _property(option) for option in options if "." not in option.key}
    return plain | {section: _mapping(_section(section, options)) for section in SECTIONS}


def _section(section: str, options: Sequence[Option]) -> dict[str, Any]:
    prefix = f"{section}."
    return {option.key.removeprefix(prefix): _property(option) for option in options if option.key.startswith(prefix)}


def _property(option: Option) -> dict[str, Any]:
    described = {"description": f"{option.help} Default: {option.default_text}."}
    return described | {"anyOf": [*_alternatives(option.kind.json()), {"type": "null"}]}


def _alternatives(schema: dict[str, Any]) -> list[dict[str, Any]]:
    nested: list[dict[str, Any]] = schema.get("anyOf", [schema])
    return nested

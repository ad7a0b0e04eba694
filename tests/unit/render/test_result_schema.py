"""The published schema of `drydock/result/v1`."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from drydock.render.result import result_json
from drydock.render.result_schema import result_schema, schema_text
from tests.unit.render.situations import SITUATIONS

PUBLISHED = Path(__file__).parents[3] / "docs" / "result.schema.json"


def objects_in(schema: Any) -> list[dict[str, Any]]:
    """Every object schema inside this one, itself included."""
    if isinstance(schema, list):
        return [found for entry in schema for found in objects_in(entry)]
    if not isinstance(schema, dict):
        return []
    here = [schema] if schema.get("type") == "object" else []
    return here + [found for entry in schema.values() for found in objects_in(entry)]


def test_the_published_schema_is_the_generated_one() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(result_schema())


def test_every_object_is_closed_and_every_field_required() -> None:
    for found in objects_in(result_schema()):
        assert found["additionalProperties"] is False
        assert found["required"] == list(found["properties"])


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"schema": "drydock/result/v2"},
        {"verdict": None},
        {"plan": {"kind": "perhaps"}},
        {"duration_ms": 1.5},
        {"steps": None},
    ],
    ids=str,
)
def test_a_document_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    document = result_json(SITUATIONS["applied_all"]) | change

    assert not Draft202012Validator(result_schema()).is_valid(document)

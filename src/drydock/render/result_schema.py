"""The JSON Schema of `drydock/result/v1`. `make schemas` publishes it."""

import inspect
import json
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from drydock.render.result_shape import ResultShape

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}


def result_schema() -> dict[str, Any]:
    """The schema as a document, draft 2020-12; every object is closed and every field required."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Drydock result",
        **_object(ResultShape),
    }


def schema_text() -> str:
    """The schema as it is published."""
    return json.dumps(result_schema(), indent=2, ensure_ascii=False) + "\n"


def _object(shape: type) -> dict[str, Any]:
    hints = get_type_hints(shape, include_extras=True)
    names = [field.name for field in fields(shape)]
    return {
        "description": inspect.getdoc(shape),
        "type": "object",
        "additionalProperties": False,
        "required": names,
        "properties": {name: _schema(hints[name]) for name in names},
    }


def _schema(hint: Any) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _schema(arguments[0]) | {"description": arguments[1]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in {Union, UnionType}:
        return {"anyOf": [_schema(argument) for argument in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _schema(arguments[0])}
    return _object(hint) if isinstance(hint, type) and is_dataclass(hint) else dict(_PLAIN[hint])

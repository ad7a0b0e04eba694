"""How requests and answers travel between `child` and `worker`: JSON on a line, an answer per text."""

import json
from typing import Any, assert_never

from drydock.sql.interface import Analysis, IndexBuild, Needs, Opaque, Parsed, Statement

READY = b"ready"
"""The worker's first line, when it has loaded the parser."""


def request_line(text: str, protected: frozenset[str]) -> bytes:
    """Write a request, without the newline that ends it."""
    return json.dumps([text, *sorted(protected)]).encode()


def request_of(line: bytes) -> tuple[str, frozenset[str]]:
    """Read a request."""
    text, *protected = json.loads(line)
    return text, frozenset(protected)


def answer_line(analysis: Analysis) -> bytes:
    """Write an answer, without the newline that ends it."""
    return json.dumps(_value(analysis)).encode()


def answer_of(line: bytes) -> Analysis:
    """Read an answer."""
    value = json.loads(line)
    if isinstance(value, dict):
        return Opaque(**value)
    return Parsed(statements=tuple(_statement(*row) for row in value))


# The fields that JSON carries as they are, in the order of a row.
_PLAIN_WORDS = """number start end line kind hazard ends_transaction opens_transaction outside_block reach
    is_cluster_wide"""
_PLAIN = _PLAIN_WORDS.split()
_NAMES = ("strong_locks", "reads", "creates")
_PAIRS = ("rows", "keys", "writes")
_WORDS = ("calls", "columns", "makes")
_OF_NEEDS = (*_PAIRS, *_WORDS, "moves", "arms", "untold")


def _value(analysis: Analysis) -> dict[str, Any] | list[Any]:
    match analysis:
        case Opaque(reason=reason, line=line, message=message):
            return {"reason": reason, "line": line, "message": message}
        case Parsed(statements=statements):
            return [_row(statement) for statement in statements]
        case _:
            assert_never(analysis)


def _row(statement: Statement) -> list[Any]:
    index = statement.index
    built = None if index is None else [index.name, index.schema, index.table]
    needs = [getattr(statement.needs, field) for field in _OF_NEEDS]
    names = (getattr(statement, field) for field in _NAMES)
    return [*(getattr(statement, field) for field in _PLAIN), built, needs, *names]


def _statement(*row: Any) -> Statement:
    plain, (built, needs, *names) = row[: len(_PLAIN)], row[len(_PLAIN) :]
    index = None if built is None else IndexBuild(name=built[0], schema=built[1], table=built[2])
    lists: dict[str, Any] = {field: tuple(value) for field, value in zip(_NAMES, names, strict=True)}
    return Statement(**dict(zip(_PLAIN, plain, strict=True)), index=index, needs=_needs(*needs), **lists)


def _needs(*row: Any) -> Needs:
    fields: dict[str, Any] = dict(zip(_OF_NEEDS, row, strict=True))
    pairs = {field: tuple(map(tuple, fields[field])) for field in _PAIRS}
    words = {field: tuple(fields[field]) for field in _WORDS}
    return Needs(**{**fields, **pairs, **words})

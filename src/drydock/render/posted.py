"""A report as the JSON document that a webhook gets: `drydock/result/v1`, shortened where it is too long."""

import json
from typing import Any

from drydock.model import Report
from drydock.redact import Scrubber
from drydock.render.result import result_text

SHORTENED = "This document was too long to be sent: long lists and texts are cut."
ATTEMPTS = ((1_000, 4_000), (100, 1_000), (20, 500), (5, 200), (1, 100), (0, 50))
"""So many entries of each list, and so many characters of each text."""


def posted(report: Report, size_bytes: int, *, scrub: Scrubber) -> bytes:
    """The result in at most so many bytes; one that was shortened says so in its notes, and still fits the schema."""
    document = json.loads(result_text(report, scrub=scrub))
    body = _compact(document)
    for entries, characters in ATTEMPTS:
        if len(body) <= size_bytes:
            break
        shortened = _shortened(document, entries, characters=characters)
        body = _compact({**shortened, "notes": [*shortened["notes"], SHORTENED]})
    return body


def _compact(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _shortened(value: Any, entries: int, *, characters: int) -> Any:
    match value:
        case dict():
            return {key: _shortened(inner, entries, characters=characters) for key, inner in value.items()}
        case list():
            return [_shortened(inner, entries, characters=characters) for inner in value[:entries]]
        case str():
            return value[:characters]
        case _:
            return value

"""Lengths of time as people write them: `500ms`, `2s`, `5min`, `1h`; a bare number is seconds."""

import re
from datetime import timedelta

LONGEST = timedelta(hours=596)
"""PostgreSQL keeps a timeout as milliseconds in 31 bits, a little under 597 hours."""

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
}
_WRITTEN = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?) ?(ms|s|min|h|)")


def duration_of(text: str) -> timedelta | None:
    """The duration that the text says, or None when it says none or one too long to hold."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    try:
        return float(found[1]) * _UNITS[found[2]]
    except OverflowError:
        return None


def duration_text(duration: timedelta) -> str:
    """The duration in the largest unit that keeps it whole, as `duration_of` reads it."""
    milliseconds = duration // timedelta(milliseconds=1)
    for unit in ("h", "min", "s"):
        size = _UNITS[unit] // timedelta(milliseconds=1)
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"

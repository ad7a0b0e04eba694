"""How times, counts, lists and foreign texts read in a report for people."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta

LONGEST_LIST = 20
"""So many entries of a list are shown; of the rest, the number."""

_COMMAND_AT_START = re.compile(r"^(\s*):(?=:)")
_COMMAND_ANYWHERE = re.compile(r"##(?=\w*\[)")


def human_duration(duration: timedelta) -> str:
    """The duration as people say it: `12 ms`, `3.4 s`, `2 min 5 s`, `1 h 5 min`; never negative."""
    milliseconds = in_milliseconds(duration)
    seconds = (milliseconds + 500) // 1000
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600:,} h {seconds % 3600 // 60} min"


def in_milliseconds(duration: timedelta) -> int:
    """Whole milliseconds, rounded; never negative."""
    return max(0, (duration + timedelta(microseconds=500)) // timedelta(milliseconds=1))


def human_size(size_bytes: int) -> str:
    """A size as people read it, in powers of 1,000: `512 bytes`, `3.4 MB`."""
    size, unit = float(size_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size_bytes} bytes" if unit == "bytes" else f"{size:.1f} {unit}"


def counted(number: int, noun: str, *, several: str = "") -> str:
    """A number with its noun in the right form: `1 migration`, `1,200 migrations`."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def cut(entries: Sequence[str], limit: int = LONGEST_LIST) -> tuple[str, ...]:
    """The first entries, and behind them how many were left out."""
    left_out = len(entries) - limit
    return (*entries[:limit], f"and {left_out:,} more") if left_out > 0 else tuple(entries)


def line_of(text: str) -> str:
    r"""The text as one line that is safe in a terminal and in a CI log.

    Control characters, escape sequences, line ends and invisible characters show as `\x1b`. What the log readers of
    CI systems would obey (`::error::` at the start of a line, `##[...]`, `##vso[...]`) is broken up the same way.
    """
    visible = text if text.isprintable() else "".join(map(_visible, text))
    return _COMMAND_ANYWHERE.sub(r"#\\x23", _COMMAND_AT_START.sub(r"\1\\x3a", visible))


def _visible(char: str) -> str:
    # French and other server messages hold no-break spaces, which do no harm.
    harmless = char.isprintable() or unicodedata.category(char) == "Zs"
    return char if harmless else char.encode("unicode_escape").decode("ascii")


def done_word(command: str) -> str:
    """What this command has done to a migration whose step ran."""
    return "rolled back" if command == "rollback" else "applied"


def hanging(label: str, text: str) -> tuple[str, ...]:
    """The label and the text; further lines of the text stand under its first."""
    first, *rest = text.strip().split("\n")
    return (f"{label}{first}", *(" " * len(label) + line for line in rest))

"""The kinds of value an option can have: how each is checked, described and shown in the JSON Schema.

Every value arrives as text (or, from the file, as a list of texts), so flag, variable and file mean the same thing.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from drydock.config.address import EXPECTED as ADDRESS_EXPECTED
from drydock.config.address import refusal_of
from drydock.config.durations import LONGEST, duration_of, duration_text
from drydock.config.problems import nearest_of
from drydock.redact import Secret

REFERENCE = {"type": "string", "pattern": r"\$\{"}
LONGEST_ADDRESS = 10_000
_YES = frozenset(("true", "yes", "on", "1", "y", "t"))
_NO = frozenset(("false", "no", "off", "0", "n", "f"))
_WHOLE = re.compile(r"[0-9]{1,18}")
_COMMENT = re.compile(r"(?:^|\s)#.*")


Written = str | tuple[str, ...]


class UnfitError(ValueError):
    """A value that a kind does not take: what it would take, and the nearest right value where there is one."""

    def __init__(self, expected: str, nearest: str | None = None) -> None:
        """Keep both for the message."""
        super().__init__(expected)
        self.expected = expected
        self.nearest = nearest


class Kind(Protocol):
    """One kind of value."""

    @property
    def expected(self) -> str:
        """What a right value looks like, as in "expected ..."."""

    @property
    def metavar(self) -> str:
        """What stands for the value in `--help`."""

    def check(self, written: Written) -> Any:
        """From text to value. Raises `UnfitError`."""

    def json(self) -> dict[str, Any]:
        """What an editor should accept in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The words."""
        return self.words[0] if len(self.words) == 1 else f"one of {', '.join(self.words)}"

    @property
    def metavar(self) -> str:
        """The words, as a shell user expects them."""
        return "|".join(self.words)

    def check(self, written: Written) -> str:
        """Exactly one of the words."""
        if isinstance(written, str) and written in self.words:
            return written
        raise UnfitError(self.expected, nearest_of(written, self.words) if isinstance(written, str) else None)

    def json(self) -> dict[str, Any]:
        """The words, or a reference to a variable."""
        return {"anyOf": [{"enum": list(self.words)}, REFERENCE]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """On or off."""

    expected: str = "true or false"
    metavar: str = "true|false"

    def check(self, written: Written) -> bool:
        """true, yes, on, 1 and their opposites, in any case."""
        word = written.lower() if isinstance(written, str) else ""
        if word in _YES or word in _NO:
            return word in _YES
        raise UnfitError(self.expected)

    def json(self) -> dict[str, Any]:
        """A boolean, or a reference to a variable."""
        return {"anyOf": [{"type": "boolean"}, REFERENCE]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A whole number from 0 to `at_most`."""

    at_most: int
    metavar: str = "N"

    @property
    def expected(self) -> str:
        """The range."""
        return f"a whole number from 0 to {self.at_most}"

    def check(self, written: Written) -> int:
        """An int within the range."""
        if isinstance(written, str) and _WHOLE.fullmatch(written) and int(written) <= self.at_most:
            return int(written)
        raise UnfitError(self.expected)

    def json(self) -> dict[str, Any]:
        """An integer, or a reference to a variable."""
        return {"anyOf": [{"type": "integer", "minimum": 0, "maximum": self.at_most}, REFERENCE]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time, at least `at_least`; `none` (or 0) is allowed only where `none_allowed` says so.

    `why_bounded` is the reason that is given to whoever asks for no limit where one is needed.
    """

    at_least: timedelta = timedelta()
    none_allowed: bool = False
    why_bounded: str = ""
    metavar: str = "DURATION"

    @property
    def expected(self) -> str:
        """The units, and the bounds."""
        bound = f", at least {duration_text(self.at_least)}" if self.at_least else ""
        none = ', or "none"' if self.none_allowed else ""
        why = f" ({self.why_bounded})" if self.why_bounded else ""
        return f"a duration such as 500ms, 2s, 5min or 1h{bound}, at most {duration_text(LONGEST)}{none}{why}"

    def check(self, written: Written) -> timedelta | None:
        """A timedelta, or None for no limit."""
        text = written if isinstance(written, str) else ""
        duration = duration_of(text)
        if self.none_allowed and text in ("none", "0"):
            return None
        if duration is None and duration_of(f"{text}in"):
            raise UnfitError(self.expected, nearest=f"{text}in")
        if duration is None or not self.at_least <= duration <= LONGEST:
            raise UnfitError(self.expected)
        return duration

    def json(self) -> dict[str, Any]:
        """A number of seconds, or text with a unit."""
        none = "|^none$" if self.none_allowed else ""
        text = {"type": "string", "pattern": rf"^[0-9]+(\.[0-9]+)? ?(ms|s|min|h)?${none}"}
        return {"anyOf": [{"type": "number", "minimum": 0}, text, REFERENCE]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A short text, of at most `longest` bytes of UTF-8; `pattern` is what it must match as a whole."""

    expected: str
    metavar: str
    pattern: str = r"[^\x00-\x1f\x7f]+"
    longest: int = 1000

    def check(self, written: Written) -> str:
        """The text itself, in valid Unicode."""
        if isinstance(written, str) and re.fullmatch(self.pattern, written) and _is_short(written, self.longest):
            return written
        raise UnfitError(self.expected)

    def json(self) -> dict[str, Any]:
        """A string."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Several texts: a list in the file; one a line, or separated by commas, everywhere else."""

    item: Text
    metavar: str = "LIST"

    @property
    def expected(self) -> str:
        """What each of them is."""
        return f"a list, each item {self.item.expected}"

    def check(self, written: Written) -> tuple[str, ...]:
        """A tuple of texts."""
        try:
            return tuple(self.item.check(item) for item in _items(written))
        except UnfitError:
            raise UnfitError(self.expected) from None

    def json(self) -> dict[str, Any]:
        """A list of strings, or one string."""
        return {"anyOf": [{"type": "array", "items": self.item.json()}, {"type": "string"}]}


def _items(written: Written) -> tuple[str, ...]:
    if isinstance(written, tuple):
        return written
    lines = (_COMMENT.sub("", line) for line in written.splitlines())
    pieces = (piece.strip() for line in lines for piece in line.split(","))
    return tuple(piece for piece in pieces if piece)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The address of a database: a secret."""

    expected: str = ADDRESS_EXPECTED
    metavar: str = "ADDRESS"

    def check(self, written: Written) -> Secret:
        """A `Secret` that looks like a Postgres address."""
        if not isinstance(written, str) or not _is_short(written, LONGEST_ADDRESS):
            raise UnfitError(self.expected)
        if (refusal := refusal_of(written)) is not None:
            raise UnfitError(refusal.expected, refusal.nearest)
        return Secret(written)

    def json(self) -> dict[str, Any]:
        """A string; in the repository it should be a reference to a variable."""
        return {"type": "string"}


def _is_short(text: str, longest: int) -> bool:
    """At most so many bytes of valid Unicode; a lone surrogate is what an undecodable variable leaves behind."""
    try:
        return len(text.encode()) <= longest
    except UnicodeEncodeError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A path or an https address, which may be signed: its value is a Secret."""

    expected: str = "a path or an https address"
    metavar: str = "PATH|URL"

    def check(self, written: Written) -> Secret:
        """Any path; of addresses, only https."""
        is_fit = isinstance(written, str) and 0 < len(written) <= LONGEST_ADDRESS and written.isprintable()
        if not is_fit or ("://" in written and not str(written).startswith("https://")):
            raise UnfitError(self.expected)
        return Secret(str(written))

    def json(self) -> dict[str, Any]:
        """Any text."""
        return {"type": "string"}

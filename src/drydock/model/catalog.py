"""What a database is made of, and what two such pictures differ in."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

ChangeKind = Literal["added", "removed", "altered"]

LONGEST_VALUE = 160
"""Characters of a value that the text of a change shows."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CatalogObject:
    """One object: its kind, its qualified name, and what is said of it, each as text or null."""

    kind: str
    name: str
    whole: str = ""
    """Name of the object that this one is a part or a remark of; it comes and goes with it. Empty: of none."""
    properties: tuple[tuple[str, str | None], ...]

    def of(self, name: str) -> str | None:
        """One property; None when it is not there."""
        return next((value for known, value in self.properties if known == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All objects of one database, sorted. Of equal databases the catalogs are equal, however they were built."""

    objects: tuple[CatalogObject, ...]
    major: int = 0
    """Of the server that was read: majors write the same definition in different words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """The catalog could not be read just now, so that nothing can be said of it."""

    reason: str
    """A sentence without its full stop: `a session holds a lock on ...`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between a picture before and a picture after."""

    kind: ChangeKind
    what: str
    """Kind and name of the object: `column public.users.email`."""
    aspect: str = ""
    """Which of its properties: `type`. Empty for added and removed."""
    before: str | None = None
    after: str | None = None
    """Its values; None where there was or is none."""

    @property
    def text(self) -> str:
        """What is different, in a few words: `type is text, was character varying(20)`; empty for added, removed."""
        if self.kind != "altered":
            return ""
        before, after, line = self.excerpt()
        at = f" from line {line}" if line else ""
        return f"{self.aspect} is {'different' + at + ': ' if at else ''}{after}, was {before}"

    def excerpt(self) -> tuple[str, str, int]:
        """The values before and after as a line shows them, and the first line they differ in; 0 for short ones."""
        before, after = self.before, self.after
        if before is None or after is None or "\n" not in before + after:
            return _shown(before), _shown(after), 0
        lines = enumerate(zip_longest(before.splitlines(), after.splitlines()), start=1)
        # Texts that differ in their line ends alone have the same lines.
        number, (one, other) = next(((n, pair) for n, pair in lines if pair[0] != pair[1]), (0, (before, after)))
        return _shown(one), _shown(other), number

    def __str__(self) -> str:
        """As a line of a diff: `+ index public.users_email`, `~ column public.users.email: type ...`."""
        sign = {"added": "+", "removed": "-", "altered": "~"}[self.kind]
        return f"{sign} {self.what}" + (f": {self.text}" if self.text else "")


def _shown(value: str | None) -> str:
    if value is None:
        return "not there"
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}..."

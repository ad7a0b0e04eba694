"""What is wrong with a configuration, said in one line that the user can act on."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake: the name as the user wrote it, where it stands, what was expected there.

    `nearest` is the valid name or value closest to what was written. `found` is what was written; it is
    None where the value is a secret or may hold one.
    """

    name: str
    where: str
    expected: str
    nearest: str | None = None
    found: str | None = None

    def __str__(self) -> str:
        """The whole mistake on one line, without control characters."""
        subject = f"{printable(self.where)}: {printable(self.name)}" if self.name else printable(self.where)
        found = "" if self.found is None else f", found {quoted(self.found)}"
        nearest = "" if self.nearest is None else f"; did you mean {printable(self.nearest)}?"
        return f"{subject}: expected {printable(self.expected, longest=400)}{found}{nearest}"


def printable(text: str, *, longest: int = LONGEST_SHOWN) -> str:
    """The text on one line: control characters and lone surrogates escaped, long text cut."""
    escaped = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text[:longest]
    )
    return escaped + ("..." if len(text) > longest else "")


def quoted(text: str) -> str:
    """The text between quotes, printable."""
    return f'"{printable(text)}"'


def nearest_of(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to this one; letter case, hyphens and dots do not count as differences."""
    by_plain_form = {_plain_form(candidate): candidate for candidate in known}
    matches = get_close_matches(_plain_form(name[:LONGEST_SHOWN]), list(by_plain_form), n=1)
    return by_plain_form[matches[0]] if matches else None


def _plain_form(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(".", "_")

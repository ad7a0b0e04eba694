"""Is this text the address of a Postgres database? Only its form is judged; nothing is opened or looked up.

The text is a secret. What this module answers never repeats any of it but the scheme.
"""

import re
from dataclasses import dataclass

EXPECTED = "a postgresql:// address or a libpq keyword string (host=... dbname=...)"

_SCHEME = re.compile(r"(?:jdbc:)?[A-Za-z][A-Za-z0-9+.-]{0,40}://")
_PAIR = re.compile(r"\s*+([A-Za-z_]+)\s*+=\s*+('(?:[^'\\]|\\.)*+'|(?:[^\s'\\]|\\.)*+)(?=\s|$)", re.DOTALL)
_TELLING = frozenset({"host", "hostaddr", "port", "dbname", "user", "service"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why the text cannot be used: what was expected, and the scheme that would do, if one is near."""

    expected: str
    nearest: str | None = None


def refusal_of(text: str) -> Refusal | None:
    """The reason why this text is no usable address, or None when its form is right."""
    if any(not letter.isprintable() for letter in text.replace("\n", " ")):
        return Refusal(expected=f"{EXPECTED} without control characters or unusual spaces")
    if text[0] in "\"'" and text[-1] == text[0]:
        return Refusal(expected=f"{EXPECTED} without quotes around it")
    scheme = _SCHEME.match(text)
    return _refused_keywords(text) if scheme is None else _refused_url(text, scheme[0].lower())


def _refused_url(text: str, prefix: str) -> Refusal | None:
    scheme = prefix.partition(":")[0]
    if scheme.startswith("prisma"):
        return Refusal(expected=f"the database's own address; {scheme}:// leads to a proxy that cannot run migrations")
    if scheme not in ("postgres", "postgresql") or prefix.count(":") > 1:
        nearest = "postgresql://" if "postgres" in prefix else None
        return Refusal(expected=f"{EXPECTED}; {prefix} is not a Postgres address", nearest=nearest)
    if re.search(r"\s", text):
        return Refusal(expected=f"{EXPECTED}; a space inside it is written %20")
    if not text[len(prefix) :].strip("/"):
        return Refusal(expected=f"{EXPECTED} with a host or a database name")
    return None


def _refused_keywords(text: str) -> Refusal | None:
    position, names = 0, set()
    end = len(text.rstrip())
    while position < end:
        pair = _PAIR.match(text, position)
        if pair is None:
            return Refusal(expected=EXPECTED)
        names.add(pair[1].lower())
        position = pair.end()
    return None if names & _TELLING else Refusal(expected=EXPECTED)

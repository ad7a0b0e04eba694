"""Secrets, and the scrubbing of every text that leaves the process.

A `Secret` shows stars wherever it is printed; using it takes an explicit `reveal()`. A `Scrubber` stands in front
of every sink (terminal, JSON, the audit row) and replaces what it was told to hide, in every spelling in which it
may come back: as typed, percent-encoded, percent-decoded, in base64.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

STARS = "***"
SHORTEST_SECRET = 4
_PASSWORD_IN_URL = re.compile(r"(?P<head>[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@]*):(?P<password>[^\s/]*)@")
_PASSWORD_IN_KEYWORDS = re.compile(r"(?i)\b(password|sslpassword)\s*=\s*('(?:[^'\\]|\\.)*'|(?:\\.|\S)+)")

_UNENCODED_PASSWORD = re.compile(r"(?s)(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//[^:/?#@]*:(?P<password>.*[/?#@].*)@")


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that must not be printed: a database address, a token."""

    value: str

    def reveal(self) -> str:
        """The value itself. Search for this word to find every use."""
        return self.value

    def __repr__(self) -> str:
        """Stars, whatever the value."""
        return f"Secret({STARS})"

    def __str__(self) -> str:
        """Stars, whatever the value."""
        return STARS

    def __format__(self, specification: str) -> str:
        """Stars, so that an f-string cannot leak it either."""
        return STARS


@dataclass(frozen=True, slots=True, repr=False)
class Scrubber:
    """Replaces known secrets, and passwords inside anything that looks like an address, by stars."""

    words: tuple[str, ...] = ()

    def __call__(self, text: str) -> str:
        """The text with every secret replaced; never raises."""
        for word in self.words:
            text = text.replace(word, STARS)
        text = _PASSWORD_IN_URL.sub(lambda found: f"{found['head']}:{STARS}@", text)
        return _PASSWORD_IN_KEYWORDS.sub(lambda found: f"{found[1]}={STARS}", text)


def scrubber_of(secrets: Iterable[Secret]) -> Scrubber:
    """A scrubber that knows these secrets and the passwords inside them, longest first."""
    words = {spelling for secret in secrets for part in _parts(secret.reveal()) for spelling in _spellings(part)}
    return Scrubber(
        words=tuple(sorted((word for word in words if len(word) >= SHORTEST_SECRET), key=len, reverse=True))
    )


def _parts(value: str) -> tuple[str, ...]:
    return (value, *_passwords(value))


def _passwords(value: str) -> tuple[str, ...]:
    return (*_certain_passwords(value), *_misread(value))


def _certain_passwords(value: str) -> tuple[str, ...]:
    in_keywords = tuple(_unquoted(found[2]) for found in _PASSWORD_IN_KEYWORDS.finditer(value))
    in_query = tuple(found[1] for found in re.finditer(r"(?i)[?&](?:ssl)?password=([^&#]+)", value))
    try:
        password = urlsplit(value).password
    except ValueError:
        password = None
    return (*in_keywords, *in_query, *((password,) if password else ()))


def _unquoted(value: str) -> str:
    inside = value[1:-1] if len(value) > 1 and value[0] == value[-1] == "'" else value
    return re.sub(r"\\(.)", r"\1", inside)


def _misread(value: str) -> tuple[str, ...]:
    """What may be parts of a password that holds `/`, `?`, `#` or `@` without percent-encoding.

    Whoever reads such an address cuts it there, and takes the rest for a host, a port or a database's name.
    """
    found = _UNENCODED_PASSWORD.match(value)
    if found is None:
        return ()
    cuts = [cut.end() for cut in re.finditer(r"[/?#@:]", found["password"])]
    tails = (value[found.start("password") + cut :] for cut in cuts)
    return (found["password"], *(found["password"][cut:] for cut in cuts), *tails)


def _spellings(word: str) -> tuple[str, ...]:
    # A variable that is not UTF-8 arrives with lone surrogates, which only surrogatepass takes.
    plain = (word, unquote(word))
    encoded = (quote(one, safe="", errors="surrogatepass") for one in plain)
    return (*plain, *encoded, *(text for one in plain for text in _in_base64(one)))


def _in_base64(word: str) -> tuple[str, ...]:
    """Without the padding, which is gone when something follows the word."""
    given = word.encode(errors="surrogatepass")
    return tuple(text.decode().rstrip("=") for text in (b64encode(given), urlsafe_b64encode(given)))


def masks_of(secrets: Iterable[Secret]) -> tuple[str, ...]:
    """What a CI should hide in its own log: the secrets and their passwords, raw, percent-encoded and -decoded.

    Never a host, a user or a database: every later occurrence of such a word would turn into stars.
    """
    words = {
        spelling
        for secret in secrets
        for part in (secret.reveal(), *_certain_passwords(secret.reveal()))
        for spelling in _spellings(part)
    }
    lines = {line for word in words for line in word.splitlines() if len(line) >= SHORTEST_SECRET}
    return tuple(sorted(lines))

"""Two more kinds of value: the address of a web server, and a token. Both are secrets."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from drydock.config.kinds import LONGEST_ADDRESS, UnfitError, Written
from drydock.redact import Secret

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """The address of a webhook, https except on this very machine: its path is the key to it."""

    expected: str = "an https address"
    metavar: str = "URL"

    def check(self, written: Written) -> Secret:
        """A `Secret` with scheme and host."""
        if not isinstance(written, str) or not written.isascii() or len(written) > LONGEST_ADDRESS:
            raise UnfitError(self.expected)
        try:
            address = urlsplit(written)
            host, _ = address.hostname, address.port
        except ValueError:
            raise UnfitError(self.expected) from None
        is_private = address.scheme == "https" or (address.scheme == "http" and host in LOOPBACK)
        if not host or not is_private or not written.isprintable() or " " in written:
            raise UnfitError(self.expected)
        return Secret(written)

    def json(self) -> dict[str, Any]:
        """A string; in the repository it should be a reference to a variable."""
        return {"type": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A secret word, or, where `many` says so, several with blanks between them."""

    expected: str = "a token without blanks"
    metavar: str = "TOKEN"
    many: bool = False

    def check(self, written: Written) -> Secret:
        """A `Secret` of visible ASCII characters: it goes into a header."""
        text = written if isinstance(written, str) else " ".join(written)
        words = text.split()
        if not words or (len(words) > 1 and not self.many) or len(text) > LONGEST_ADDRESS:
            raise UnfitError(self.expected)
        if not all(word.isascii() and word.isprintable() for word in words):
            raise UnfitError(self.expected)
        return Secret(" ".join(words))

    def json(self) -> dict[str, Any]:
        """A string; in the repository it should be a reference to a variable."""
        return {"type": "string"}

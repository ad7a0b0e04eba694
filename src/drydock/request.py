"""A request to a web server and its answer, as values; `http.py` sends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from drydock.redact import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. Its address is a secret: of a webhook, the path is the key."""

    method: Literal["GET", "POST", "PATCH"]
    url: Secret
    headers: Mapping[str, str]
    """Some of them may be secret, so that a request is never printed."""
    body: bytes | None = None
    connect_seconds: float = 10.0
    read_seconds: float = 30.0

    def __repr__(self) -> str:
        """Without the headers and the body."""
        return f"Request({self.method})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer, whatever its status. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class UnansweredError(Exception):
    """No answer came: `reason` is for people, without the address; `may_have_arrived` when it cannot be known."""

    def __init__(self, reason: str, *, may_have_arrived: bool) -> None:
        """Keep both."""
        super().__init__(reason)
        self.reason = reason
        self.may_have_arrived = may_have_arrived


Send = Callable[[Request], Response]
"""Sends one request, once, and follows no redirect. Raises UnansweredError."""

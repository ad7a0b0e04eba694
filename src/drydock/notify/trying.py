"""Sending a request until it is answered for good: when to try again, and how long to wait before."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from drydock.notify.interface import Allowance, NotifyError
from drydock.request import Request, Response, Send, UnansweredError

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0

Ended = Response | UnansweredError
PauseAfter = Callable[[Ended, int], float | None]
"""From how the n-th try ended to the seconds before the next one; None when there is to be none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends as long as the allowance lasts."""

    send: Send
    allowance: Allowance
    trace: Callable[[str], None]
    """Takes a line for each try: what was asked, how it ended. No address, no key."""

    def answer(self, request: Request, pause_after: PauseAfter) -> Response:
        """The answer of the last try. Raises UnansweredError when that had none, NotifyError when time is up."""
        attempt = 0
        while True:
            attempt += 1
            ended = self._tried(request, attempt)
            pause = pause_after(ended, attempt)
            if pause is None or not self.allowance.pause(pause):
                if isinstance(ended, UnansweredError):
                    raise ended
                return ended

    def _tried(self, request: Request, attempt: int) -> Ended:
        left = self.allowance.left_seconds()
        if left <= 0:
            raise NotifyError("There was no time left")
        try:
            ended: Ended = self.send(
                replace(
                    request,
                    connect_seconds=min(request.connect_seconds, left),
                    read_seconds=min(request.read_seconds, left),
                )
            )
        except UnansweredError as error:
            ended = error
        how = ended.reason if isinstance(ended, UnansweredError) else str(ended.status)
        self.trace(f"{request.method}, try {attempt}: {how}")
        return ended


def growing(attempt: int) -> float:
    """The pause after the n-th try: twice as long each time, with jitter."""
    longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * float(2 ** min(attempt - 1, 10)))
    return longest * (0.5 + secrets.randbelow(500) / 1000)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """What the server asks for: seconds, or a date (RFC 9110, section 10.2.3)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    with suppress(ValueError):
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is not None:
            return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    return None

"""The result as JSON to an address of the user's, signed as Standard Webhooks and as GitHub sign theirs.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hashlib
import hmac
import secrets
import time
from base64 import b64decode, b64encode
from binascii import Error as NotBase64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drydock.model import Report
from drydock.notify.interface import NotifyError
from drydock.notify.trying import Ended, Sender, growing, retry_after
from drydock.redact import Secret
from drydock.request import Request, UnansweredError

MOST_TRIES = 3
TRY_SECONDS = 10.0
LARGEST_BYTES = 250_000
TRY_AGAIN = frozenset({408, 425, 429})
REDIRECTS = range(300, 400)
SYMMETRIC = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that takes the result."""

    url: Secret
    keys: Secret | None
    """One or more, with blanks between them; each signs."""
    agent: str
    render: Callable[[Report, int], bytes]
    """The result as JSON in at most so many bytes."""
    sender: Sender

    @property
    def name(self) -> str:
        """See `Notifier`."""
        return "the webhook"

    def publish(self, report: Report) -> str | None:
        """See `Notifier`."""
        body = self.render(report, LARGEST_BYTES)
        plain = {"Content-Type": "application/json", "User-Agent": self.agent}
        request = Request(
            method="POST",
            url=self.url,
            # Signed once: every try carries the same id, by which the receiver knows a repetition.
            headers={**plain, **signatures(body, self.keys, identifier=f"msg_{secrets.token_hex(16)}")},
            body=body,
            connect_seconds=TRY_SECONDS,
            read_seconds=TRY_SECONDS,
        )
        try:
            answer = self.sender.answer(request, _pause_after)
        except UnansweredError as error:
            raise NotifyError(f"The webhook gave no answer: {error.reason}") from None
        if not 200 <= answer.status < 300:
            raise NotifyError(f"The webhook answered {answer.status}{_explained(answer.status)}")
        return None


def signatures(body: bytes, keys: Secret | None, *, identifier: str) -> Mapping[str, str]:
    """The headers that say who sent exactly these bytes, and when; without a key only the id and the time."""
    moment = str(int(time.time()))
    headers = {"webhook-id": identifier, "webhook-timestamp": moment}
    given = keys.reveal().split() if keys else []
    if not given:
        return headers
    signed = f"{identifier}.{moment}.".encode() + body
    all_of_them = (b64encode(_digest(_key(key), signed)).decode() for key in given)
    return {
        **headers,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in all_of_them),
        # GitHub's form knows one key, as a text.
        "X-Hub-Signature-256": f"sha256={_digest(given[0].encode(), body).hex()}",
    }


def _key(written: str) -> bytes:
    """The bytes of a key: what `whsec_` holds in base64; anything else as it is."""
    if not written.startswith(SYMMETRIC):
        return written.encode()
    bare = written.removeprefix(SYMMETRIC)
    try:
        return b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except NotBase64Error:
        return written.encode()


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()


def _explained(status: int) -> str:
    if status in REDIRECTS:
        return ": redirects are not followed"
    return ": the endpoint is gone" if status == 410 else ""


def _pause_after(ended: Ended, attempt: int) -> float | None:
    if attempt >= MOST_TRIES:
        return None
    if isinstance(ended, UnansweredError):
        return growing(attempt)
    if ended.status in TRY_AGAIN or ended.status >= 500:
        asked = retry_after(ended.headers)
        return growing(attempt) if asked is None else asked
    return None

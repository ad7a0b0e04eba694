"""Slack, through an incoming webhook (Slack's manual, "Sending messages using incoming webhooks")."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from drydock.model import Report
from drydock.notify.interface import NotifyError
from drydock.notify.trying import Ended, Sender, growing, retry_after
from drydock.redact import Secret
from drydock.request import Request, UnansweredError

MOST_TRIES = 3
TRY_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """A channel of Slack."""

    webhook: Secret
    agent: str
    render: Callable[[Report], Mapping[str, Any]]
    """The message within Slack's limits: `text` and `blocks`."""
    sender: Sender

    @property
    def name(self) -> str:
        """See `Notifier`."""
        return "Slack"

    def publish(self, report: Report) -> str | None:
        """See `Notifier`."""
        request = Request(
            method="POST",
            url=self.webhook,
            headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": self.agent},
            body=json.dumps(self.render(report)).encode(),
            connect_seconds=TRY_SECONDS,
            read_seconds=TRY_SECONDS,
        )
        try:
            answer = self.sender.answer(request, _pause_after)
        except UnansweredError as error:
            raise NotifyError(f"Slack gave no answer: {error.reason}") from None
        if answer.status in (403, 404, 410):
            raise NotifyError(f"Slack answered {answer.status}: the webhook is not valid any more")
        if answer.status != 200:
            raise NotifyError(f"Slack answered {answer.status}")
        return None


def _pause_after(ended: Ended, attempt: int) -> float | None:
    if attempt >= MOST_TRIES:
        return None
    if isinstance(ended, UnansweredError):
        # What may have arrived is not sent twice: a channel would read it twice.
        return None if ended.may_have_arrived else growing(attempt)
    if ended.status == 429:
        return retry_after(ended.headers) or growing(attempt)
    return growing(attempt) if ended.status >= 500 else None

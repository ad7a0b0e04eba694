"""Slack and the signed webhook over the wire: what arrives, when it is tried again, and what never is."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import partial

import pytest

from drydock.notify.interface import NotifyError
from drydock.notify.slack import Slack
from drydock.notify.webhook import Webhook
from drydock.redact import Scrubber, Secret
from drydock.render.posted import posted
from drydock.render.slack import slack_message
from tests.fixtures.hook_server import Answering, HookServer, Posted
from tests.fixtures.kept import free_port
from tests.fixtures.telling import Clock
from tests.unit.render.ended_early import unique_violation

REPORT = unique_violation()
RAW = b"a key of thirty-two bytes, or so"
Make = Callable[[HookServer, Clock], Slack | Webhook]
STANDARD = f"whsec_{base64.b64encode(RAW).decode()}"


def slack_at(hook: HookServer, clock: Clock) -> Slack:
    message = partial(slack_message, scrub=Scrubber(), link=None)
    return Slack(webhook=Secret(hook.url()), agent="drydock/0", render=message, sender=clock.sender)


def webhook_at(hook: HookServer, clock: Clock, keys: str | None = STANDARD) -> Webhook:
    return Webhook(
        url=Secret(hook.url()),
        keys=Secret(keys) if keys else None,
        agent="drydock/0",
        render=partial(posted, scrub=Scrubber()),
        sender=clock.sender,
    )


NOTIFIERS = pytest.mark.parametrize("make", [slack_at, webhook_at], ids=["Slack", "webhook"])


def signature(key: bytes, message: Posted) -> str:
    """As the receiver computes it, from what arrived."""
    signed = f"{message.headers['webhook-id']}.{message.headers['webhook-timestamp']}.".encode() + message.body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def test_slack_gets_text_and_blocks(hook_server: HookServer) -> None:
    slack_at(hook_server, Clock()).publish(REPORT)

    (message,) = hook_server.posted
    content = json.loads(message.body)
    assert REPORT.verdict.line in content["text"]
    assert content["blocks"][0]["text"]["text"] == ":x: FAILED"


def test_the_webhook_gets_the_result_and_a_signature_of_exactly_these_bytes(hook_server: HookServer) -> None:
    webhook_at(hook_server, Clock()).publish(REPORT)

    (message,) = hook_server.posted
    assert json.loads(message.body)["schema"] == "drydock/result/v1"
    assert message.headers["webhook-signature"] == signature(RAW, message)
    hub = hmac.new(STANDARD.encode(), message.body, hashlib.sha256).hexdigest()
    assert message.headers["x-hub-signature-256"] == f"sha256={hub}"


def test_while_a_key_is_being_replaced_both_sign(hook_server: HookServer) -> None:
    webhook_at(hook_server, Clock(), keys=f"plain-key {STANDARD}").publish(REPORT)

    (message,) = hook_server.posted
    assert message.headers["webhook-signature"] == f"{signature(b'plain-key', message)} {signature(RAW, message)}"


def test_without_a_key_nothing_is_signed(hook_server: HookServer) -> None:
    webhook_at(hook_server, Clock(), keys=None).publish(REPORT)

    (message,) = hook_server.posted
    assert not {"webhook-signature", "x-hub-signature-256"} & message.headers.keys()


@NOTIFIERS
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_busy_is_asked_again(hook_server: HookServer, make: Make, status: int) -> None:
    hook_server.answers = [Answering(status=status)] * 2

    make(hook_server, Clock()).publish(REPORT)

    assert len(hook_server.posted) == 3
    assert len({message.headers.get("webhook-id") for message in hook_server.posted}) == 1


@NOTIFIERS
def test_three_tries_are_all(hook_server: HookServer, make: Make) -> None:
    hook_server.answers = [Answering(status=503)] * 9

    with pytest.raises(NotifyError, match="503"):
        make(hook_server, Clock()).publish(REPORT)

    assert len(hook_server.posted) == 3


@NOTIFIERS
def test_the_wait_that_the_server_asks_for_is_kept(hook_server: HookServer, make: Make) -> None:
    clock = Clock()
    hook_server.answers = [Answering(status=429, headers={"Retry-After": "9"})]

    make(hook_server, clock).publish(REPORT)

    assert clock.waits == [9]


@NOTIFIERS
@pytest.mark.parametrize("status", [302, 400, 403, 404, 410])
def test_a_no_is_final(hook_server: HookServer, make: Make, status: int) -> None:
    hook_server.answers = [Answering(status=status, headers={"Location": "/elsewhere"})]

    with pytest.raises(NotifyError, match=str(status)):
        make(hook_server, Clock()).publish(REPORT)

    assert [message.path for message in hook_server.posted] == ["/services/T000/B000/canary-in-webhook-path"]


def test_an_endpoint_that_is_gone_is_called_so(hook_server: HookServer) -> None:
    hook_server.answers = [Answering(status=410)]

    with pytest.raises(NotifyError, match="the endpoint is gone"):
        webhook_at(hook_server, Clock()).publish(REPORT)


@pytest.mark.parametrize(("make", "tries"), [(slack_at, 1), (webhook_at, 3)], ids=["Slack", "webhook"])
def test_what_may_have_arrived_is_sent_again_only_to_who_knows_a_repetition(
    hook_server: HookServer, make: Make, tries: int
) -> None:
    hook_server.answers = [Answering(status=200, cut=True)] * 9

    with pytest.raises(NotifyError, match="no answer"):
        make(hook_server, Clock()).publish(REPORT)

    assert len(hook_server.posted) == tries


@NOTIFIERS
def test_no_message_about_a_failure_holds_the_address(make: Make) -> None:
    nobody = HookServer(port=free_port())

    with pytest.raises(NotifyError) as caught:
        make(nobody, Clock()).publish(REPORT)

    assert "canary" not in str(caught.value)
    assert str(nobody.port) not in str(caught.value)
    assert caught.value.__cause__ is None

"""The options of the messages: which addresses are taken, what is secret, what a refused configuration leaves."""

from pathlib import Path

import pytest

from drydock.config.parse import read
from drydock.redact import STARS, scrubber_of
from tests.unit.config.loading import NOTHING, config_from, problems_from

HOOK = "https://hooks.example/services/T0/B0/canaryCanaryCanary01"


@pytest.mark.parametrize(
    "address",
    [HOOK, "https://x.example:8443/hook?sig=a", "http://127.0.0.1:80/h", "http://localhost/h", "http://[::1]/"],
)
def test_a_webhook_is_https_or_on_this_machine(tmp_path: Path, address: str) -> None:
    config = config_from(tmp_path, environ={"DRYDOCK_WEBHOOK": address, "DRYDOCK_SLACK_WEBHOOK": address})

    assert config.messages.webhook is not None
    assert config.messages.slack_webhook is not None
    assert config.messages.webhook.reveal() == address


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example/h",
        "http://localhost.evil.example/h",
        "hooks.example/h",
        "ftp://h/x",
        "https://",
        "https://h:port/",
        "https://h/a b",
        "https://h/\x1b",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
def test_any_other_address_is_refused_and_not_shown(tmp_path: Path, address: str) -> None:
    (problem,) = problems_from(tmp_path, environ={"DRYDOCK_WEBHOOK": address})

    assert problem.expected == "an https address"
    assert problem.found is None


@pytest.mark.parametrize("token", ["two words", "naïve", "a\x07b"])
def test_a_token_that_cannot_be_in_a_header_is_refused_and_not_shown(tmp_path: Path, token: str) -> None:
    (problem,) = problems_from(tmp_path, environ={"DRYDOCK_GITHUB_TOKEN": token})

    assert problem.found is None


def test_the_token_is_the_input_before_the_usual_variable(tmp_path: Path) -> None:
    environ = {"GITHUB_TOKEN": "usual-token", "INPUT_GITHUB_TOKEN": "input-token"}

    config = config_from(tmp_path, environ=environ)

    assert config.messages.github_token is not None
    assert config.messages.github_token.reveal() == "input-token"


@pytest.mark.parametrize(
    "said",
    [
        HOOK,
        "/services/T0/B0/canaryCanaryCanary01",
        "POST canaryCanaryCanary01 failed",
        "canary-signature-0123",
        "canary-token-0123456789",
        "whsec_Y2FuYXJ5Y2FuYXJ5",
        "Y2FuYXJ5Y2FuYXJ5",
        "second-canary-key",
    ],
)
def test_every_key_is_scrubbed_whole_and_in_its_parts(tmp_path: Path, said: str) -> None:
    environ = {
        "DRYDOCK_SLACK_WEBHOOK": HOOK,
        "DRYDOCK_WEBHOOK": "https://flow.example/run?sig=canary-signature-0123&v=1",
        "DRYDOCK_WEBHOOK_SECRET": "whsec_Y2FuYXJ5Y2FuYXJ5 second-canary-key",
        "GITHUB_TOKEN": "canary-token-0123456789",
    }

    scrubbed = scrubber_of(config_from(tmp_path, environ=environ).secrets)(said)

    assert STARS in scrubbed
    assert "canary" not in scrubbed.lower()
    assert "Y2Fu" not in scrubbed


def test_ordinary_words_of_an_address_are_not_secret(tmp_path: Path) -> None:
    config = config_from(tmp_path, environ={"DRYDOCK_WEBHOOK": "https://hooks.example/hook"})

    assert scrubber_of(config.secrets)("/hook at hooks.example") == "/hook at hooks.example"


def test_a_refused_configuration_still_says_whom_to_tell(tmp_path: Path) -> None:
    environ = {"DRYDOCK_SLACK_WEBHOOK": HOOK, "DRYDOCK_RETRIES": "many", "DRYDOCK_COMMENT": "sometimes"}

    reading = read(NOTHING, environ, directory=tmp_path)

    assert len(reading.problems) == 2
    assert reading.partly.messages.slack_webhook is not None
    assert reading.partly.messages.comment == "changes"

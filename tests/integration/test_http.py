"""One request over the wire: what is sent, what is not followed, and what is said when no answer comes."""

import time
from pathlib import Path

import pytest

from drydock.http import send
from drydock.redact import Secret
from drydock.request import Request, UnansweredError
from tests.fixtures.hook_server import Answering, HookServer
from tests.fixtures.http_server import WebServer
from tests.fixtures.kept import free_port


def request_to(url: str, *, seconds: float = 5.0) -> Request:
    return Request(
        method="POST",
        url=Secret(url),
        headers={"Authorization": "Bearer canary-token"},
        body=b"{}",
        connect_seconds=seconds,
        read_seconds=seconds,
    )


def test_the_answer_comes_whole(hook_server: HookServer) -> None:
    hook_server.answers = [Answering(status=418, headers={"Retry-After": "5"})]

    answer = send(request_to(hook_server.url()))

    assert (answer.status, answer.headers["retry-after"], answer.body) == (418, "5", b"ok")


def test_a_redirect_is_an_answer_and_not_followed(hook_server: HookServer) -> None:
    hook_server.answers = [Answering(status=307, headers={"Location": "/elsewhere"})]

    assert send(request_to(hook_server.url())).status == 307
    assert len(hook_server.posted) == 1


def test_a_netrc_of_the_machine_does_not_replace_our_token(
    hook_server: HookServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    send(request_to(hook_server.url()))

    assert hook_server.posted[0].headers["authorization"] == "Bearer canary-token"


@pytest.mark.parametrize(
    ("answering", "may_have_arrived"),
    [(Answering(status=200, delay_seconds=1), True), (Answering(status=200, cut=True), True)],
    ids=["slow", "cut"],
)
def test_no_answer_from_a_server_that_was_reached(
    hook_server: HookServer, answering: Answering, *, may_have_arrived: bool
) -> None:
    hook_server.answers = [answering]

    with pytest.raises(UnansweredError) as caught:
        send(request_to(hook_server.url(), seconds=0.2))

    assert caught.value.may_have_arrived == may_have_arrived
    assert "canary" not in str(caught.value)


def test_no_answer_where_nobody_listens_has_not_arrived() -> None:
    with pytest.raises(UnansweredError) as caught:
        send(request_to(f"http://127.0.0.1:{free_port()}/canary"))

    assert not caught.value.may_have_arrived
    assert caught.value.__cause__ is None


def test_a_name_that_is_not_there_has_not_arrived() -> None:
    since = time.monotonic()

    with pytest.raises(UnansweredError) as caught:
        send(request_to("https://canary.invalid/"))

    assert not caught.value.may_have_arrived
    assert time.monotonic() - since < 10


def test_a_certificate_that_nobody_signed_is_refused_unless_it_is_named(web_server: WebServer) -> None:
    asked = Request(method="GET", url=Secret(f"https://localhost:{web_server.port}/"), headers={})

    with pytest.raises(UnansweredError, match="certificate"):
        send(asked)

    assert send(asked, certificates=str(web_server.certificate)).status == 200

"""An endpoint as URL, as environment, and as node-postgres takes it."""

import json
from typing import Any

import pytest

from drydock.postgres.endpoint import Endpoint, Tls
from drydock.redact import Secret


def endpoint(host: str = "db", *, tls: Tls | None = None) -> Endpoint:
    return Endpoint(host=host, port=5433, user="a@b", password=Secret("p/w"), database="my db", options="", tls=tls)


def tls(mode: str, *, root: str = "") -> Tls:
    return Tls(mode=mode, is_asked_for=mode != "prefer", root=root, certificate="", key="")


def connection(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(endpoint.for_programs["DRYDOCK_CONNECTION"])
    return found


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("db", "postgresql://a%40b:p%2Fw@db:5433/my%20db?sslmode=disable"),
        ("::1", "postgresql://a%40b:p%2Fw@[::1]:5433/my%20db?sslmode=disable"),
        ("/run/pg", "postgresql://a%40b:p%2Fw@/my%20db?host=%2Frun%2Fpg&port=5433"),
    ],
)
def test_url_is_one_that_libpq_and_node_read(host: str, url: str) -> None:
    assert endpoint(host).url.reveal() == url


@pytest.mark.parametrize(
    ("given", "ssl"),
    [
        (None, False),
        (tls("prefer"), {"rejectUnauthorized": False}),
        (tls("require"), {"rejectUnauthorized": False}),
        (tls("require", root="ca.crt"), {"rejectUnauthorized": True, "any_name": True, "ca_file": "ca.crt"}),
        (tls("verify-ca", root="ca.crt"), {"rejectUnauthorized": True, "any_name": True, "ca_file": "ca.crt"}),
        (
            tls("verify-full"),
            {"rejectUnauthorized": True, "any_name": False, "ca_file": "~/.postgresql/root.crt"},
        ),
        (tls("verify-full", root="system"), {"rejectUnauthorized": True, "any_name": False}),
    ],
)
def test_encryption_is_as_strict_as_libpq_makes_it(given: Tls | None, ssl: object) -> None:
    assert connection(endpoint(tls=given))["ssl"] == ssl


def test_address_that_says_nothing_of_encryption_leaves_it_to_the_project() -> None:
    assert connection(endpoint(tls=tls("prefer")))["ssl_by_project"] is True
    assert connection(endpoint(tls=tls("verify-full")))["ssl_by_project"] is False
    assert connection(endpoint())["ssl_by_project"] is False


def test_nothing_of_it_is_printed() -> None:
    assert "p/w" not in repr(endpoint())

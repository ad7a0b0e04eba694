"""What a program sees of the environment: on a copy, nothing that leads to the target."""

from dataclasses import replace

import pytest

from drydock.postgres.endpoint import NOWHERE, Endpoint, Tls
from drydock.postgres.surroundings import OnCopy, OnTarget, disarmed
from drydock.process import run
from drydock.redact import Secret

TARGET = Endpoint(
    host="db.example.org", port=6543, user="app", password=Secret("s3cr/t"), database="shop", options="", tls=None
)
COPY = Endpoint(
    host="/run/copy", port=5432, user="app", password=Secret("random"), database="shop", options="", tls=None
)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("postgresql://app:s3cr%2Ft@db.example.org:6543/shop", COPY.url.reveal()),
        ("postgres://someone:else@elsewhere/x", COPY.url.reveal()),
        ("s3cr/t", "random"),
        ("db.example.org", "/run/copy"),
        (
            '{"db": {"host": "db.example.org", "password": "s3cr/t"}}',
            '{"db": {"host": "/run/copy", "password": "random"}}',
        ),
        ("jdbc:postgresql://db.example.org:6543/shop", "jdbc:postgresql:///run/copy:5432/shop"),
        ("localhost,127.0.0.1", "localhost,127.0.0.1"),
        ("production", "production"),
        ("my.db.example.org.uk", "my.db.example.org.uk"),
    ],
)
def test_traces_of_the_target_become_the_copys(value: str, seen: str) -> None:
    assert disarmed({"VALUE": value}, TARGET, copy=COPY)["VALUE"] == seen


def test_password_that_is_a_common_word_spoils_no_path() -> None:
    common = Endpoint(
        host="postgres", port=5432, user="postgres", password=Secret("postgres"), database="x", options="", tls=None
    )
    path = "/usr/lib/postgresql/15/bin:/opt/postgres/bin"

    found = disarmed({"PATH": path, "DB_HOST": "postgres"}, common, copy=NOWHERE)

    assert (found["PATH"], found["DB_HOST"]) == (path, "127.0.0.1")


def test_program_on_the_target_finds_the_users_own_environment() -> None:
    environ = {"DB_PASS": "s3cr/t", "PGSSLMODE": "require", "DRYDOCK_X": "1", "DATABASE_URL": "another"}
    around = OnTarget(run=run, environ=environ, address=Secret("postgresql://as/written"))

    found = around.environment(TARGET)

    assert (found["DB_PASS"], found["PGSSLMODE"], found["DATABASE_URL"]) == (
        "s3cr/t",
        "require",
        "postgresql://as/written",
    )
    assert "DRYDOCK_X" not in found
    with around.door(TARGET) as door:
        assert door.endpoint == TARGET


def test_program_on_a_copy_finds_no_trace_of_the_target() -> None:
    environ = {"DB_PASS": "s3cr/t", "PGSSLMODE": "require", "PGPASSFILE": "/x", "DRYDOCK_X": "1", "MODE": "trial"}
    around = OnCopy(run=run, environ=environ, target=TARGET)

    found = around.environment(COPY)

    assert (found["DATABASE_URL"], found["PGHOST"], found["MODE"]) == (COPY.url.reveal(), "/run/copy", "trial")
    assert {"DRYDOCK_X", "PGPASSFILE"} & set(found) == set()
    assert [value for value in found.values() if "s3cr/t" in value or "db.example.org" in value] == []


def test_copy_is_reached_by_its_front_and_only_without_tls() -> None:
    around = OnCopy(run=run, environ={}, target=TARGET)
    encrypted = replace(COPY, tls=Tls(mode="require", is_asked_for=True, root="", certificate="", key=""))

    with around.door(COPY) as front, around.door(encrypted) as direct:
        reached = front.endpoint

    assert (reached.host, reached.password != COPY.password) == ("127.0.0.1", True)
    assert direct.endpoint == encrypted

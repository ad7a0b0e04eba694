"""What a program sees of the environment: on a copy, nothing that leads to the target."""

from pathlib import Path

import pytest

from drydock.model import CommandStep
from drydock.postgres.endpoint import NOWHERE, Endpoint
from drydock.postgres.programs import Programs, disarmed
from drydock.process import run
from drydock.redact import Secret

TARGET = Endpoint(
    host="db.example.org", port=6543, user="app", password=Secret("s3cr/t"), database="shop", options="", tls=None
)
COPY = Endpoint(
    host="/run/copy", port=5432, user="app", password=Secret("random"), database="shop", options="", tls=None
)
STEP = CommandStep(
    migrations=(), argv=("node", "x.cjs"), directory=Path("/project"), order="{}", recorded="", released=""
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
    assert disarmed({"VALUE": value}, TARGET, copy=COPY) == {"VALUE": seen}


def test_password_that_is_a_common_word_spoils_no_path() -> None:
    common = Endpoint(
        host="postgres", port=5432, user="postgres", password=Secret("postgres"), database="x", options="", tls=None
    )
    path = "/usr/lib/postgresql/15/bin:/opt/postgres/bin"

    assert disarmed({"PATH": path, "DB_HOST": "postgres"}, common, copy=NOWHERE) == {
        "PATH": path,
        "DB_HOST": "127.0.0.1",
    }


@pytest.mark.parametrize(("copy_of", "is_there"), [(None, True), (TARGET, False)])
def test_address_is_in_the_environment_and_not_in_the_arguments(copy_of: Endpoint | None, is_there: bool) -> None:  # noqa: FBT001
    programs = Programs(
        run=run, environ={"DB_PASS": "s3cr/t", "PGSSLMODE": "disable", "DRYDOCK_X": "1"}, copy_of=copy_of
    )

    command = programs.command(STEP, COPY, order=b"{}")

    assert (command.environment["DATABASE_URL"], command.environment["PGHOST"]) == (COPY.url.reveal(), "/run/copy")
    assert "DRYDOCK_X" not in command.environment
    assert ("s3cr/t" in command.environment.values()) == is_there
    assert command.argv == STEP.argv
    assert command.stdin == b"{}"

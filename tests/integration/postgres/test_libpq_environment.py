"""A child reaches the same database as we do, by its environment alone."""

import subprocess

import pytest

from drydock.errors import UsageError
from drydock.postgres.libpq_environment import libpq_environment
from drydock.redact import Secret
from tests.fixtures.database import TestDatabase
from tests.fixtures.majors import programs_for

PRISMAS = "{url}?schema=public&connection_limit=1&client_encoding=latin1"


@pytest.mark.parametrize("written", ["{url}", PRISMAS, "keywords"])
def test_psql_connects_by_environment_alone(database: TestDatabase, written: str) -> None:
    keywords = (
        f"host={database.host} port={database.port} dbname={database.name} user={database.user} "
        f"password='{database.password}' application_name='a b' keepalives=1"
    )
    address = keywords if written == "keywords" else written.format(url=database.url)

    said = subprocess.run(
        [programs_for(database).binaries / "psql", "-qXAtc", "SELECT current_database(), current_user"],
        env=dict(libpq_environment(Secret(address))),
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.stdout == f"{database.name}|{database.user}\n", said.stderr


def test_every_option_has_its_variable() -> None:
    address = (
        "postgresql://u:p%40ss@h1:1,h2:2/d?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=7&hostaddr=1.2.3.4,"
        "1.2.3.5&target_session_attrs=read-write&keepalives_idle=3&client_encoding=latin1&options=-c%20jit%3Doff"
    )

    found = libpq_environment(Secret(address))

    assert {name: value for name, value in found.items() if name != "PGPASSFILE"} == {
        "PGHOST": "h1,h2",
        "PGHOSTADDR": "1.2.3.4,1.2.3.5",
        "PGPORT": "1,2",
        "PGUSER": "u",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "d",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/ca.pem",
        "PGCONNECT_TIMEOUT": "7",
        "PGTARGETSESSIONATTRS": "read-write",
        "PGOPTIONS": "-c jit=off",
    }


def test_unreadable_address_is_a_usage_error_without_the_address() -> None:
    with pytest.raises(UsageError) as caught:
        libpq_environment(Secret("postgresql://u:canary@h/d?nonsense=1"))

    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None

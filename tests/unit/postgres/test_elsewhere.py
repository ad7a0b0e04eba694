"""The same server's address with another database, user or password."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from drydock.errors import RehearsalError
from drydock.postgres.elsewhere import elsewhere
from drydock.redact import Secret


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:secret@db.example:5433/postgres?sslmode=require",
        "postgresql://ann:secret@db.example/postgres?connect_timeout=3&schema=app&connection_limit=2",
        "host=db.example port=5433 user=ann password='it''s' dbname=postgres",
        "postgresql://ann:p%40ss%2Fw%3F@[::1]:5433/postgres",
        "postgresql://ann@/postgres?host=%2Frun%2Fpostgresql",
        "postgresql://ann:secret@one:1,two:2/postgres?target_session_attrs=read-write",
        "postgresql:///postgres",
        "service=shop",
    ],
)
def test_only_what_is_named_changes(address: str) -> None:
    if "it''s" in address:
        address = address.replace("it''s", r"it\'s")
    before = conninfo_to_dict(address.replace("&schema=app&connection_limit=2", ""))

    found = elsewhere(Secret(address), database='a "b"/c?d', user="bob@x", password=Secret("p:/?#@&= é"))

    expected = {**before, "dbname": 'a "b"/c?d', "user": "bob@x", "password": "p:/?#@&= é"}
    assert conninfo_to_dict(found.reveal()) == expected
    assert found.reveal().startswith("postgresql://")
    assert conninfo_to_dict(elsewhere(Secret(address)).reveal()) == before


def test_password_of_one_user_is_not_given_to_another() -> None:
    found = elsewhere(Secret("postgresql://ann:secret@db/postgres"), user="bob")

    assert found.reveal() == "postgresql://bob@db/postgres"


def test_address_that_libpq_cannot_read_is_not_repeated() -> None:
    with pytest.raises(RehearsalError) as caught:
        elsewhere(Secret("postgresql://ann:canary@db/postgres?nonsense=1"))

    assert "canary" not in str(caught.value) + caught.value.hint

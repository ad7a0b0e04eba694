"""A database on a server that was named: made, kept by its owner, dropped; refused where it may not be made."""

import psycopg
import pytest

from drydock.errors import RehearsalError
from drydock.postgres.administration import ServerAdministration
from drydock.postgres.interface import Locale
from drydock.redact import Secret
from drydock.scratch.given import PREFIX, GivenProvider, Grant
from drydock.scratch.interface import ScratchProvider
from drydock.scratch.premises import Premises
from tests.fixtures.database import TestDatabase
from tests.fixtures.scratch import SHOP, like, not_apart


def provider_on(
    address: str, premises: Premises, administration: ServerAdministration, *, is_disposable: bool = False
) -> ScratchProvider:
    """A provider on the server of this address."""
    grant = Grant(address=Secret(address), disposable=is_disposable)
    return GivenProvider(grant, premises, administration=administration, apart=not_apart)


def scratches_on(server: TestDatabase) -> list[str]:
    """Scratch databases that are there."""
    rows = server.rows("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", PREFIX)
    return [name for (name,) in rows]


@pytest.mark.parametrize("is_disposable", [True, False])
def test_roles_are_taken_where_the_server_is_disposable(
    premises: Premises, administration: ServerAdministration, database: TestDatabase, *, is_disposable: bool
) -> None:
    provider = provider_on(database.url, premises, administration, is_disposable=is_disposable)

    with provider.provide(SHOP, needed_bytes=0) as scratch:
        assert scratch.takes_roles == is_disposable
        assert any("its own settings" in note for note in scratch.notes)


def test_user_without_the_right_is_told_which(
    premises: Premises, administration: ServerAdministration, database: TestDatabase
) -> None:
    provider = provider_on(database.role("plain").url, premises, administration)

    with pytest.raises(RehearsalError, match="permission denied to create database") as caught:
        provider.provide(SHOP, needed_bytes=0).__enter__()
    assert "CREATEDB" in caught.value.hint
    assert not scratches_on(database)


def test_user_with_that_right_alone_will_do(
    premises: Premises, administration: ServerAdministration, database: TestDatabase
) -> None:
    provider = provider_on(database.role("maker", "LOGIN CREATEDB").url, premises, administration)

    likeness = like(encoding="SQL_ASCII", locale=Locale(collate="C.UTF-8", ctype="C.UTF-8"))

    with provider.provide(likeness, needed_bytes=0) as scratch:
        with psycopg.connect(scratch.address.reveal(), client_encoding="utf8") as session:
            session.execute("CREATE TABLE t ()")
        assert scratches_on(database)

    assert not scratches_on(database)


def test_sessions_and_prepared_transactions_do_not_keep_it(
    premises: Premises, administration: ServerAdministration, database: TestDatabase
) -> None:
    provider = provider_on(database.url, premises, administration)

    with provider.provide(SHOP, needed_bytes=0) as scratch:
        left = psycopg.connect(scratch.address.reveal())
        left.execute("CREATE TABLE t ()")
        left.execute("PREPARE TRANSACTION 'it''s left'")
        left.execute("SELECT 1")

    assert not scratches_on(database)
    left.close()


def test_server_that_is_the_targets_gets_no_database(
    premises: Premises, administration: ServerAdministration, database: TestDatabase
) -> None:
    asked = []

    def apart(address: Secret) -> None:
        assert address.reveal() == database.url
        asked.append(scratches_on(database))
        raise RehearsalError("The scratch server is the target's own server.")

    grant = Grant(address=Secret(database.url), disposable=True)
    provider = GivenProvider(grant, premises, administration=administration, apart=apart)
    with pytest.raises(RehearsalError, match="own server"):
        provider.provide(SHOP, needed_bytes=0).__enter__()

    assert asked == [[]]


def test_abandoned_database_in_use_and_others_stay(
    administration: ServerAdministration, database: TestDatabase
) -> None:
    names = [f"{PREFIX}0123456789ab", f"{PREFIX}ba9876543210", f"{PREFIX}short", f"{PREFIX}0123456789ab_kept"]
    try:
        for name in names:
            database.execute(f'CREATE DATABASE "{name}"')
        used = administration.elsewhere(Secret(database.url), database=names[1])
        with psycopg.connect(used.reveal()):
            dropped = administration.drop_abandoned(Secret(database.url), PREFIX)

        assert dropped == (names[0],)
        assert sorted(scratches_on(database)) == sorted(names[1:])
    finally:
        for name in names:
            database.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

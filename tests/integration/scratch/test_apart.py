"""The scratch is not the target: shown by a lock, not by names or identifiers."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from drydock.errors import RehearsalError
from drydock.interruption import Interruption
from drydock.postgres.address import address_of
from drydock.postgres.administration import ServerAdministration
from drydock.postgres.connect import Connector, Patience
from drydock.postgres.session import Session
from drydock.postgres.witness import witness
from drydock.redact import Secret
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.interface import Scratch
from tests.fixtures.scratch import SHOP, eventually, like

IDENTIFIER = "SELECT system_identifier FROM pg_control_system()"
HELD = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'"


@pytest.fixture
def target(embedded: EmbeddedProvider) -> Iterator[Scratch]:
    """A server that is the target."""
    with embedded.provide(SHOP, needed_bytes=0) as scratch:
        yield scratch


def say_nothing(line: str) -> None:
    """Drop what is said."""


def session_on(address: Secret) -> Session:
    """A session as the rest of the program has them."""
    patience = Patience(attempt=timedelta(seconds=10), total=timedelta(seconds=10))
    return Connector(address=address_of(address), patience=patience, stop=Interruption(), say=say_nothing).open()


def test_target_is_known_from_each_of_its_databases(target: Scratch, administration: ServerAdministration) -> None:
    with witness(lambda: session_on(target.address)) as nonce:
        for database in ("shop", "postgres"):
            with pytest.raises(RehearsalError, match="the target's own server"):
                administration.require_apart(administration.elsewhere(target.address, database=database), nonce)

    administration.require_apart(target.address, nonce)


def test_clone_with_the_targets_identifier_is_another_server(
    target: Scratch, embedded: EmbeddedProvider, administration: ServerAdministration
) -> None:
    with embedded.provide(like(database="shop"), needed_bytes=0) as clone:
        identifiers = set()
        for one in (target, clone):
            with psycopg.connect(one.address.reveal()) as session:
                identifiers.add(session.execute(IDENTIFIER).fetchone())
        assert len(identifiers) == 1

        with witness(lambda: session_on(target.address)) as nonce:
            administration.require_apart(clone.address, nonce)


def test_witness_lets_its_lock_go(target: Scratch) -> None:
    with witness(lambda: session_on(target.address)):
        pass

    with psycopg.connect(target.address.reveal(), autocommit=True) as session:
        assert eventually(lambda: session.execute(HELD).fetchall() == [])

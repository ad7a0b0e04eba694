"""What every provider of a scratch promises, whichever kind it is."""

from collections.abc import Iterator

import psycopg
import pytest

from drydock.errors import RehearsalError
from drydock.postgres.administration import ServerAdministration
from drydock.redact import Secret
from drydock.scratch.clone import CloneProvider
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.given import GivenProvider, Grant
from drydock.scratch.interface import ScratchProvider
from drydock.scratch.premises import Premises
from tests.fixtures.database import TestDatabase
from tests.fixtures.scratch import SHOP, like, not_apart, processes_in

KINDS = ("embedded", "given", "clone")


class OwnError(Exception):
    """Something of the caller's goes wrong."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Every kind of scratch."""
    return str(request.param)


@pytest.fixture
def provider(
    kind: str, premises: Premises, administration: ServerAdministration, request: pytest.FixtureRequest
) -> Iterator[ScratchProvider]:
    """One provider of each kind."""
    if kind == "embedded":
        yield EmbeddedProvider(premises, administration)
        return
    server: TestDatabase = request.getfixturevalue("database")
    if kind == "given":
        grant = Grant(address=Secret(server.url), disposable=False)
        yield GivenProvider(grant, premises, administration=administration, apart=not_apart)
    else:
        yield CloneProvider(Secret(server.url), premises, administration=administration, apart=not_apart)


def test_scratch_says_its_kind_and_can_be_used(provider: ScratchProvider, kind: str) -> None:
    with provider.provide(SHOP, needed_bytes=0) as scratch:
        assert scratch.kind == kind
        with psycopg.connect(scratch.address.reveal()) as session:
            session.execute("CREATE TABLE t (a integer); INSERT INTO t VALUES (1)")


def test_what_is_to_be_filled_is_empty(provider: ScratchProvider) -> None:
    with provider.provide(SHOP, needed_bytes=0) as scratch, psycopg.connect(scratch.address.reveal()) as session:
        found = session.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone()

    assert found == (0,) or not scratch.takes_content


def test_two_scratches_at_once_are_two(provider: ScratchProvider, kind: str) -> None:
    with provider.provide(SHOP, needed_bytes=0) as one, provider.provide(SHOP, needed_bytes=0) as other:
        assert one.directory != other.directory
        assert one.address != other.address or kind == "clone"


def test_content_outlives_settling(provider: ScratchProvider) -> None:
    with provider.provide(SHOP, needed_bytes=0) as scratch:
        with psycopg.connect(scratch.address.reveal(), autocommit=True) as session:
            session.execute("CREATE TABLE kept AS SELECT 1 AS a")

        scratch.settle()

        with psycopg.connect(scratch.address.reveal()) as session:
            assert session.execute("SELECT a FROM kept").fetchall() == [(1,)]


def test_directory_is_private_writable_and_gone_afterwards(provider: ScratchProvider, premises: Premises) -> None:
    with provider.provide(SHOP, needed_bytes=0) as scratch:
        (scratch.directory / "dump").write_text("x")
        assert scratch.directory.stat().st_mode & 0o077 == 0
        assert (scratch.room_bytes() or 1) > 0

    (place,) = premises.places
    assert list(place.iterdir()) == []
    assert list(processes_in(place)) == []


def test_nothing_is_left_when_the_caller_fails(provider: ScratchProvider, premises: Premises) -> None:
    with pytest.raises(OwnError), provider.provide(SHOP, needed_bytes=0) as scratch:
        raise OwnError

    (place,) = premises.places
    assert list(place.iterdir()) == []
    assert list(processes_in(place)) == []
    if scratch.takes_content:
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(scratch.address.reveal())


def test_database_is_seen_as_another_role(provider: ScratchProvider, kind: str) -> None:
    role = f"reader_{kind}"
    with provider.provide(SHOP, needed_bytes=0) as scratch:
        with psycopg.connect(scratch.address.reveal(), autocommit=True) as session:
            session.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'a/b@c'")
            database = session.info.dbname
        with psycopg.connect(scratch.address_as(role, Secret("a/b@c")).reveal()) as session:
            assert (session.info.user, session.info.dbname) == (role, database)
        with psycopg.connect(scratch.address.reveal(), autocommit=True) as session:
            session.execute(f"DROP ROLE {role}")


def test_no_secret_shows(provider: ScratchProvider) -> None:
    with provider.provide(SHOP, needed_bytes=0) as scratch:
        shown = f"{scratch!r} {scratch.address} {scratch.notes}"

    password = psycopg.conninfo.conninfo_to_dict(scratch.address.reveal())["password"]
    assert str(password) not in shown


def test_another_major_is_noted(provider: ScratchProvider) -> None:
    likeness = like(major=10)

    with provider.provide(likeness, needed_bytes=0) as scratch:
        assert any("the target's is 10" in note for note in scratch.notes)


@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_server_that_does_not_answer_is_a_rehearsal_that_cannot_be(
    kind: str, premises: Premises, administration: ServerAdministration
) -> None:
    nobody = Secret("postgresql://someone:canary@127.0.0.1:1/shop")
    grant = Grant(address=nobody, disposable=False)
    provider: ScratchProvider = (
        GivenProvider(grant, premises, administration=administration, apart=not_apart)
        if kind == "given"
        else CloneProvider(nobody, premises, administration=administration, apart=not_apart)
    )

    with pytest.raises(RehearsalError, match="host 127") as caught, provider.provide(SHOP, needed_bytes=0):
        pass
    assert "canary" not in str(caught.value) + caught.value.hint

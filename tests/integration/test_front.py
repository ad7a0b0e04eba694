"""The front of a copy: who has the password gets through, byte for byte; everybody else is turned away and counted."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from drydock.postgres.endpoint import Endpoint
from drydock.postgres.front import Front
from drydock.redact import Secret
from tests.fixtures.database import TestDatabase


def endpoint_of(database: TestDatabase) -> Endpoint:
    return Endpoint(
        host=database.host,
        port=database.port,
        user=database.user,
        password=Secret(database.password),
        database=database.name,
        options="",
        tls=None,
    )


@contextlib.contextmanager
def session(front: Front, **more: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    made = psycopg.connect(front.endpoint.url.reveal(), autocommit=True, connect_timeout=5, **more)  # type: ignore[arg-type] # any keyword
    with contextlib.closing(made):
        yield made


def test_session_with_the_password_gets_through_and_is_counted(database: TestDatabase) -> None:
    with Front(endpoint_of(database)) as front, session(front) as one, session(front) as other:
        assert one.execute("SELECT current_database(), 1").fetchall() == [(database.name, 1)]
        assert other.info.server_version == one.info.server_version > 0
        assert one.info.backend_pid == one.execute("SELECT pg_backend_pid()").fetchone()[0]  # type: ignore[index] # a row

    assert (front.sessions, front.strangers) == (2, 0)


def test_session_without_the_password_is_turned_away(database: TestDatabase) -> None:
    with Front(endpoint_of(database)) as front:
        stranger = replace(front.endpoint, password=Secret(database.password))
        with pytest.raises(psycopg.OperationalError, match="no such password"):
            psycopg.connect(stranger.url.reveal(), connect_timeout=5)

    assert (front.sessions, front.strangers) == (0, 1)


def test_password_of_the_copy_is_not_the_fronts(database: TestDatabase) -> None:
    with Front(endpoint_of(database)) as front, Front(endpoint_of(database)) as other:
        passwords = {front.endpoint.password, other.endpoint.password, Secret(database.password)}

    assert len(passwords) == 3


def test_settings_that_the_client_starts_with_are_in_force(database: TestDatabase) -> None:
    options = "-c lock_timeout=123ms -c DateStyle=SQL,\\ DMY"

    with Front(endpoint_of(database)) as front, session(front, application_name="me", options=options) as one:
        shown = one.execute(
            "SELECT current_setting('application_name'), current_setting('lock_timeout'), current_setting('DateStyle')"
        ).fetchall()

    assert shown == [("me", "123ms", "SQL, DMY")]


def test_a_lot_passes_in_both_directions_at_once(database: TestDatabase) -> None:
    rows = 200_000
    with Front(endpoint_of(database)) as front, session(front) as one:
        one.execute("CREATE TABLE many (n integer, t text)")
        with one.cursor().copy("COPY many FROM STDIN") as copy:
            for number in range(rows):
                copy.write_row((number, "x" * 20))
        with one.pipeline():
            cursors = [one.execute("SELECT n, t FROM many") for _ in range(3)]

        assert [len(cursor.fetchall()) for cursor in cursors] == [rows] * 3


def test_cancel_reaches_the_session_that_it_is_for(database: TestDatabase) -> None:
    with Front(endpoint_of(database)) as front, session(front) as one:
        threading.Timer(0.3, one.cancel_safe).start()

        with pytest.raises(psycopg.errors.QueryCanceled):
            one.execute("SELECT pg_sleep(30)")


def test_copy_that_does_not_answer_is_told(database: TestDatabase) -> None:
    gone = replace(endpoint_of(database), port=1)

    with Front(gone) as front, pytest.raises(psycopg.OperationalError, match="the copy does not take this session"):
        psycopg.connect(front.endpoint.url.reveal(), connect_timeout=5)


def test_nothing_listens_and_nothing_is_open_afterwards(database: TestDatabase) -> None:
    with Front(endpoint_of(database)) as front:
        left = psycopg.connect(front.endpoint.url.reveal(), autocommit=True, connect_timeout=5)
        url = front.endpoint.url.reveal()

    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=5)
    left.close()

"""Reading a catalog waits for nobody, changes nothing, and costs few round trips."""

from datetime import timedelta

import pytest

from drydock.errors import UnreachableError
from drydock.model import Catalog, NotRead
from drydock.model.difference import difference
from drydock.postgres.catalog import read_catalog
from drydock.redact import Secret
from tests.fixtures.database import TestDatabase
from tests.fixtures.proxy import Latency, Proxied
from tests.integration.planted import GIVEN

SLOW_LINE = Latency(to_server=0.02, to_client=0.02)
SOON = timedelta(milliseconds=200)


def test_locked_view_is_not_waited_for_and_is_told(database: TestDatabase) -> None:
    database.execute(GIVEN)
    with database.connect(autocommit=False) as session:
        session.execute("LOCK ship IN ACCESS EXCLUSIVE MODE")

        found = read_catalog(Secret(database.url), lock_timeout=SOON)

    assert found == NotRead(reason="a session held a lock for longer than 0.2 s")


def test_role_without_any_right_reads_the_same_catalog(database: TestDatabase) -> None:
    database.execute(GIVEN + "CREATE SCHEMA closed; CREATE TABLE closed.t (a integer);")
    database.execute("CREATE PUBLICATION of_closed FOR TABLE closed.t; REVOKE ALL ON SCHEMA public FROM PUBLIC")
    stranger = database.role("stranger")
    for name, value in (("datestyle", "'German'"), ("search_path", "closed"), ("timezone", "'Asia/Tokyo'")):
        database.execute(f'ALTER ROLE "{stranger.user}" SET {name} = {value}')

    found, seen = read_catalog(Secret(database.url)), read_catalog(Secret(stranger.url))

    assert isinstance(found, Catalog)
    assert isinstance(seen, Catalog)
    assert difference(found, seen) == ()


def test_wrong_password_is_no_catalog_that_was_not_read(database: TestDatabase) -> None:
    wrong = Secret(database.url.replace(database.password, "nonsense"))

    with pytest.raises(UnreachableError) as caught:
        read_catalog(wrong)

    assert "nonsense" not in str(caught.value)


def test_all_queries_travel_in_one_round_trip(database: TestDatabase, proxied: Proxied) -> None:
    database.execute(GIVEN)
    proxy = proxied(database, latency=SLOW_LINE)

    read_catalog(Secret(proxy.url))

    assert proxy.round_trips_when_ready <= 2

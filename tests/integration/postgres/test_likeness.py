"""What a scratch must be like is what the server says, in one round trip."""

import pytest
from psycopg import sql

from drydock.postgres.interface import Locale
from drydock.postgres.likeness import read_bearing
from tests.fixtures.database import TestDatabase, fresh_database
from tests.fixtures.proxy import Latency, Proxied
from tests.integration.snapshot.dumpers import reading


def test_bearing_is_what_the_server_says(database: TestDatabase) -> None:
    database.execute("CREATE TABLE ship (id serial PRIMARY KEY, name text); CREATE TABLE never_counted (id integer)")
    database.execute("INSERT INTO ship (name) SELECT repeat('x', 500) FROM generate_series(1, 1000)")
    database.execute("ANALYZE ship")

    with reading(database) as reader:
        bearing = read_bearing(reader)

    assert bearing.likeness.major == int(database.value("SHOW server_version_num")) // 10000
    assert bearing.likeness.database == database.name
    assert (bearing.likeness.encoding, bearing.likeness.locale) == ("UTF8", Locale(collate="C", ctype="C"))
    assert bearing.likeness.timezone == "UTC"
    assert bearing.likeness.wal_level == database.value("SHOW wal_level")
    assert bearing.likeness.full_page_writes is (database.value("SHOW full_page_writes") == "on")
    assert bearing.likeness.checksums is (database.value("SHOW data_checksums") == "on")
    assert bearing.server_version == database.value("SHOW server_version").split()[0]
    assert bearing.size_bytes >= database.value("SELECT pg_relation_size('ship')")
    sizes = {table.name: table for table in bearing.tables}
    assert sizes["public.ship"].rows == 1000
    heap, indexes = database.rows("SELECT pg_relation_size('ship'), pg_relation_size('ship_pkey')")[0]
    assert heap <= sizes["public.ship"].size_bytes <= heap + 2 * indexes
    assert sizes["public.never_counted"].rows is None


def test_locale_of_icu_is_told(maintenance: TestDatabase) -> None:
    if "i" not in {kind for (kind,) in maintenance.rows("SELECT DISTINCT collprovider FROM pg_collation")}:
        pytest.skip("the server was built without ICU")
    wanted = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' LC_COLLATE 'C' LC_CTYPE 'C'"
    with fresh_database(maintenance) as database:
        name = sql.Identifier(database.name)
        with maintenance.connect() as session:
            session.execute(sql.SQL("DROP DATABASE {}").format(name))
            session.execute(sql.SQL("CREATE DATABASE {} ").format(name) + sql.SQL(wanted))
        with reading(database) as reader:
            found = read_bearing(reader).likeness.locale

    assert found == Locale(provider="icu", name="de-DE", collate="C", ctype="C")


@pytest.mark.parametrize("setting", ["DATABASE {name}", 'ROLE "{role}"', 'ROLE "{role}" IN DATABASE {name}'])
def test_time_zone_is_that_of_the_deploying_roles_sessions(database: TestDatabase, setting: str) -> None:
    deployer = database.role("deployer")
    changed = setting.format(name=database.name, role=deployer.user)
    database.execute(f"ALTER {changed} SET timezone = 'Europe/Berlin'")

    with reading(deployer) as reader:
        assert read_bearing(reader).likeness.timezone == "Europe/Berlin"


def test_bearing_takes_one_round_trip(database: TestDatabase, proxied: Proxied) -> None:
    proxy = proxied(database, latency=Latency(to_server=0.02, to_client=0.02))
    with reading(proxy.database) as reader:
        reader.describe()
        before = proxy.round_trips

        read_bearing(reader)

    assert proxy.round_trips - before == 1

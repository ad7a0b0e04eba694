"""What a scratch must be like is what the server says, in one round trip."""

from drydock.postgres.likeness import read_bearing
from tests.fixtures.database import TestDatabase
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
    assert (bearing.likeness.encoding, bearing.likeness.collate, bearing.likeness.ctype) == ("UTF8", "C", "C")
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


def test_bearing_takes_one_round_trip(database: TestDatabase, proxied: Proxied) -> None:
    proxy = proxied(database, latency=Latency(to_server=0.02, to_client=0.02))
    with reading(proxy.database) as reader:
        reader.describe()
        before = proxy.round_trips

        read_bearing(reader)

    assert proxy.round_trips - before == 1

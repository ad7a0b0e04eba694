"""A copy made by a dump shows no drift, whatever majors are on both sides; what really differs is told."""

import subprocess
from collections.abc import Iterator

import pytest

from drydock.model import Catalog, Change, NotRead, Skipped
from drydock.model.drift import drift, invalid_indexes, unvalidated_constraints
from drydock.postgres.catalog import read_catalog
from drydock.redact import Secret
from tests.fixtures.database import TestDatabase, fresh_database
from tests.fixtures.majors import ServerOf, programs_of
from tests.integration.planted import GIVEN, IN_TABLES, Planted
from tests.integration.planted_elsewhere import ELSEWHERE
from tests.integration.rich_schema import RICH

PAIRS = [(15, 15), (15, 16), (15, 18), (16, 16), (16, 18), (18, 18)]


@pytest.fixture(params=PAIRS, ids=lambda pair: f"target {pair[0]}, scratch {pair[1]}")
def pair(request: pytest.FixtureRequest, server_of: ServerOf) -> Iterator[tuple[TestDatabase, TestDatabase]]:
    """An empty target, and an empty scratch of the same or a later major."""
    target, scratch = request.param
    with fresh_database(server_of(target)) as one, fresh_database(server_of(scratch)) as other:
        yield one, other


def test_copy_made_by_a_dump_shows_no_drift(pair: tuple[TestDatabase, TestDatabase]) -> None:
    target, scratch = pair
    target.execute(RICH)

    copy_schema(target, scratch)

    assert told(drift(catalog_of(scratch), catalog_of(target))) == []


def test_invalid_index_and_unvalidated_constraint_are_no_drift_and_are_named(database: TestDatabase) -> None:
    database.execute("CREATE TABLE t (a integer, b integer)")
    copy = catalog_of(database)
    database.execute("INSERT INTO t VALUES (1), (1)")
    database.execute("ALTER TABLE t ADD CONSTRAINT positive CHECK (b > 0) NOT VALID")
    with database.connect() as session, pytest.raises(Exception, match="could not create unique index"):
        session.execute("CREATE UNIQUE INDEX CONCURRENTLY half ON t (a)")
    found = catalog_of(database)

    assert told(drift(copy, found)) == ["+ constraint public.t.positive"]
    assert invalid_indexes(found) == ("public.half",)
    assert unvalidated_constraints(found) == ("public.t.positive",)


NO_DRIFT = {"materialised view emptied"}
"""Changes that a dump does not carry."""


@pytest.mark.parametrize("planted", IN_TABLES + ELSEWHERE, ids=lambda planted: planted.id)
def test_what_was_changed_by_hand_is_drift(database: TestDatabase, planted: Planted) -> None:
    database.execute(GIVEN)
    copy = catalog_of(database)

    database.execute(planted.sql)

    assert bool(drift(copy, catalog_of(database))) is (planted.id not in NO_DRIFT)


def test_what_was_skipped_is_no_drift(database: TestDatabase) -> None:
    copy = catalog_of(database)
    database.execute("CREATE TABLE t (id serial PRIMARY KEY, a text DEFAULT 'x'); CREATE INDEX i ON t (a)")
    database.execute("COMMENT ON COLUMN t.a IS 'x'; CREATE PUBLICATION pieces FOR TABLE t")
    skipped = (
        Skipped(kind="table", name="public.t", reason="a type is missing", relations=("public.t",)),
        Skipped(kind="publication", name="pieces", reason="not on a copy"),
    )

    assert drift(copy, catalog_of(database), skipped=skipped) == ()


def copy_schema(target: TestDatabase, scratch: TestDatabase) -> None:
    """What the rehearsal does, with the programs of the scratch's major."""
    bin_folder = programs_of(int(scratch.value("SHOW server_version_num")) // 10000).binaries
    dump = subprocess.run([bin_folder / "pg_dump", "--schema-only", target.url], capture_output=True, check=True)
    restored = subprocess.run(
        [bin_folder / "psql", "-qX", "-v", "ON_ERROR_STOP=1", scratch.url],
        input=dump.stdout,
        capture_output=True,
        check=False,
    )
    assert restored.returncode == 0, restored.stderr.decode()


def catalog_of(database: TestDatabase) -> Catalog:
    """The catalog of a database that nobody locks."""
    found = read_catalog(Secret(database.url))
    assert not isinstance(found, NotRead), found.reason
    return found


def told(changes: tuple[Change, ...]) -> list[str]:
    """Each as a line."""
    return [str(change) for change in changes]

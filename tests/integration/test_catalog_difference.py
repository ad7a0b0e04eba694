"""The comparer of `histories` sees every planted difference and names it, and none where there is none."""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from drydock.model import Catalog
from histories.catalog import difference, read_catalog, read_contents
from histories.history import histories_in
from histories.reference import Messages
from tests.fixtures.database import TestDatabase
from tests.integration.planted import GIVEN, IN_TABLES, Planted
from tests.integration.planted_elsewhere import ELSEWHERE

HISTORIES = Path(__file__).parents[1] / "fixtures" / "histories"

FRESH = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"


@pytest.mark.parametrize("planted", IN_TABLES + ELSEWHERE, ids=lambda planted: planted.id)
def test_planted_difference_is_seen_and_named(database: TestDatabase, planted: Planted) -> None:
    run(database, GIVEN)
    before = read_catalog(database.url)

    run(database, planted.sql)
    lines = difference(before, read_catalog(database.url))

    assert any(line.startswith(planted.told) for line in lines), lines


def test_invalid_index_is_seen(database: TestDatabase) -> None:
    run(database, GIVEN)
    run(database, "CREATE INDEX port_name ON port (name)")
    before = read_catalog(database.url)

    run(database, "DROP INDEX port_name")
    with pytest.raises(psycopg.errors.UniqueViolation):
        run(database, "CREATE UNIQUE INDEX CONCURRENTLY port_name ON port (name)")
    lines = difference(before, read_catalog(database.url))

    assert "index public.port_name: valid is true in the first, false in the second" in lines


def test_rows_and_sequence_positions_are_contents(database: TestDatabase) -> None:
    run(database, GIVEN)
    catalog, contents = read_catalog(database.url), read_contents(database.url)

    run(database, "INSERT INTO port VALUES (3); SELECT nextval('ticket')")

    assert difference(catalog, read_catalog(database.url)) == ()
    assert difference(contents, read_contents(database.url)) == (
        "row count public.port: rows is 2 in the first, 3 in the second",
        "sequence position public.ticket: last value is not there in the first, 1 in the second",
    )


def test_parts_of_a_lone_table_are_not_told_again(database: TestDatabase) -> None:
    before = read_catalog(database.url)

    run(database, "CREATE TABLE pier (id serial PRIMARY KEY, length integer CHECK (length > 0))")
    run(database, "COMMENT ON COLUMN pier.length IS 'in metres'; GRANT SELECT ON pier TO PUBLIC")
    lines = difference(before, read_catalog(database.url))

    assert lines == ("table public.pier: only in the second",)


def test_what_is_excluded_leaves_no_trace(database: TestDatabase) -> None:
    before = read_catalog(database.url)

    run(database, "CREATE SCHEMA drydock; CREATE TABLE drydock.deploys (id serial PRIMARY KEY, said text)")
    run(database, "CREATE TABLE _history (id serial PRIMARY KEY, said text UNIQUE CHECK (said <> ''))")
    run(database, "COMMENT ON TABLE _history IS 'x'; COMMENT ON TABLE drydock.deploys IS 'y'")
    after = read_catalog(database.url, excluding=("drydock", "public._history"))

    assert difference(before, after) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "CREATE TABLE t (a integer, b text DEFAULT 'x')",
            "CREATE TABLE t (a integer); ALTER TABLE t ADD b text DEFAULT 'x'",
            id="column created and column added",
        ),
        pytest.param(
            "CREATE TABLE t (a integer, c integer)",
            "CREATE TABLE t (a integer, b integer, c integer); ALTER TABLE t DROP b",
            id="column never there and column dropped",
        ),
        pytest.param(
            "CREATE TABLE t (a integer CONSTRAINT t_key PRIMARY KEY)",
            "CREATE TABLE t (a integer); ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY (a)",
            id="constraint in the table and constraint added",
        ),
        pytest.param(
            "CREATE TABLE t (a integer CHECK (a > 0))",
            "CREATE TABLE t (a integer); ALTER TABLE t ADD CHECK (a > 0) NOT VALID;"
            " ALTER TABLE t VALIDATE CONSTRAINT t_a_check",
            id="constraint at once and constraint validated later",
        ),
        pytest.param(
            "CREATE TABLE t (a integer); CREATE INDEX i ON t (a)",
            "CREATE TABLE u (a integer); CREATE INDEX j ON u (a); ALTER TABLE u RENAME TO t; ALTER INDEX j RENAME TO i",
            id="name given and name changed",
        ),
        pytest.param(
            "CREATE TYPE e AS ENUM ('a', 'b', 'c')",
            "CREATE TYPE e AS ENUM ('a', 'c'); ALTER TYPE e ADD VALUE 'b' BEFORE 'c'",
            id="enum labels at once and one put between",
        ),
        pytest.param(
            "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON FUNCTION f() TO PUBLIC",
            id="right by default and right granted",
        ),
        pytest.param(
            "CREATE TABLE t (a integer); CREATE VIEW v AS SELECT a FROM t",
            "CREATE TABLE t (a integer); SET search_path = '';"
            " CREATE VIEW public.v AS SELECT a FROM public.t; SET search_path = public",
            id="name found on the path and name qualified",
        ),
        pytest.param(
            "CREATE TABLE t (a serial)",
            "CREATE SEQUENCE t_a_seq AS integer;"
            " CREATE TABLE t (a integer NOT NULL DEFAULT nextval('t_a_seq'));"
            " ALTER SEQUENCE t_a_seq OWNED BY t.a",
            id="serial and its parts",
        ),
        pytest.param(
            "CREATE TABLE p (a integer) PARTITION BY LIST (a); CREATE TABLE c PARTITION OF p FOR VALUES IN (1)",
            "CREATE TABLE p (a integer) PARTITION BY LIST (a);"
            " CREATE TABLE d PARTITION OF p FOR VALUES IN (2);"
            " CREATE TABLE c PARTITION OF p FOR VALUES IN (1); DROP TABLE d",
            id="partition alone and partition left over",
        ),
    ],
)
def test_same_end_by_different_routes_is_equal(database: TestDatabase, one: str, other: str) -> None:
    first = built(database, one)
    second = built(database, other)

    assert difference(first, second) == ()
    assert first == second


def test_dumped_and_restored_database_is_equal(database: TestDatabase) -> None:
    pg_dump = program("pg_dump", int(database.value("SHOW server_version_num")) // 10000)
    kinds = next(found for found in histories_in(HISTORIES) if found.name == "prisma-many-kinds")
    run(database, FRESH)
    Messages().run(kinds, database.url)
    before = read_catalog(database.url), read_contents(database.url)

    dump = subprocess.run([pg_dump, "--inserts", database.url], capture_output=True, check=True, text=True)
    run(database, FRESH)
    # Newer versions of pg_dump put psql's own \restrict around what they write.
    run(database, re.sub(r"(?m)^\\(un)?restrict .*$", "", dump.stdout))
    after = read_catalog(database.url), read_contents(database.url)

    assert [difference(*pair) for pair in zip(before, after, strict=True)] == [(), ()]


def run(database: TestDatabase, sql: str) -> None:
    """Send a script in one message."""
    database.execute(sql)


def built(database: TestDatabase, sql: str) -> Catalog:
    """Return the catalog of a database in which only `sql` has run."""
    run(database, FRESH)
    run(database, sql)
    return read_catalog(database.url)


def program(name: str, server_major: int) -> str:
    """Find a client program that is not older than the server, or skip."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not on the PATH")
    said = subprocess.run([path, "--version"], capture_output=True, check=True, text=True).stdout
    major = re.search(r"\d+", said)
    if major is None or int(major[0]) < server_major:
        pytest.skip(f"{said.strip()} is older than the server, {server_major}")
    return path

"""Rows of a small table get across unchanged, whatever is in them."""

import pytest

from drydock.errors import RehearsalError
from drydock.model import Table
from drydock.postgres.rows import copy_rows
from drydock.redact import Secret
from tests.fixtures.database import TestDatabase

HISTORY = Table(schema='Odd "one"', name="Hist ory")
NAME = '"Odd ""one"""."Hist ory"'
CREATE = 'CREATE SCHEMA "Odd ""one""";'
CANARY = "canary-4711"


def test_rows_arrive_unchanged(database: TestDatabase, second_database: TestDatabase) -> None:
    database.execute(
        f"{CREATE} CREATE TABLE {NAME} (gone int, id int, b bytea, t text, g int GENERATED ALWAYS AS (id) "
        f"STORED, at timestamptz); ALTER TABLE {NAME} DROP gone"
    )
    second_database.execute(f"{CREATE} CREATE TABLE {NAME} (at timestamptz, t text, id int, b bytea, g int)")
    database.execute(
        f"INSERT INTO {NAME} VALUES (1, '\\x0001ff', E'a\\tb\\nc\\\\d', default, now());"
        f"INSERT INTO {NAME} VALUES (2, NULL, '\\N')"
    )
    database.execute(f"ALTER DATABASE {database.name} SET datestyle = 'German'")

    copied = copy_rows(Secret(database.url), Secret(second_database.url), tables=(HISTORY,))

    columns = f"SELECT id, b, t, extract(epoch FROM at) FROM {NAME} ORDER BY id"
    assert copied == 2
    assert second_database.rows(columns) == database.rows(columns)


def test_table_that_is_not_there_has_no_rows(database: TestDatabase, second_database: TestDatabase) -> None:
    assert copy_rows(Secret(database.url), Secret(second_database.url), tables=(HISTORY,)) == 0


def test_locked_table_is_told(database: TestDatabase, second_database: TestDatabase) -> None:
    for one in (database, second_database):
        one.execute(f"{CREATE} CREATE TABLE {NAME} (id int)")
    with database.connect(autocommit=False) as session:
        session.execute(f"LOCK {NAME}")

        with pytest.raises(RehearsalError, match="A session holds a lock on Odd"):
            copy_rows(Secret(database.url), Secret(second_database.url), tables=(HISTORY,))


def test_refused_row_is_not_quoted(database: TestDatabase, second_database: TestDatabase) -> None:
    database.execute(f"{CREATE} CREATE TABLE {NAME} (t text); INSERT INTO {NAME} VALUES ('{CANARY}')")
    second_database.execute(f"{CREATE} CREATE TABLE {NAME} (t text CHECK (t = 'x'))")

    with pytest.raises(RehearsalError, match=r"check violation \(23514\)") as caught:
        copy_rows(Secret(database.url), Secret(second_database.url), tables=(HISTORY,))

    assert CANARY not in caught.value.what
    assert second_database.value(f"SELECT count(*) FROM {NAME}") == 0


def test_rows_that_a_policy_hides_are_an_error(database: TestDatabase, second_database: TestDatabase) -> None:
    database.execute(f"{CREATE} CREATE TABLE {NAME} (t text); ALTER TABLE {NAME} ENABLE ROW LEVEL SECURITY")
    database.execute(f'GRANT USAGE ON SCHEMA "Odd ""one""" TO PUBLIC; GRANT SELECT ON {NAME} TO PUBLIC')
    second_database.execute(f"{CREATE} CREATE TABLE {NAME} (t text)")
    stranger = database.role("stranger")

    with pytest.raises(RehearsalError, match="cannot be copied"):
        copy_rows(Secret(stranger.url), Secret(second_database.url), tables=(HISTORY,))

"""The closed list against a real server: what must run outside a transaction block is refused in one."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.fixtures.database import TestDatabase
from tests.unit.sql.closed_list import ROWS, Row

REFUSED = [row for row in ROWS if row.outside]

OBJECTS = """
CREATE TABLE t (a int);
CREATE INDEX t_a ON t (a);
CREATE TABLE pt (a int) PARTITION BY LIST (a);
CREATE TABLE pt_1 PARTITION OF pt FOR VALUES IN (1)
"""
# REFRESH is refused earlier, and for another reason, while the subscription is off.
SUBSCRIPTION = (
    "CREATE SUBSCRIPTION s CONNECTION 'host=/nonexistent' PUBLICATION p WITH (connect = 0, slot_name = s)",
    "ALTER SUBSCRIPTION s ENABLE",
)
# A database cannot be dropped while it has a subscription, nor a subscription whose slot is out of reach.
NO_SUBSCRIPTION = (
    "ALTER SUBSCRIPTION s DISABLE",
    "ALTER SUBSCRIPTION s SET (slot_name = NONE)",
    "DROP SUBSCRIPTION s",
)


@pytest.fixture
def furnished(database: TestDatabase) -> Iterator[TestDatabase]:
    database.execute(OBJECTS)
    for command in SUBSCRIPTION:
        database.execute(command)
    try:
        yield database
    finally:
        for command in NO_SUBSCRIPTION:
            database.execute(command)


def refusal(database: TestDatabase, row: Row) -> str | None:
    with database.connect(autocommit=False) as session:
        try:
            session.execute(row.sql.encode())
        except psycopg.Error as error:
            session.rollback()
            return error.sqlstate
        session.rollback()
        return None


def test_server_refuses_each_of_them_inside_a_transaction_block(furnished: TestDatabase) -> None:
    answers = {row.sql: refusal(furnished, row) for row in REFUSED}

    assert answers == dict.fromkeys(answers, "25001")

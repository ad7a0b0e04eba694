"""What the server counts tells whose rows were met."""

import pytest

from drydock.model import Table
from drydock.postgres.looks import looks
from drydock.redact import Secret
from tests.fixtures.database import TestDatabase

USERS, ORDERS, GONE = (Table(schema="public", name=name) for name in ("users", "orders", "gone"))


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("SELECT", set()),
        ("ALTER TABLE users ADD COLUMN a int", set()),
        ("SELECT count(*) FROM users", {USERS}),
        ("SELECT FROM users WHERE id = 1", {USERS}),
        ("CREATE INDEX ON users (id)", {USERS}),
        ("INSERT INTO users VALUES (1)", {USERS}),
        ("INSERT INTO orders VALUES (1)", {ORDERS}),
        ("ALTER TABLE orders VALIDATE CONSTRAINT of_user", {ORDERS}),
        ("ALTER TABLE users ALTER id TYPE bigint", {USERS}),
    ],
)
def test_scan_or_change_is_counted_even_of_an_empty_table(database: TestDatabase, text: str, met: set[Table]) -> None:
    database.execute(
        "CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (u int);"
        "ALTER TABLE orders ADD CONSTRAINT of_user FOREIGN KEY (u) REFERENCES users NOT VALID;"
    )
    tables = (USERS, ORDERS, GONE)
    before = looks(Secret(database.url), tables)

    with database.connect() as session:
        session.execute("SET session_replication_role = replica")
        session.execute(text)

    after = looks(Secret(database.url), tables)
    assert {table for table in tables if after.get(table) != before.get(table)} == met

"""Whose rows a step may meet: a schema, a step, and the tables that must have their rows for it."""

from collections.abc import Iterator

import pytest

from drydock.postgres.interface import Filling
from drydock.postgres.restore import open_filling
from drydock.proof import needed_by
from drydock.redact import Secret
from drydock.snapshot.closure import AllRows, Left, closure
from tests.fixtures.database import TestDatabase
from tests.fixtures.steps import step_of

SHOP = """
    CREATE SCHEMA other;
    CREATE TABLE other.logs (id int PRIMARY KEY, what text);
    CREATE TABLE users (id int PRIMARY KEY, email text);
    CREATE TABLE orders (id int PRIMARY KEY, buyer int REFERENCES users ON DELETE CASCADE, cents int);
    CREATE TABLE items (id int PRIMARY KEY, parent_order int REFERENCES orders);
    CREATE TABLE logs (id int PRIMARY KEY, what text, at timestamptz DEFAULT now());
    CREATE INDEX logs_what ON logs (what);
    CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
    CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE events_rest PARTITION OF events DEFAULT;
    CREATE TABLE animals (id int);
    CREATE TABLE cats (lives int) INHERITS (animals);
    CREATE VIEW big_orders AS SELECT o.id, o.cents FROM orders o WHERE o.cents > 100;
    CREATE VIEW two_deep AS SELECT id FROM big_orders;
    CREATE MATERIALIZED VIEW log_sums AS SELECT what, count(*) AS n FROM logs GROUP BY what WITH NO DATA;
    CREATE SEQUENCE ticket;
"""
CODE = "CREATE FUNCTION peek() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM users); END';"
OF_VALUE = "CREATE FUNCTION fine(x int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN true; END';"
TRIGGERED = """
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO logs VALUES (1); RETURN NEW; END';
    CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON items FOR EACH ROW EXECUTE FUNCTION note();
"""
HARMLESS = """
    CREATE VIEW w AS SELECT lower(what), at::date, to_char(at, 'YYYY') FROM logs WHERE at > now() - interval '1 day';
"""
ATTACHED = """
    CREATE TABLE e PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
    INSERT INTO e VALUES (now());
"""
OPERATOR = """
    CREATE FUNCTION c(int, bool) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM users)';
    CREATE OPERATOR === (FUNCTION = c, LEFTARG = int, RIGHTARG = bool);
"""
CAST = """
    CREATE TYPE pair AS (a int);
    CREATE FUNCTION c(pair) RETURNS int LANGUAGE sql AS 'SELECT count(*)::int FROM users';
    CREATE CAST (pair AS int) WITH FUNCTION c(pair) AS IMPLICIT;
"""
ORDERS = {"orders", "users"}
ALL = None
"""All rows may be met."""

NAMED = {
    "nothing": ("CREATE TABLE n (id int)", set()),
    "a comment, a right, a setting": (
        "COMMENT ON TABLE users IS 'x'; GRANT SELECT ON users TO public; SET a.b = 1",
        set(),
    ),
    "a type": ("CREATE TYPE mood AS ENUM ('sad'); ALTER TYPE mood ADD VALUE 'ok'", set()),
    "a function that nobody calls": ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", set()),
    "a sequence": ("SELECT setval('ticket', 7); ALTER SEQUENCE ticket RESTART", set()),
    "an index": ("CREATE UNIQUE INDEX ON users (email)", {"users"}),
    "a constraint": ("ALTER TABLE users ADD CHECK (email <> '')", {"users"}),
    "a name of two tables": ("CREATE INDEX ON logs (id)", {"logs", "other.logs"}),
    "one of the two": ("CREATE INDEX ON other.logs (id)", {"other.logs"}),
    "another search path": ("SET search_path = other; UPDATE logs SET what = ''", {"logs", "other.logs"}),
    "a temporary table": ("CREATE TEMP TABLE t AS SELECT * FROM users", {"users"}),
    "an index by its name": ("REINDEX INDEX logs_what", {"logs"}),
    "a dropped index": ("DROP INDEX logs_what", {"logs"}),
    "a query in a query": ("UPDATE logs SET what = (SELECT max(email) FROM users)", {"logs", "other.logs", "users"}),
    "a common table expression": ("WITH x AS (DELETE FROM cats RETURNING 1) SELECT 1 FROM x", {"animals", "cats"}),
    "two steps": ("CREATE INDEX ON users (email); CREATE INDEX ON cats (id)", {"users", "animals", "cats"}),
    # Foreign keys: what a table with rows refers to must be there; what refers to it only where that is looked at.
    "a child": ("ALTER TABLE orders ADD COLUMN a int", ORDERS),
    "a grandchild": ("CREATE INDEX ON items (id)", {"items", *ORDERS}),
    "a key is validated": ("ALTER TABLE orders VALIDATE CONSTRAINT orders_buyer_fkey", ORDERS),
    "a key is made": ("ALTER TABLE cats ADD FOREIGN KEY (id) REFERENCES users", {"animals", "cats", "users"}),
    "a parent": ("ALTER TABLE users ADD COLUMN a int", {"users"}),
    "a parent's type": ("ALTER TABLE users ALTER id TYPE bigint", {"users", "orders"}),
    "a parent is emptied": ("TRUNCATE users CASCADE", {"users", "orders", "items"}),
    "a delete that cascades": ("DELETE FROM users", {"users", "orders", "items"}),
    "a parent is renamed, then retyped": (
        "ALTER TABLE users RENAME TO people; ALTER TABLE people ALTER id TYPE bigint",
        {"users", "orders"},
    ),
    "a parent is moved, then written": (
        "ALTER TABLE users SET SCHEMA other; DELETE FROM other.users",
        {"users", "orders", "items"},
    ),
    "a schema is renamed": ("ALTER SCHEMA other RENAME TO o; CREATE INDEX ON o.logs (id)", {"logs", "other.logs"}),
    "a key that cascades is made, then set off": (
        "ALTER TABLE logs ADD u int REFERENCES cats ON DELETE CASCADE; DELETE FROM cats",
        {"logs", "other.logs", "animals", "cats"},
    ),
    # Trees of tables.
    "a partition": ("CREATE INDEX ON events_2025 (what)", {"events_2025", "events_rest"}),
    "a partitioned table": ("ALTER TABLE events ADD c int", {"events_2025", "events_rest"}),
    "a new partition": ("CREATE TABLE e PARTITION OF events FOR VALUES IN (1)", {"events_2025", "events_rest"}),
    "a parent of inheritance": ("UPDATE animals SET id = 1", {"animals", "cats"}),
    "a child of inheritance": ("UPDATE cats SET id = 1", {"animals", "cats"}),
    # Views.
    "a view": ("SELECT count(*) FROM big_orders", ORDERS),
    "a view of a view": ("SELECT count(*) FROM two_deep", ORDERS),
    "a write through a view": ("DELETE FROM two_deep", {"items", *ORDERS}),
    "a materialized view": ("REFRESH MATERIALIZED VIEW log_sums", {"logs"}),
    "a new view": ("CREATE VIEW w AS SELECT * FROM users; DELETE FROM w", {"users", "orders", "items"}),
    # What cannot be told.
    "a block": ("DO $$ BEGIN END $$", ALL),
    "a call": ("CALL p()", ALL),
    "an unread script": ("no SQL", ALL),
    "prepared": ("PREPARE p AS SELECT 1; EXECUTE p", ALL),
    "a domain": ("ALTER DOMAIN d ADD CHECK (value > 0)", ALL),
    "a composite type": ("ALTER TYPE c ADD ATTRIBUTE a int CASCADE", ALL),
    "an extension": ("CREATE EXTENSION pg_trgm", ALL),
    "all tables": ("VACUUM", ALL),
    "a schema is reindexed": ("REINDEX SCHEMA public", ALL),
    "the server's catalog": ("INSERT INTO logs SELECT 1, relname FROM pg_class", ALL),
    "the server's views": ("SELECT * FROM information_schema.tables", ALL),
    "a function that takes SQL": ("SELECT query_to_xml('SELECT * FROM users', true, true, '')", ALL),
    "a function that takes a table": ("SELECT pg_relation_size('users')", ALL),
    "a function of the step's own": ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS ''; SELECT f()", ALL),
    "a function that hides one": (
        "CREATE FUNCTION lower(logs) RETURNS int LANGUAGE sql AS ''; SELECT lower(l) FROM logs l",
        ALL,
    ),
    "a function renamed to hide one": ("ALTER FUNCTION f() RENAME TO lower", ALL),
    "an operator": ("CREATE OPERATOR + (FUNCTION = f, LEFTARG = int)", ALL),
    "a trigger is made, then set off": (
        "CREATE TRIGGER t AFTER INSERT ON cats EXECUTE FUNCTION note(); INSERT INTO cats VALUES (1)",
        ALL,
    ),
    "a rule is made, then set off": (
        "CREATE RULE r AS ON INSERT TO cats DO ALSO DELETE FROM users; INSERT INTO cats VALUES (1)",
        ALL,
    ),
}
HANGING = {
    "a trigger, not written": (TRIGGERED, "CREATE INDEX ON items (id)", {"items", *ORDERS}),
    "a trigger, written": (TRIGGERED, "UPDATE items SET id = 1", ALL),
    "a trigger at the end of a cascade": (TRIGGERED, "DELETE FROM users", ALL),
    "a trigger on what is attached": (
        TRIGGERED.replace("ON items", "ON events"),
        ATTACHED,
        ALL,
    ),
    "a disabled trigger": (TRIGGERED + "ALTER TABLE items DISABLE TRIGGER ALL;", "DELETE FROM items", ALL),
    "a rule, written": (
        "CREATE RULE r AS ON INSERT TO cats DO ALSO DELETE FROM users;",
        "INSERT INTO cats VALUES (1)",
        ALL,
    ),
    "a function in a check": (
        OF_VALUE + "ALTER TABLE cats ADD CHECK (fine(lives));",
        "CREATE INDEX ON cats (id)",
        ALL,
    ),
    "a function in another table's check": (
        OF_VALUE + "ALTER TABLE cats ADD CHECK (fine(lives));",
        "CREATE INDEX ON users (email)",
        {"users"},
    ),
    "a function in an index": (OF_VALUE + "CREATE INDEX ON cats (fine(lives));", "ALTER TABLE cats ADD a int", ALL),
    "a function in an index's condition": (
        OF_VALUE + "CREATE INDEX ON cats (id) WHERE fine(lives);",
        "ALTER TABLE cats ADD a int",
        ALL,
    ),
    "a function in a column": (
        OF_VALUE + "ALTER TABLE cats ADD f bool GENERATED ALWAYS AS (fine(lives)) STORED;",
        "ALTER TABLE cats ALTER id TYPE bigint",
        ALL,
    ),
    "a function in a default, not written": (
        CODE + "ALTER TABLE cats ALTER id SET DEFAULT peek();",
        "CREATE INDEX ON cats (id)",
        {"animals", "cats"},
    ),
    "a function in a default, written": (
        CODE + "ALTER TABLE cats ALTER id SET DEFAULT peek();",
        "INSERT INTO cats DEFAULT VALUES",
        ALL,
    ),
    "a function in a view": (CODE + "CREATE VIEW w AS SELECT peek() FROM cats;", "SELECT * FROM w", ALL),
    "the catalog in a view": ("CREATE VIEW w AS SELECT reltuples FROM pg_class;", "SELECT * FROM w", ALL),
    "a function of the server in a view": (
        "CREATE VIEW w AS SELECT query_to_xml('SELECT 1 FROM users', true, true, '') FROM cats;",
        "SELECT * FROM w",
        ALL,
    ),
    "harmless functions in a view": (
        HARMLESS,
        "SELECT * FROM w",
        {"logs"},
    ),
    "a table in a policy": (
        "CREATE POLICY p ON cats USING (EXISTS (SELECT FROM users WHERE id = lives));",
        "SELECT * FROM cats",
        {"animals", "cats", "users"},
    ),
    "a function in a policy": (CODE + "CREATE POLICY p ON cats USING (id = peek());", "SELECT * FROM cats", ALL),
    "a function in a default, taken over": (
        CODE + "ALTER TABLE cats ALTER id SET DEFAULT peek();",
        "CREATE TABLE n (LIKE cats INCLUDING ALL); INSERT INTO n DEFAULT VALUES",
        ALL,
    ),
    "a function in a domain's default": (
        "CREATE DOMAIN d AS xml DEFAULT query_to_xml('SELECT 1 FROM users', true, true, '');",
        "CREATE TABLE n (a d); INSERT INTO n DEFAULT VALUES",
        ALL,
    ),
    "a function in a domain": (
        OF_VALUE + "CREATE DOMAIN d AS int CHECK (fine(value));",
        "CREATE INDEX ON cats (id)",
        ALL,
    ),
    "a function behind an operator": (
        OPERATOR,
        "SELECT id === true FROM cats",
        ALL,
    ),
    "a function behind a cast": (
        CAST,
        "INSERT INTO cats (id) VALUES (ROW(1)::pair)",
        ALL,
    ),
    "a function called": (CODE, "UPDATE cats SET id = peek()", ALL),
    "a function called as a column": (
        "CREATE FUNCTION seen(cats) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users';",
        "SELECT c.seen FROM cats c",
        ALL,
    ),
    "a function of the user's that hides one": (
        "CREATE FUNCTION lower(int) RETURNS int LANGUAGE sql AS 'SELECT count(*)::int FROM users';",
        "SELECT lower(id) FROM cats",
        ALL,
    ),
    "a function in a statistic": (
        OF_VALUE + "CREATE STATISTICS s ON (fine(id)), id FROM cats;",
        "ANALYZE cats",
        ALL,
    ),
    "a cycle of keys": (
        "ALTER TABLE users ADD last_order int REFERENCES orders;",
        "CREATE INDEX ON users (email)",
        ORDERS,
    ),
    "a key of a partitioned table": (
        "ALTER TABLE events ADD log int REFERENCES logs;",
        "CREATE INDEX ON events_2025 (what)",
        {"events_2025", "events_rest", "logs"},
    ),
    "a partition that is referred to is detached": (
        "ALTER TABLE events ADD PRIMARY KEY (at); CREATE TABLE visits (at date REFERENCES events);",
        "ALTER TABLE events DETACH PARTITION events_2025",
        {"events_2025", "events_rest", "visits"},
    ),
}


@pytest.fixture
def shop(database: TestDatabase) -> Iterator[tuple[TestDatabase, Filling]]:
    """The structure, and a session that fills it."""
    database.execute(SHOP)
    with open_filling(Secret(database.url), lambda: False) as filling:
        yield database, filling


@pytest.mark.parametrize(("text", "tables"), NAMED.values(), ids=NAMED.keys())
def test_rows_of_what_a_step_names_and_leads_to_are_needed(
    shop: tuple[TestDatabase, Filling], text: str, tables: set[str] | None
) -> None:
    assert needed(*shop, text=text) == tables


@pytest.mark.parametrize(("structure", "text", "tables"), HANGING.values(), ids=HANGING.keys())
def test_code_that_hangs_on_what_is_reached_may_need_any_rows(
    shop: tuple[TestDatabase, Filling], structure: str, text: str, tables: set[str] | None
) -> None:
    shop[0].execute(structure)

    assert needed(*shop, text=text) == tables


def test_materialized_view_is_filled_only_where_a_step_reads_it(shop: tuple[TestDatabase, Filling]) -> None:
    _, filling = shop

    read, unread = (closure(filling, needed_by([step_of(text)]), leavable=()) for text in ("SELECT FROM log_sums", ""))

    assert isinstance(read, Left)
    assert isinstance(unread, Left)
    assert read.views == frozenset()
    assert unread.views == {("public", "log_sums")}


def test_table_whose_rows_come_in_any_case_brings_what_it_refers_to(shop: tuple[TestDatabase, Filling]) -> None:
    _, filling = shop

    found = closure(filling, needed_by([step_of("")]), leavable={("public", name) for name in ("users", "logs")})

    assert found == Left(tables=frozenset({("public", "logs")}), views=frozenset({("public", "log_sums")}))


def needed(database: TestDatabase, filling: Filling, *, text: str) -> set[str] | None:
    """The tables whose rows are not left out, those of public without their schema; None when all may be met."""
    rows = database.rows(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND n.nspname IN ('public', 'other')"
    )
    tables = {(str(schema), str(name)) for schema, name in rows}
    match closure(filling, needed_by([step_of(text)]), leavable=tables):
        case AllRows(reason=reason):
            assert reason
            return None
        case Left(tables=left):
            return {".".join(name).removeprefix("public.") for name in tables - left}

"""What the analysis says of indexes that may be left behind and of relations that are locked."""

import pytest

from drydock.sql.interface import IndexBuild, Parsed
from drydock.sql.parser import summarise


def parsed(sql: str) -> Parsed:
    analysis = summarise(sql, frozenset())
    assert isinstance(analysis, Parsed), analysis
    return analysis


@pytest.mark.parametrize(
    ("sql", "name", "schema", "table"),
    [
        ('CREATE INDEX CONCURRENTLY "I x" ON shop."Order" (a)', "I x", "shop", "Order"),
        ("CREATE INDEX CONCURRENTLY ON t (a)", None, None, "t"),
        ("REINDEX INDEX CONCURRENTLY shop.i", "i", "shop", None),
        ("REINDEX (CONCURRENTLY) TABLE t", None, None, "t"),
        ("REINDEX SCHEMA CONCURRENTLY shop", None, "shop", None),
        ("REINDEX DATABASE CONCURRENTLY d", None, None, None),
    ],
)
def test_concurrent_build_says_where_to_look_for_leftovers(
    sql: str, name: str | None, schema: str | None, table: str | None
) -> None:
    (statement,) = parsed(sql).statements

    assert statement.index == IndexBuild(name=name, schema=schema, table=table)


@pytest.mark.parametrize("sql", ["CREATE INDEX i ON t (a)", "REINDEX TABLE t", "DROP INDEX CONCURRENTLY i"])
def test_other_index_statements_leave_nothing_behind(sql: str) -> None:
    (statement,) = parsed(sql).statements

    assert statement.index is None


@pytest.mark.parametrize(
    ("sql", "locks"),
    [
        ("ALTER TABLE shop.orders ADD COLUMN a int", ("shop.orders",)),
        ('ALTER TABLE "Order" ADD FOREIGN KEY (a) REFERENCES "user" (id)', ('"Order"', '"user"')),
        ("ALTER TABLE t ADD COLUMN a int REFERENCES p", ("t", "p")),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", ()),
        ("ALTER TABLE t VALIDATE CONSTRAINT c, ADD COLUMN a int", ("t",)),
        ("ALTER TABLE t ALTER a SET STATISTICS 100", ()),
        ("ALTER TABLE pt ATTACH PARTITION p1 DEFAULT", ("p1",)),
        ("ALTER TABLE pt DETACH PARTITION p1", ("pt", "p1")),
        ("ALTER TABLE pt DETACH PARTITION p1 CONCURRENTLY", ("p1",)),
        ("ALTER TABLE t RENAME TO u", ("t",)),
        ("ALTER INDEX i RENAME TO j", ()),
        ("ALTER TYPE pair ADD ATTRIBUTE c int", ()),
        ("DROP TABLE a, b.c", ("a", "b.c")),
        ("DROP INDEX CONCURRENTLY i", ()),
        ("DROP TRIGGER g ON shop.t", ("shop.t",)),
        ("TRUNCATE a, b", ("a", "b")),
        ("LOCK a, b IN SHARE MODE", ("a", "b")),
        ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()", ("t",)),
        ("CREATE INDEX i ON t (a)", ("t",)),
        ("CREATE INDEX CONCURRENTLY i ON t (a)", ()),
        ("CREATE TABLE n (a int REFERENCES p, b int REFERENCES p)", ("p",)),
        ("CREATE TABLE n PARTITION OF pt DEFAULT", ("pt",)),
        ("CREATE VIEW v AS SELECT 1", ()),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", ("v",)),
        ("VACUUM t", ()),
        ("VACUUM (FULL) t", ("t",)),
        ("REINDEX TABLE t", ("t",)),
        ("UPDATE t SET a = 1", ()),
    ],
)
def test_strong_locks_name_what_the_statement_names(sql: str, locks: tuple[str, ...]) -> None:
    (statement,) = parsed(sql).statements

    assert statement.strong_locks == locks


def test_relations_that_the_script_made_itself_are_nobodys_obstacle() -> None:
    script = "CREATE TABLE a (i int); ALTER TABLE a ADD j int; CREATE TABLE IF NOT EXISTS b (); DROP TABLE b"

    locks = [statement.strong_locks for statement in parsed(script).statements]

    assert locks == [(), (), (), ("b",)]

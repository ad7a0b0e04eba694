"""Whose rows a statement may meet, as its text alone tells it. What that leads to: tests/integration/snapshot."""

import pytest

from drydock.sql.interface import Needs, Parsed, joined
from drydock.sql.parser import summarise


def needs(text: str) -> Needs:
    analysis = summarise(text, frozenset())
    assert isinstance(analysis, Parsed), analysis
    return joined(statement.needs for statement in analysis.statements)


def test_every_relation_named_anywhere_counts_and_only_what_is_written_is_written() -> None:
    found = needs(
        "WITH gone AS (DELETE FROM s.a USING b RETURNING 1)"
        " INSERT INTO c SELECT (SELECT max(x) FROM d) FROM e JOIN LATERAL (SELECT * FROM f) AS g ON true"
        " WHERE EXISTS (TABLE h)"
    )

    assert set(found.rows) == {("s", "a"), *(("", name) for name in "bcdefh")}
    assert set(found.writes) == {("s", "a"), ("", "c")}
    assert found.calls == ("max",)
    assert (found.moves, found.arms, found.untold) == (False, False, None)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ALTER TABLE a ADD COLUMN b int", ()),
        ("ALTER TABLE a VALIDATE CONSTRAINT b", ()),
        ("ALTER TABLE a DROP COLUMN b", ()),
        ("ALTER TABLE a ALTER b TYPE bigint", (("", "a"),)),
        ("ALTER TABLE a ADD COLUMN b int, ALTER c TYPE bigint", (("", "a"),)),
        ("ALTER TABLE a DETACH PARTITION b", (("", "b"), ("", "a"))),
        ("ALTER TABLE a SET UNLOGGED", (("", "a"),)),
        ("DROP TABLE a", (("", "a"),)),
    ],
)
def test_rows_that_refer_to_a_table_count_unless_the_change_is_known_to_leave_them_alone(
    text: str, keys: tuple[tuple[str, str], ...]
) -> None:
    assert set(needs(text).keys) == set(keys)


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE a RENAME TO b",
        "ALTER TABLE a SET SCHEMA b",
        "ALTER SCHEMA a RENAME TO b",
        "CREATE VIEW a AS SELECT 1",
        "CREATE TABLE a (LIKE b)",
        "CREATE TABLE a () INHERITS (b)",
        "ALTER TABLE a ATTACH PARTITION b DEFAULT",
        "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c",
        "ALTER TABLE a ADD COLUMN b int REFERENCES c",
    ],
)
def test_name_or_key_that_may_lead_elsewhere_afterwards_is_noticed(text: str) -> None:
    assert needs(text).moves


@pytest.mark.parametrize("text", ["CREATE TABLE a (b int REFERENCES c)", "CREATE INDEX ON a (b)", "DELETE FROM a"])
def test_what_leads_nowhere_else_is_taken_for_it(text: str) -> None:
    assert not needs(text).moves


@pytest.mark.parametrize(
    "text",
    [
        "DO 'BEGIN END'",
        "CALL p()",
        "COPY a FROM '/x'",
        "EXPLAIN ANALYZE SELECT 1",
        "DECLARE c CURSOR FOR SELECT 1",
        "CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int)",
        "CREATE CAST (a AS b) WITH FUNCTION f(a)",
        "CREATE EVENT TRIGGER a ON ddl_command_end EXECUTE FUNCTION f()",
        "ALTER EVENT TRIGGER a ENABLE",
        "CREATE EXTENSION a",
        "ALTER EXTENSION a UPDATE",
        "ALTER FOREIGN TABLE a ADD b int",
        "CREATE SCHEMA a CREATE TABLE b (c int)",
        "DROP OWNED BY a",
        "DROP EXTENSION a",
        "DISCARD ALL",
        "SELECT * FROM pg_stats",
        "SELECT * FROM information_schema.tables",
        "INSERT INTO a VALUES " + ", ".join(["(1, 'x')"] * 40_000),
    ],
    ids=lambda text: text[:40],
)
def test_what_is_not_on_the_list_may_meet_all_rows(text: str) -> None:
    assert needs(text).untold


def test_one_statement_that_cannot_be_told_is_enough() -> None:
    assert needs("CREATE TABLE a (b int); DO 'BEGIN END'; SELECT 1").untold == "DO may meet any rows"


def test_deep_tree_is_walked_to_its_bottom() -> None:
    assert needs("SELECT " + "1 + " * 500 + "(SELECT b FROM a)").rows == (("", "a"),)

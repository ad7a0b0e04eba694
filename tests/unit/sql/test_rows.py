"""Which statements rows decide, what they create, and what reaches beyond the server."""

import pytest

from drydock.sql.interface import Parsed, Statement
from drydock.sql.parser import summarise


def statement(text: str) -> Statement:
    analysis = summarise(text, frozenset())
    assert isinstance(analysis, Parsed), analysis
    return analysis.statements[-1]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("ALTER TABLE t ADD COLUMN a int", ()),
        ("ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 1", ()),
        ("ALTER TABLE t ADD COLUMN a serial NOT NULL", ()),
        ("ALTER TABLE t ADD COLUMN a int NOT NULL", ("t",)),
        ("ALTER TABLE t ADD COLUMN a int UNIQUE", ("t",)),
        ("ALTER TABLE s.t ALTER a SET NOT NULL", ("s.t",)),
        ("ALTER TABLE t ALTER a TYPE int USING a::int", ("t",)),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", ("t",)),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID", ()),
        ("ALTER TABLE t VALIDATE CONSTRAINT c", ("t",)),
        ("ALTER TABLE t DROP COLUMN a", ()),
        ("CREATE INDEX ON t (a)", ()),
        ("CREATE UNIQUE INDEX ON t (a)", ("t",)),
        ("CREATE INDEX ON t (lower(a))", ("t",)),
        ("UPDATE t SET a = 1", ("t",)),
        ("INSERT INTO t VALUES (1)", ("t",)),
        ("INSERT INTO t SELECT 1 FROM u", ("t", '"*"')),
        ("DO $$ BEGIN END $$", ('"*"',)),
        ("CREATE TABLE n PARTITION OF t FOR VALUES IN (1)", ("t",)),
        ("CREATE TABLE t (a int); INSERT INTO t VALUES (1)", ()),
        ("DROP TABLE t", ()),
    ],
)
def test_rows_decide_what_validates_or_computes(text: str, reads: tuple[str, ...]) -> None:
    assert statement(text).reads == reads


def test_only_what_is_certainly_new_counts_as_created() -> None:
    assert statement("CREATE TABLE s.t (a int)").creates == ("s.t",)
    assert statement("CREATE TABLE IF NOT EXISTS t (a int)").creates == ()


@pytest.mark.parametrize(
    "text",
    [
        "COPY t FROM PROGRAM 'true'",
        "COPY t FROM '/etc/hostname'",
        "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)",
        "CREATE EXTENSION postgres_fdw",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS 'x'",
        "DO $$ BEGIN EXECUTE 'COPY t FROM PROGRAM ''true'''; END $$",
        "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw",
        "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p",
    ],
)
def test_what_reaches_beyond_the_server_is_named(text: str) -> None:
    assert statement(text).reach


@pytest.mark.parametrize("text", ["CREATE TABLE t (a int)", "CREATE EXTENSION citext", "SELECT now()"])
def test_what_stays_inside_is_not_named(text: str) -> None:
    assert statement(text).reach is None


@pytest.mark.parametrize(
    "text", ["CREATE ROLE r", "ALTER SYSTEM SET jit = off", "DROP DATABASE d", "ALTER ROLE r RENAME TO s"]
)
def test_what_all_databases_share_is_cluster_wide(text: str) -> None:
    assert statement(text).is_cluster_wide

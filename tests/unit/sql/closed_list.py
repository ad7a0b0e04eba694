"""The closed list as a table: statements, and what the analysis must say of each."""

from dataclasses import dataclass

PROTECTED = frozenset(("_prisma_migrations", "drydock", "public", "audit.log"))


@dataclass(frozen=True, slots=True)
class Row:
    """A statement; a part of its hazard's reason, or None; its kind; whether it must run outside a block."""

    sql: str
    hazard: str | None
    kind: str
    outside: bool = False


OUTSIDE = "cannot run inside a transaction block"
ITSELF = "controls the transaction itself"
OWN = "this is the bookkeeping's own table"

TRANSACTION = (
    Row("BEGIN", ITSELF, "BEGIN"),
    Row("START TRANSACTION READ ONLY", ITSELF, "START TRANSACTION"),
    Row("COMMIT", ITSELF, "COMMIT"),
    Row("END", ITSELF, "COMMIT"),
    Row("ROLLBACK", ITSELF, "ROLLBACK"),
    Row("ABORT", ITSELF, "ROLLBACK"),
    Row("COMMIT AND CHAIN", ITSELF, "COMMIT"),
    Row("SAVEPOINT a", ITSELF, "SAVEPOINT"),
    Row("RELEASE a", ITSELF, "RELEASE"),
    Row("ROLLBACK TO a", ITSELF, "ROLLBACK TO SAVEPOINT"),
    Row("PREPARE TRANSACTION 'a'", ITSELF, "PREPARE TRANSACTION"),
    Row("COMMIT PREPARED 'a'", ITSELF, "COMMIT PREPARED", outside=True),
    Row("ROLLBACK PREPARED 'a'", ITSELF, "ROLLBACK PREPARED", outside=True),
)

OUTSIDE_BLOCK = (
    Row("VACUUM", OUTSIDE, "VACUUM", outside=True),
    Row("VACUUM (FULL, ANALYZE) t", OUTSIDE, "VACUUM", outside=True),
    Row("CREATE INDEX CONCURRENTLY i ON t (a)", OUTSIDE, "CREATE INDEX CONCURRENTLY", outside=True),
    Row("CREATE UNIQUE INDEX CONCURRENTLY ON t (a)", OUTSIDE, "CREATE INDEX CONCURRENTLY", outside=True),
    Row("DROP INDEX CONCURRENTLY t_a", OUTSIDE, "DROP INDEX CONCURRENTLY", outside=True),
    Row("REINDEX INDEX CONCURRENTLY t_a", OUTSIDE, "REINDEX CONCURRENTLY", outside=True),
    Row("REINDEX (CONCURRENTLY) TABLE t", OUTSIDE, "REINDEX CONCURRENTLY", outside=True),
    Row("REINDEX (VERBOSE, CONCURRENTLY on) TABLE t", OUTSIDE, "REINDEX CONCURRENTLY", outside=True),
    Row("REINDEX SCHEMA public", OUTSIDE, "REINDEX", outside=True),
    Row("REINDEX DATABASE postgres", OUTSIDE, "REINDEX", outside=True),
    Row("REINDEX SYSTEM postgres", OUTSIDE, "REINDEX", outside=True),
    Row("ALTER TABLE pt DETACH PARTITION pt_1 CONCURRENTLY", OUTSIDE, "ALTER TABLE", outside=True),
    Row("CLUSTER", OUTSIDE, "CLUSTER", outside=True),
    Row("CREATE DATABASE other", OUTSIDE, "CREATE DATABASE", outside=True),
    Row("DROP DATABASE other", OUTSIDE, "DROP DATABASE", outside=True),
    Row("CREATE TABLESPACE s LOCATION '/tmp'", OUTSIDE, "CREATE TABLESPACE", outside=True),
    Row("DROP TABLESPACE s", OUTSIDE, "DROP TABLESPACE", outside=True),
    Row("ALTER SYSTEM SET work_mem = '8MB'", OUTSIDE, "ALTER SYSTEM", outside=True),
    Row("ALTER SYSTEM RESET ALL", OUTSIDE, "ALTER SYSTEM", outside=True),
    Row("ALTER DATABASE other SET TABLESPACE pg_default", OUTSIDE, "ALTER DATABASE", outside=True),
    Row("DISCARD ALL", OUTSIDE, "DISCARD ALL", outside=True),
    Row("CREATE SUBSCRIPTION s2 CONNECTION 'x' PUBLICATION p", OUTSIDE, "CREATE SUBSCRIPTION", outside=True),
    Row("ALTER SUBSCRIPTION s REFRESH PUBLICATION", OUTSIDE, "ALTER SUBSCRIPTION", outside=True),
    Row("ALTER SUBSCRIPTION s SET PUBLICATION p", OUTSIDE, "ALTER SUBSCRIPTION", outside=True),
    Row("DROP SUBSCRIPTION s", OUTSIDE, "DROP SUBSCRIPTION", outside=True),
)

TEXTS = (
    Row("CALL p()", "CALL", "CALL"),
    Row("DO $$ BEGIN UPDATE t SET a = 1; COMMIT; END $$", "DO contains", "DO"),
    Row("DO LANGUAGE plpgsql 'begin rollback ; end'", "DO contains", "DO"),
    Row("CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$", "PROCEDURE", "CREATE PROCEDURE"),
    Row("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'COMMIT'", "FUNCTION", "CREATE FUNCTION"),
)

SETTINGS = (
    Row("SET ROLE x", "another role", "SET"),
    Row('SET LOCAL "ROLE" TO x', "another role", "SET"),
    Row("RESET ROLE", "another role", "RESET"),
    Row("SET SESSION AUTHORIZATION x", "another user", "SET"),
    Row("RESET SESSION AUTHORIZATION", "another user", "RESET"),
    Row("SET TRANSACTION READ ONLY", "mode of transactions", "SET TRANSACTION"),
    Row("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "mode of transactions", "SET TRANSACTION"),
    Row(
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "mode of transactions",
        "SET SESSION CHARACTERISTICS",
    ),
    Row("SET transaction_read_only = on", "read-only", "SET"),
    Row("SET session_replication_role = replica", "triggers and foreign keys", "SET"),
    Row("SET standard_conforming_strings = off", "read differently", "SET"),
    Row("SET client_encoding = latin1", "read differently", "SET"),
    Row("SET NAMES 'latin1'", "read differently", "SET"),
    Row("RESET ALL", "RESET ALL", "RESET ALL"),
    Row("SELECT set_config('role', 'x', false)", "another role", "SELECT"),
    Row("SELECT 1, pg_catalog.set_config('Client_Encoding', 'latin1', true) AS e", "differently", "SELECT"),
    Row("SELECT set_config(name, v, false) FROM s", "cannot be told", "SELECT"),
    Row("SELECT 1 FROM (SELECT set_config('role', 'x', false)) AS s", "cannot be told", "SELECT"),
)

COPY = (
    Row("COPY t FROM STDIN", "COPY", "COPY"),
    Row("COPY (SELECT 1) TO STDOUT", "COPY", "COPY"),
)

BOOKKEEPING = (
    Row("CREATE TABLE _prisma_migrations (a int)", OWN, "CREATE TABLE"),
    Row("CREATE TABLE other._prisma_migrations AS SELECT 1", OWN, "CREATE TABLE AS"),
    Row("SELECT 1 INTO _prisma_migrations", OWN, "SELECT INTO"),
    Row("CREATE VIEW _prisma_migrations AS SELECT 1", OWN, "CREATE VIEW"),
    Row("CREATE SCHEMA audit CREATE TABLE log (a int)", OWN, "CREATE SCHEMA"),
    Row('DROP TABLE t, "public"."_prisma_migrations"', OWN, "DROP TABLE"),
    Row("ALTER TABLE _prisma_migrations ADD COLUMN a int", OWN, "ALTER TABLE"),
    Row("ALTER TABLE _prisma_migrations RENAME TO old", OWN, "ALTER TABLE"),
    Row("ALTER TABLE impostor RENAME TO _prisma_migrations", OWN, "ALTER TABLE"),
    Row("ALTER TABLE _prisma_migrations RENAME COLUMN id TO ident", OWN, "ALTER TABLE"),
    Row("ALTER TABLE _prisma_migrations SET SCHEMA other", OWN, "ALTER TABLE"),
    Row("ALTER TABLE log SET SCHEMA audit", OWN, "ALTER TABLE"),
    Row("TRUNCATE t, _prisma_migrations", OWN, "TRUNCATE TABLE"),
    Row("CREATE RULE r AS ON INSERT TO _prisma_migrations DO INSTEAD NOTHING", OWN, "CREATE RULE"),
    Row("CREATE TRIGGER g BEFORE INSERT ON audit.log FOR EACH ROW EXECUTE FUNCTION f()", OWN, "CREATE TRIGGER"),
    Row("DROP TRIGGER g ON audit.log", OWN, "DROP TRIGGER"),
    Row("DROP RULE r ON _prisma_migrations", OWN, "DROP RULE"),
    Row("CREATE POLICY y ON _prisma_migrations USING (false)", OWN, "CREATE POLICY"),
    Row("CREATE UNIQUE INDEX ON _prisma_migrations (logs)", OWN, "CREATE INDEX"),
    Row("DROP SCHEMA a, drydock CASCADE", "lives in this schema", "DROP SCHEMA"),
    Row("ALTER SCHEMA public RENAME TO old", "lives in this schema", "ALTER SCHEMA"),
    Row("ALTER SCHEMA old RENAME TO drydock", "lives in this schema", "ALTER SCHEMA"),
    Row("ALTER SCHEMA public OWNER TO x", "lives in this schema", "ALTER SCHEMA"),
    Row("DROP OWNED BY x", "DROP OWNED", "DROP OWNED"),
)

SAFE = (
    Row("SELECT 1", None, "SELECT"),
    Row("SELECT pg_catalog.set_config('search_path', '', false)", None, "SELECT"),
    Row("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", None, "INSERT"),
    Row("UPDATE t SET a = 1", None, "UPDATE"),
    Row("DELETE FROM _prisma_migrations WHERE false", None, "DELETE"),
    Row("MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", None, "MERGE"),
    Row("CREATE TABLE public.t (id bigint GENERATED ALWAYS AS IDENTITY)", None, "CREATE TABLE"),
    Row("CREATE TABLE other.log (a int)", None, "CREATE TABLE"),
    Row("CREATE TABLE t2 AS SELECT 1", None, "CREATE TABLE AS"),
    Row("CREATE MATERIALIZED VIEW m AS SELECT 1", None, "CREATE MATERIALIZED VIEW"),
    Row("REFRESH MATERIALIZED VIEW CONCURRENTLY m", None, "REFRESH MATERIALIZED VIEW"),
    Row("ALTER TABLE t ADD COLUMN b int", None, "ALTER TABLE"),
    Row("ALTER TABLE pt DETACH PARTITION pt_1", None, "ALTER TABLE"),
    Row("ALTER TABLE pt DETACH PARTITION pt_1 FINALIZE", None, "ALTER TABLE"),
    Row("ALTER TYPE mood ADD VALUE 'x'", None, "ALTER TYPE"),
    Row("ALTER TYPE pair RENAME ATTRIBUTE a TO b", None, "ALTER TYPE"),
    Row("ALTER INDEX i RENAME TO j", None, "ALTER INDEX"),
    Row("ALTER DATABASE other SET role = 'x'", None, "ALTER DATABASE"),
    Row("ALTER SUBSCRIPTION s ENABLE", None, "ALTER SUBSCRIPTION"),
    Row("ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)", None, "ALTER SUBSCRIPTION"),
    Row(
        "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)",
        None,
        "CREATE SUBSCRIPTION",
    ),
    Row("CREATE INDEX i ON t (a)", None, "CREATE INDEX"),
    Row("DROP INDEX i", None, "DROP INDEX"),
    Row("REINDEX TABLE t", None, "REINDEX"),
    Row("REINDEX (CONCURRENTLY off) TABLE t", None, "REINDEX"),
    Row("CLUSTER t USING t_a", None, "CLUSTER"),
    Row("ANALYZE", None, "ANALYZE"),
    Row("SET search_path = public", None, "SET"),
    Row("SET lock_timeout = 0", None, "SET"),
    Row("SET TIME ZONE 'UTC'", None, "SET"),
    Row("SET default_transaction_read_only = on", None, "SET"),
    Row("RESET search_path", None, "RESET"),
    Row("SET CONSTRAINTS ALL DEFERRED", None, "SET CONSTRAINTS"),
    Row("DISCARD TEMP", None, "DISCARD TEMP"),
    Row("DO $$ BEGIN CREATE TEMP TABLE x (a int) ON COMMIT DROP; END $$", None, "DO"),
    Row("CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END", None, "CREATE FUNCTION"),
    Row("COPY t FROM '/tmp/t.csv'", None, "COPY"),
    Row("COPY t TO PROGRAM 'cat'", None, "COPY"),
    Row("GRANT SELECT ON t TO x", None, "GRANT"),
    Row("REVOKE x FROM y", None, "REVOKE"),
    Row("COMMENT ON TABLE _prisma_migrations IS 'COMMIT'", None, "COMMENT"),
    Row("DROP FUNCTION f(int)", None, "DROP FUNCTION"),
    Row("DROP MATERIALIZED VIEW m", None, "DROP MATERIALIZED VIEW"),
    Row("DROP TYPE IF EXISTS public.mood", None, "DROP TYPE"),
    Row("LOCK TABLE t IN SHARE MODE", None, "LOCK TABLE"),
    Row("CREATE EXTENSION citext", None, "CREATE EXTENSION"),
    Row("CREATE TYPE mood AS ENUM ('a')", None, "CREATE TYPE"),
    Row("EXECUTE p(1)", None, "EXECUTE"),
    Row("CHECKPOINT", None, "CHECKPOINT"),
)

ROWS = (*TRANSACTION, *OUTSIDE_BLOCK, *TEXTS, *SETTINGS, *COPY, *BOOKKEEPING, *SAFE)

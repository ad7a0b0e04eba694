"""The rows of `_prisma_migrations`, written as Prisma writes them (prisma-engines `sql_migration_persistence.rs`).

Times are the server's clock; Prisma uses the client's, in milliseconds. `applied_steps_count` is always 1 for a
migration that ran, and 0 for one that was only marked.
"""

from drydock.model import Ledger, Migration, Table
from drydock.postgres.literals import literal, qualified
from drydock.tools.certainty import certain

CREATE_TABLE = """CREATE TABLE {table} (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
)"""
_ID = "pg_catalog.gen_random_uuid()::pg_catalog.text"
_NOW = "pg_catalog.clock_timestamp()"
_BEGUN = "pg_catalog.statement_timestamp()"
# The transaction's time: the progress of the step, written with it, bears the same, and so knows its row again.
_OPENED = "pg_catalog.now()"
_OPEN = "migration_name OPERATOR(pg_catalog.=) {name} AND finished_at IS NULL AND rolled_back_at IS NULL"
_DONE = "migration_name OPERATOR(pg_catalog.=) {name} AND finished_at IS NOT NULL AND rolled_back_at IS NULL"


def ledger_of(history: Table, migration: Migration) -> Ledger:
    """The bookkeeping of one migration."""
    table = qualified(history.schema, history.name)
    name, checksum = literal(migration.name), literal(migration.checksum)
    is_open, is_done = _OPEN.format(name=name), _DONE.format(name=name)
    columns = "id, checksum, migration_name, started_at"
    return Ledger(
        record=certain(
            f"INSERT INTO {table} ({columns}, finished_at, applied_steps_count) "
            f"VALUES ({_ID}, {checksum}, {name}, {_BEGUN}, {_NOW}, 1)"
        ),
        opened=f"INSERT INTO {table} ({columns}) VALUES ({_ID}, {checksum}, {name}, {_OPENED})",
        finished=certain(
            f"UPDATE {table} SET finished_at = {_NOW}, applied_steps_count = 1, checksum = {checksum}, logs = NULL "
            f"WHERE {is_open}"
        ),
        failed=f"UPDATE {table} SET logs = $1 WHERE {is_open}",
        withdrawn=f"DELETE FROM {table} WHERE {is_open}",
        lookup=(
            f"SELECT CASE WHEN EXISTS (SELECT FROM {table} WHERE {is_done}) THEN 'applied' "
            f"WHEN EXISTS (SELECT FROM {table} WHERE {is_open}) THEN 'open' ELSE 'absent' END"
        ),
    )


def undoing_of(history: Table, migration: Migration) -> Ledger:
    """The bookkeeping of undoing one: its row goes.

    A row marked `rolled_back_at` would do for Prisma's deploy, but its status (7) takes such a migration for applied.
    """
    table = qualified(history.schema, history.name)
    name = literal(migration.name)
    is_open, is_done = _OPEN.format(name=name), _DONE.format(name=name)
    return Ledger(
        record=certain(f"DELETE FROM {table} WHERE {is_done}"),
        opened=f"UPDATE {table} SET finished_at = NULL WHERE {is_done}",
        finished=certain(f"DELETE FROM {table} WHERE {is_open}"),
        failed=f"UPDATE {table} SET logs = $1 WHERE {is_open}",
        withdrawn=f"UPDATE {table} SET finished_at = {_NOW} WHERE {is_open}",
        lookup=(
            f"SELECT CASE WHEN EXISTS (SELECT FROM {table} WHERE {is_done}) THEN 'absent' "
            f"WHEN EXISTS (SELECT FROM {table} WHERE {is_open}) THEN 'open' ELSE 'applied' END"
        ),
    )


def mark_applied(history: Table, migration: Migration) -> tuple[str, ...]:
    """As `prisma migrate resolve --applied`: failed rows are rolled back, then a finished row without steps."""
    table = qualified(history.schema, history.name)
    columns = "id, checksum, migration_name, started_at, finished_at, logs"
    values = f"{_ID}, {literal(migration.checksum)}, {literal(migration.name)}, {_BEGUN}, {_BEGUN}, ''"
    return (*mark_rolled_back(history, migration.name), f"INSERT INTO {table} ({columns}) VALUES ({values})")


def mark_rolled_back(history: Table, name: str) -> tuple[str, ...]:
    """As `prisma migrate resolve --rolled-back`: every open row of that name."""
    table = qualified(history.schema, history.name)
    return (f"UPDATE {table} SET rolled_back_at = {_NOW} WHERE {_OPEN.format(name=literal(name))}",)

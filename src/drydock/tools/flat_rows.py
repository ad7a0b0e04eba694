"""The rows of `drydock.migrations`: one per file of a flat folder."""

from drydock.model import Ledger, Migration, Table
from drydock.postgres.literals import identifier, literal, qualified
from drydock.tools.certainty import certain

_NOW = "pg_catalog.clock_timestamp()"
_COLUMNS = "name, checksum, started_at"


def create_table(history: Table, *, has_schema: bool) -> tuple[str, ...]:
    """The table, after its schema where that is missing."""
    table = qualified(history.schema, history.name)
    columns = "name text PRIMARY KEY, checksum text NOT NULL, started_at timestamptz NOT NULL, finished_at timestamptz"
    # IF NOT EXISTS needs the right to create schemas even when the schema is there.
    schema = () if has_schema else (f"CREATE SCHEMA IF NOT EXISTS {identifier(history.schema)}",)
    return (*schema, f"CREATE TABLE IF NOT EXISTS {table} ({columns})")


def ledger_of(history: Table, migration: Migration) -> Ledger:
    """The bookkeeping of one file."""
    table = qualified(history.schema, history.name)
    name, checksum = literal(migration.name), literal(migration.checksum)
    is_this = f"name OPERATOR(pg_catalog.=) {name}"
    begun = f"{name}, {checksum}, pg_catalog.statement_timestamp()"
    return Ledger(
        record=certain(f"INSERT INTO {table} ({_COLUMNS}, finished_at) VALUES ({begun}, {_NOW})"),
        # The transaction's time: the progress of the step, written with it, bears the same, and so knows its row again.
        opened=f"INSERT INTO {table} ({_COLUMNS}) VALUES ({name}, {checksum}, pg_catalog.now())",
        finished=certain(
            f"UPDATE {table} SET finished_at = {_NOW}, checksum = {checksum} WHERE {is_this} AND finished_at IS NULL"
        ),
        failed="SELECT $1::pg_catalog.text",
        withdrawn=f"DELETE FROM {table} WHERE {is_this} AND finished_at IS NULL",
        lookup=(
            f"SELECT CASE WHEN EXISTS (SELECT FROM {table} WHERE {is_this} AND finished_at IS NOT NULL) THEN 'applied' "
            f"WHEN EXISTS (SELECT FROM {table} WHERE {is_this}) THEN 'open' ELSE 'absent' END"
        ),
    )


def undoing_of(history: Table, migration: Migration) -> Ledger:
    """The bookkeeping of undoing one file: its row goes."""
    table = qualified(history.schema, history.name)
    is_this = f"name OPERATOR(pg_catalog.=) {literal(migration.name)}"
    return Ledger(
        record=certain(f"DELETE FROM {table} WHERE {is_this} AND finished_at IS NOT NULL"),
        opened=f"UPDATE {table} SET finished_at = NULL WHERE {is_this}",
        finished=certain(f"DELETE FROM {table} WHERE {is_this} AND finished_at IS NULL"),
        failed="SELECT $1::pg_catalog.text",
        withdrawn=f"UPDATE {table} SET finished_at = {_NOW} WHERE {is_this} AND finished_at IS NULL",
        lookup=(
            f"SELECT CASE WHEN EXISTS (SELECT FROM {table} WHERE {is_this} AND finished_at IS NOT NULL) THEN 'absent' "
            f"WHEN EXISTS (SELECT FROM {table} WHERE {is_this}) THEN 'open' ELSE 'applied' END"
        ),
    )


def mark_applied(history: Table, migration: Migration) -> tuple[str, ...]:
    """A finished row without a run."""
    values = f"{literal(migration.name)}, {literal(migration.checksum)}, {_NOW}, {_NOW}"
    insert = f"INSERT INTO {qualified(history.schema, history.name)} ({_COLUMNS}, finished_at) VALUES ({values})"
    return (*mark_rolled_back(history, migration.name), insert)


def mark_rolled_back(history: Table, name: str) -> tuple[str, ...]:
    """The open row goes: the file is pending again."""
    table = qualified(history.schema, history.name)
    return (f"DELETE FROM {table} WHERE name OPERATOR(pg_catalog.=) {literal(name)} AND finished_at IS NULL",)

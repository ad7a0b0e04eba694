"""The one row of `schema_migrations`, written as golang-migrate writes it: the old row goes, the new one comes."""

from drydock.model import Ledger, Table
from drydock.postgres.literals import identifier, qualified
from drydock.tools.certainty import certain


def create_table(history: Table, *, has_schema: bool) -> tuple[str, ...]:
    """The table as golang-migrate 4 creates it, after its schema where that is missing."""
    table = qualified(history.schema, history.name)
    schema = () if has_schema else (f"CREATE SCHEMA IF NOT EXISTS {identifier(history.schema)}",)
    return (
        *schema,
        f"CREATE TABLE IF NOT EXISTS {table} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)",
    )


def ledger_of(history: Table, *, version: int, before: int | None) -> Ledger:
    """The bookkeeping of one migration; `before` is the version that a withdrawn one returns to."""
    table = qualified(history.schema, history.name)
    is_this = f"version OPERATOR(pg_catalog.=) {version}"
    is_later = f"version OPERATOR(pg_catalog.>=) {version} AND NOT dirty"
    return Ledger(
        record=_moved(table, version, dirty=False),
        opened=_moved(table, version, dirty=True),
        finished=certain(f"UPDATE {table} SET dirty = false WHERE {is_this}"),
        failed="SELECT $1::pg_catalog.text",
        withdrawn=_moved(table, before, dirty=False),
        lookup=(
            f"SELECT CASE WHEN EXISTS (SELECT FROM {table} WHERE {is_later}) THEN 'applied' "
            f"WHEN EXISTS (SELECT FROM {table} WHERE {is_this}) THEN 'open' ELSE 'absent' END"
        ),
    )


def undoing_of(history: Table, *, version: int, below: int | None) -> Ledger:
    """The bookkeeping of undoing `version`: as golang-migrate, the version below, dirty while the script runs.

    Below the first is no row; while its down script runs, golang-migrate writes -1 (`NilVersion`).
    """
    table = qualified(history.schema, history.name)
    passing = -1 if below is None else below
    is_passing = f"version OPERATOR(pg_catalog.=) {passing}"
    arrived = f"DELETE FROM {table}" if below is None else f"UPDATE {table} SET dirty = false"
    return Ledger(
        record=certain(f"DELETE FROM {table}") if below is None else _moved(table, below, dirty=False),
        opened=_moved(table, passing, dirty=True),
        finished=certain(f"{arrived} WHERE {is_passing} AND dirty"),
        failed="SELECT $1::pg_catalog.text",
        withdrawn=_moved(table, version, dirty=False),
        lookup=(
            f"SELECT CASE WHEN EXISTS (SELECT FROM {table} WHERE version OPERATOR(pg_catalog.>=) {version} "
            f"AND NOT dirty) THEN 'absent' WHEN EXISTS (SELECT FROM {table} WHERE {is_passing} AND dirty) THEN 'open' "
            "ELSE 'applied' END"
        ),
    )


def set_version(history: Table, version: int | None) -> tuple[str, ...]:
    """As `migrate force`: this version, not dirty; none empties the table."""
    table = qualified(history.schema, history.name)
    empty = (f"DELETE FROM {table}",)
    return empty if version is None else (*empty, f"INSERT INTO {table} (version, dirty) VALUES ({version}, false)")


def _moved(table: str, version: int | None, *, dirty: bool) -> str:
    empty = f"DELETE FROM {table}"
    if version is None:
        return empty
    insert = f"INSERT INTO {table} (version, dirty) VALUES ({version}, {str(dirty).lower()})"
    return certain(insert, alongside=empty)

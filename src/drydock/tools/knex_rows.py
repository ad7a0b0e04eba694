"""The tables of Knex, as Knex 1 to 3 makes them: `knex_migrations` and `knex_migrations_lock`."""

from collections.abc import Sequence

from drydock.model import Table
from drydock.postgres.literals import literal, qualified

# Knex creates tables in the current schema, which is the first of its search path that there is. "$user" stands in it.
CURRENT = "pg_catalog.current_schema()"
FIRST_OF = """(SELECT n.nspname FROM pg_catalog.unnest(ARRAY[{names}]::text[]) WITH ORDINALITY AS path (name, place)
  JOIN pg_catalog.pg_namespace n
    ON n.nspname = CASE path.name WHEN '$user' THEN current_user::text ELSE path.name END
 ORDER BY path.place LIMIT 1)"""


def lock_of(history: Table) -> Table:
    """The table with the lock."""
    return Table(schema=history.schema, name=f"{history.name}_lock")


def place_query(schema: str | None, search_path: Sequence[str]) -> str:
    """A query of the schema that the tables are in."""
    if schema is not None:
        return f"SELECT {literal(schema)}"
    return f"SELECT {FIRST_OF.format(names=', '.join(map(literal, search_path))) if search_path else CURRENT}"


def named(table: Table) -> str:
    """The table's name as SQL needs it."""
    return qualified(table.schema, table.name)


def create_history(history: Table) -> str:
    """The history, column for column as Knex makes it."""
    columns = "id serial primary key, name varchar(255), batch integer, migration_time timestamptz"
    return f"CREATE TABLE IF NOT EXISTS {named(history)} ({columns})"


def create_lock(history: Table) -> str:
    """The table with the lock, as Knex makes it."""
    return f"CREATE TABLE IF NOT EXISTS {named(lock_of(history))} (index serial primary key, is_locked integer)"


def add_lock_row(history: Table) -> str:
    """The lock's one row, free."""
    lock = named(lock_of(history))
    return f"INSERT INTO {lock} (is_locked) SELECT 0 WHERE NOT EXISTS (SELECT FROM {lock})"


def recorded(history: Table) -> str:
    """A query of the names that are applied."""
    return f"SELECT name FROM {named(history)} ORDER BY id"


def released(history: Table) -> str:
    """The lock is free again."""
    return f"UPDATE {named(lock_of(history))} SET is_locked = 0 WHERE is_locked OPERATOR(pg_catalog.<>) 0"


def unlocked(history: Table) -> tuple[str, ...]:
    """The lock is as `knex migrate:unlock` leaves it: one free row, whatever was there."""
    lock = named(lock_of(history))
    return (f"DELETE FROM {lock}", f"INSERT INTO {lock} (is_locked) VALUES (0)")


def next_batch(history: Table) -> str:
    """A query of the number of this run."""
    return f"SELECT coalesce(max(batch), 0) + 1 AS batch FROM {named(history)}"


def mark_applied(history: Table, name: str) -> tuple[str, ...]:
    """A row without a run, as a batch of its own."""
    batch = f"(SELECT coalesce(pg_catalog.max(batch), 0) + 1 FROM {named(history)})"
    values = f"{literal(name)}, {batch}, pg_catalog.now()"
    return (
        *unlocked(history),
        f"INSERT INTO {named(history)} (name, batch, migration_time) VALUES ({values})",
    )


def mark_rolled_back(history: Table, name: str) -> tuple[str, ...]:
    """No row of that name: the migration is pending again, as after `knex migrate:down`."""
    return (
        *unlocked(history),
        f"DELETE FROM {named(history)} WHERE name OPERATOR(pg_catalog.=) {literal(name)}",
    )


def lock_queries(history: Table) -> tuple[str, str]:
    """Queries of the lock's row, and of the sessions that work with one of the tables."""
    lock = named(lock_of(history))
    tables = ", ".join(f"pg_catalog.to_regclass({literal(named(one))})" for one in (history, lock_of(history)))
    sessions = (
        "SELECT DISTINCT 'pid ' || a.pid || ', user ' || coalesce(a.usename, '?') || ', ' || "
        "coalesce(nullif(a.application_name, ''), 'no application name') || ', ' || coalesce(a.state, 'unknown') "
        "FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'relation' AND l.pid <> pg_catalog.pg_backend_pid() AND l.database = "
        "(SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) "
        f"AND l.relation IN ({tables}) LIMIT 5"
    )
    return f"SELECT is_locked FROM {lock}", sessions

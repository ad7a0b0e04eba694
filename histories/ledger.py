"""What a migration tool wrote down about its runs: the rows of its history table, made comparable.

Ids and times are left out: they differ from run to run.
"""

import psycopg
from psycopg.rows import TupleRow

from histories.history import History, Layout

TABLES = {
    Layout.PRISMA: "public._prisma_migrations",
    Layout.GOLANG: "public.schema_migrations",
    Layout.FLAT: "drydock.migrations",
    Layout.KNEX: "public.knex_migrations",
}
"""The history table of each layout, by its default name."""

# Rows that were begun in the same millisecond are told in the order of the files.
QUERIES = {
    Layout.PRISMA: (
        "SELECT migration_name, checksum, finished_at IS NOT NULL, rolled_back_at IS NULL, logs, applied_steps_count"
        " FROM public._prisma_migrations"
        " ORDER BY started_at, array_position(%(names)s::text[], migration_name::text)"
    ),
    Layout.GOLANG: "SELECT version, dirty FROM public.schema_migrations",
    Layout.FLAT: (
        "SELECT name, checksum, finished_at IS NOT NULL FROM drydock.migrations"
        " ORDER BY started_at, array_position(%(names)s::text[], name)"
    ),
    Layout.KNEX: "SELECT name, batch FROM public.knex_migrations ORDER BY id",
}


def recorded(connection: psycopg.Connection[TupleRow], history: History) -> tuple[str, ...]:
    """Return the rows of the history table as text, oldest first."""
    if connection.execute("SELECT to_regclass(%s)", [TABLES[history.layout]]).fetchone() == (None,):
        return ()
    names = [script.name for script in history.scripts]
    query = QUERIES[history.layout].encode()
    return tuple(_line(row) for row in connection.execute(query, {"names": names}).fetchall())


def expected(history: History) -> tuple[str, ...]:
    """Return the rows that a whole run of `history` leaves, computed from the files."""
    match history.layout:
        case Layout.PRISMA:
            rows = [(script.name, script.checksum, True, True, None, 1) for script in history.scripts]
            return tuple(_line(row) for row in rows)
        case Layout.GOLANG:
            last = int(history.scripts[-1].name.split("_", 1)[0])
            return (_line((last, False)),)
        case Layout.KNEX:
            return tuple(_line((script.name, 1)) for script in history.scripts)
        case Layout.FLAT:
            return tuple(_line((script.name, script.checksum, True)) for script in history.scripts)


def row_differences(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    """Say in one line each which rows only one side has; if both have the same rows, whether the order is
    the same.
    """
    lines = [f"history row only in ours: {row}" for row in ours if row not in theirs]
    lines += [f"history row only in the reference: {row}" for row in theirs if row not in ours]
    if not lines and ours != theirs:
        lines.append("the history rows are the same, but in another order or number")
    return tuple(lines)


def _line(row: tuple[object, ...]) -> str:
    return " | ".join(str(value) for value in row)

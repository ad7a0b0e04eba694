"""Vacuums and analyses what was filled, so that plans and timings on a scratch are those of a settled database."""

import psycopg

from drydock.errors import RehearsalError
from drydock.redact import Secret


def freshen(address: Secret, tables: tuple[str, ...] | None) -> None:
    """VACUUM (ANALYZE) the given tables (quoted as SQL needs it), or all; what is not there is left out.

    Raises RehearsalError.
    """
    try:
        with psycopg.connect(address.reveal(), autocommit=True) as connection:
            connection.execute("SET client_min_messages = error")
            for table in ("",) if tables is None else _present(connection, tables):
                connection.execute(f"VACUUM (ANALYZE, SKIP_LOCKED) {table}".encode())
    except psycopg.Error as error:
        raise RehearsalError(
            f"The scratch cannot be vacuumed (SQLSTATE {error.sqlstate}).", hint="Give it more room, and try again."
        ) from None


def _present(connection: "psycopg.Connection[tuple[object, ...]]", tables: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the tables that are there, wherever an unqualified name is found, qualified."""
    found = connection.execute(
        """SELECT DISTINCT pg_catalog.format('%%I.%%I', n.nspname, c.relname)
             FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
                  pg_catalog.unnest(%s::text[]) AS wanted(name)
            WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_'
              AND wanted.name IN (
                  pg_catalog.format('%%I.%%I', n.nspname, c.relname), pg_catalog.format('%%I', c.relname))
        """,
        [list(tables)],
    )
    return tuple(str(name) for (name,) in found.fetchall())

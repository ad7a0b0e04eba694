"""Copies the rows of one small table from one database to another, such as a migration tool's history."""

from datetime import timedelta

import psycopg
from psycopg import errors, sql
from psycopg.rows import TupleRow

from drydock.errors import RehearsalError
from drydock.model import Table
from drydock.postgres.address import address_of
from drydock.postgres.refusal import condition_of
from drydock.redact import Secret

LOCK_TIMEOUT = timedelta(seconds=2)

# The order of columns may differ between the two; generated columns take no values. Empty: there is no such table.
COLUMNS = """
SELECT a.attname FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 ORDER BY a.attnum
"""

# Both sides must write and read values alike, whatever is set for the role or the database. A row that a policy hides
# would be missing in silence.
SETTINGS = (
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET extra_float_digits = 3",
    "SET bytea_output = 'hex'",
    "SET row_security = off",
)

_Connection = psycopg.Connection[TupleRow]


def copy_rows(from_address: Secret, to_address: Secret, *, table: Table) -> int:
    """Copy all rows by COPY, as text in UTF-8; how many. A table that `from_address` lacks has none.

    What is in the table already stays, and so does the position of its sequences on the side that is read. Raises
    RehearsalError naming the table when a session locks it, this role may not read it, or the other side does not
    take the rows.
    """
    name = sql.Identifier(*((table.schema, table.name) if table.schema else (table.name,)))
    try:
        with _session(from_address) as source, _session(to_address) as sink:
            source.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            names = [row[0] for row in source.execute(COLUMNS, [name.as_string(source)])]
            return _copied(source, sink, name=name, columns=names) if names else 0
    except psycopg.Error as error:
        raise _problem(error, table) from None


def _session(address: Secret) -> _Connection:
    connection = psycopg.connect(address_of(address).dsn.reveal(), connect_timeout=10, client_encoding="utf8")
    milliseconds = round(LOCK_TIMEOUT.total_seconds() * 1000)
    connection.execute(";".join((f"SET lock_timeout = {milliseconds}", *SETTINGS)).encode())
    connection.commit()
    return connection


def _copied(source: _Connection, sink: _Connection, *, name: sql.Identifier, columns: list[str]) -> int:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    read = sql.SQL("COPY {} ({}) TO STDOUT").format(name, listed)
    write = sql.SQL("COPY {} ({}) FROM STDIN").format(name, listed)
    taker = sink.cursor()
    with source.cursor().copy(read) as rows, taker.copy(write) as taken:
        for block in rows:
            taken.write(block)
    return taker.rowcount


def _problem(error: psycopg.Error, table: Table) -> RehearsalError:
    shown = f"{table.schema}.{table.name}" if table.schema else table.name
    if isinstance(error, errors.LockNotAvailable):
        return RehearsalError(
            f"A session holds a lock on {shown}, whose rows the rehearsal needs.", hint="Run again when it has ended."
        )
    if error.sqlstate is None:
        return RehearsalError(f"The connection was lost while the rows of {shown} were copied.", hint="Run again.")
    condition = condition_of(error.sqlstate).replace("_", " ")
    return RehearsalError(
        f"The rows of {shown} cannot be copied: {condition} ({error.sqlstate}).",
        hint="Check that the role may read all its rows.",
    )

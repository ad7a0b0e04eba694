"""Copies the rows of small tables from one database to another, such as a migration tool's history."""

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

# Where a serial column's counter stands: a schema's dump leaves it at its start, and the next row would take a number
# that is there already.
COUNTERS = """
SELECT a.attname, pg_catalog.pg_get_serial_sequence(%s, a.attname) FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
   AND pg_catalog.pg_get_serial_sequence(%s, a.attname) IS NOT NULL
"""
SET_COUNTER = "SELECT pg_catalog.setval({counter}, coalesce(pg_catalog.max({column}), 0) + 1, false) FROM {table}"

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


def copy_rows(source: Secret, scratch: Secret, *, tables: tuple[Table, ...]) -> int:
    """Copy all rows of these tables by COPY, as text in UTF-8, one snapshot for all; how many. Counters follow.

    A table that is not in `source` has none. What is in a table of `scratch` already stays. Raises RehearsalError
    naming the table when a session locks it, this role may not read all of it, or `scratch` does not take the rows;
    then no rows of any table were copied.
    """
    current = "the history"
    try:
        with _session(source) as reading, _session(scratch) as writing:
            reading.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            copied = 0
            for table in tables:
                current = str(table).removeprefix(".")
                copied += _copied(reading, writing, table=table)
            return copied
    except psycopg.Error as error:
        raise _problem(error, current) from None


def _session(address: Secret) -> _Connection:
    connection = psycopg.connect(address_of(address).dsn.reveal(), connect_timeout=10, client_encoding="utf8")
    milliseconds = round(LOCK_TIMEOUT.total_seconds() * 1000)
    connection.execute(";".join((f"SET lock_timeout = {milliseconds}", *SETTINGS)).encode())
    connection.commit()
    return connection


def _copied(reading: _Connection, writing: _Connection, *, table: Table) -> int:
    name = sql.Identifier(*((table.schema, table.name) if table.schema else (table.name,)))
    names = [row[0] for row in reading.execute(COLUMNS, [name.as_string(reading)])]
    if not names:
        return 0
    listed = sql.SQL(", ").join(map(sql.Identifier, names))
    read = sql.SQL("COPY {} ({}) TO STDOUT").format(name, listed)
    write = sql.SQL("COPY {} ({}) FROM STDIN").format(name, listed)
    taker = writing.cursor()
    with reading.cursor().copy(read) as rows, taker.copy(write) as taken:
        for block in rows:
            taken.write(block)
    text = name.as_string(writing)
    for column, counter in writing.execute(COUNTERS, [text, text, text]).fetchall():
        placed = {"counter": sql.Literal(counter), "column": sql.Identifier(column), "table": name}
        writing.execute(sql.SQL(SET_COUNTER).format(**placed))
    return taker.rowcount


def _problem(error: psycopg.Error, shown: str) -> RehearsalError:
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

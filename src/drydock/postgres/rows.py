"""Rows of single tables from one database to another: the tool's history onto the scratch."""

import psycopg
from psycopg.errors import UndefinedTable

from drydock.errors import RehearsalError
from drydock.model import Table
from drydock.postgres.address import address_of
from drydock.postgres.literals import qualified
from drydock.redact import Secret


def copy_rows(source: Secret, scratch: Secret, *, tables: tuple[Table, ...]) -> None:
    """Copy all rows of these tables, byte for byte in the server's text form; a table that is not there is left out.

    Raises RehearsalError when the rows cannot be read or written.
    """
    try:
        with (
            psycopg.connect(address_of(source).dsn.reveal(), client_encoding="utf8") as reading,
            psycopg.connect(scratch.reveal(), client_encoding="utf8") as writing,
        ):
            reading.read_only = True
            for table in tables:
                _copy(reading, writing, name=qualified(table.schema, table.name))
    except psycopg.Error as error:
        raise RehearsalError(
            f"The history cannot be copied to the scratch: {error.sqlstate or 'no connection'}."
        ) from None


def _copy(
    reading: "psycopg.Connection[tuple[object, ...]]", writing: "psycopg.Connection[tuple[object, ...]]", *, name: str
) -> None:
    try:
        with reading.cursor() as out, writing.cursor() as into:
            into.execute(f"TRUNCATE {name}".encode())
            _pour(out, into, name=name)
    except UndefinedTable:
        reading.rollback()
        writing.rollback()
    else:
        writing.commit()


def _pour(out: "psycopg.Cursor[tuple[object, ...]]", into: "psycopg.Cursor[tuple[object, ...]]", *, name: str) -> None:
    with out.copy(f"COPY {name} TO STDOUT".encode()) as rows, into.copy(f"COPY {name} FROM STDIN".encode()) as target:
        for block in rows:
            target.write(block)

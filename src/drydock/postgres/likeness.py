"""What a scratch must be like to stand in for this database: one query."""

from drydock.errors import RehearsalError
from drydock.postgres.interface import Reader, Rows
from drydock.scratch.interface import Likeness

QUERY = """SELECT pg_catalog.current_setting('server_version_num'), datname,
    pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype, pg_catalog.current_setting('wal_level'),
    pg_catalog.current_setting('full_page_writes'), pg_catalog.current_setting('data_checksums')
  FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()"""


def read_likeness(reader: Reader) -> Likeness:
    """Ask the target. Raises UnreachableError, or RehearsalError when the catalog does not answer."""
    (answer,) = reader.read(QUERY)
    if not isinstance(answer, Rows):
        raise RehearsalError("The target does not say what it is like.", hint="Use a role with ordinary rights.")
    number, database, encoding, collate, ctype, wal_level, page_writes, checksums = (
        value or "" for value in answer.first()
    )
    return Likeness(
        major=int(number) // 10000,
        database=database,
        encoding=encoding,
        collate=collate,
        ctype=ctype,
        wal_level=wal_level,
        full_page_writes=page_writes == "on",
        checksums=checksums == "on",
    )

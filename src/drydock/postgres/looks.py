"""How often the rows of tables were looked for or changed: what a server counts for its statistics."""

import time

import psycopg

from drydock.errors import RehearsalError
from drydock.model import Table
from drydock.redact import Secret

WAIT_SECONDS = 3.0
TICK = 0.01
# A session adds what it counted when it ends, at the latest.
_OTHERS = """
    SELECT count(*) FROM pg_catalog.pg_stat_activity
     WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
       AND backend_type = 'client backend'
"""
_LOOKS = """
    SELECT s.schemaname, s.relname,
           coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0) + s.n_tup_ins + s.n_tup_upd + s.n_tup_del
      FROM pg_catalog.pg_stat_all_tables s
"""


def looks(address: Secret, tables: tuple[Table, ...]) -> dict[Table, int]:
    """How often each of these tables was scanned and its rows changed, by all sessions that have ended.

    Waits a moment for those that are just ending. A table that is not there any more has no number. Raises
    RehearsalError.
    """
    if not tables:
        return {}
    try:
        with psycopg.connect(address.reveal(), autocommit=True) as connection:
            deadline = time.monotonic() + WAIT_SECONDS
            while connection.execute(_OTHERS).fetchall() != [(0,)] and time.monotonic() < deadline:
                time.sleep(TICK)
            found = connection.execute(_LOOKS).fetchall()
    except psycopg.Error as error:
        raise RehearsalError(
            f"The scratch cannot be asked whose rows were looked at (SQLSTATE {error.sqlstate}).", hint="Run again."
        ) from None
    counted = {Table(schema=schema, name=name): int(number) for schema, name, number in found}
    return {table: counted[table] for table in tables if table in counted}

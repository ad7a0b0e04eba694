"""Leads foreign servers nowhere, in the transaction that creates them, so that a copy never talks to anybody."""

import re

from drydock.model import Refusal
from drydock.postgres.interface import Filling
from drydock.postgres.literals import identifier, literal

NOWHERE = "/drydock-disabled"
"""A directory for sockets that is not there: libpq then asks no resolver and opens no connection."""
_OF_POSTGRES = frozenset({"postgres_fdw", "dblink_fdw"})
_LIBPQ_ADDRESS = frozenset({"host", "hostaddr", "port", "service", "servicefile", "passfile"})
_ADDRESS = re.compile(
    r"host|addr|port|server|url|uri|dsn|endpoint|path|file|dir|service|region|bucket|instance|program", re.I
)
_SECRET = re.compile(r"pass|pwd|secret|token|key|credential|user", re.IGNORECASE)
_SERVER = """
    SELECT w.fdwname, o.option_name
    FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw
    LEFT JOIN LATERAL pg_catalog.pg_options_to_table(s.srvoptions) o ON true
    WHERE pg_catalog.quote_ident(s.srvname) = $1 OR s.srvname = $1
"""
_TABLE = """
    SELECT o.option_name FROM pg_catalog.pg_foreign_table t, pg_catalog.pg_options_to_table(t.ftoptions) o
    WHERE t.ftrelid = pg_catalog.to_regclass($1) AND o.option_name IN ('program', 'filename')
"""


def lead_nowhere(filling: Filling, server: str) -> Refusal | None:
    """Take the address out of a foreign server; `server` is its name as SQL needs it."""
    rows = filling.read(_SERVER, server)
    options = {option for _, option in rows if option}
    is_postgres = any(wrapper in _OF_POSTGRES for wrapper, _ in rows)
    gone = sorted(option for option in options if _must_go(option, is_postgres=is_postgres))
    changes = [f"DROP {identifier(option)}" for option in gone]
    if is_postgres:
        changes.append(f"ADD host {literal(NOWHERE)}")
    if not changes:
        return None
    return filling.execute(f"ALTER SERVER {server} OPTIONS ({', '.join(changes)})".encode())


def lead_table_nowhere(filling: Filling, table: str) -> Refusal | None:
    """Take the program or file out of a foreign table; `table` is its name as SQL needs it."""
    options = {option for (option,) in filling.read(_TABLE, table)}
    if not options:
        return None
    change = (
        f"DROP program, ADD filename {literal(NOWHERE)}" if "program" in options else f"SET filename {literal(NOWHERE)}"
    )
    return filling.execute(f"ALTER FOREIGN TABLE {table} OPTIONS ({change})".encode())


def _must_go(option: str, *, is_postgres: bool) -> bool:
    if is_postgres:
        return option in _LIBPQ_ADDRESS or _SECRET.search(option) is not None
    return bool(_ADDRESS.search(option) or _SECRET.search(option))

"""Vacuums and analyses what was filled, so that plans and timings on a scratch are those of a settled database."""

import json
from collections.abc import Callable

from drydock.errors import RehearsalError
from drydock.postgres.interface import Filling
from drydock.postgres.restore import open_filling
from drydock.redact import Secret

PRESENT = """SELECT DISTINCT pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
       pg_catalog.json_array_elements_text($1::json) AS wanted(name)
 WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_'
   AND wanted.name IN (pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.format('%I', c.relname))
"""


def freshen(address: Secret, tables: tuple[str, ...] | None, *, stopped: Callable[[], bool]) -> None:
    """VACUUM (ANALYZE) the given tables (quoted as SQL needs it), or all; what is not there is left out.

    Raises RehearsalError, also soon after `stopped` says so.
    """
    with open_filling(address, stopped) as session:
        for table in ("",) if tables is None else _present(session, tables):
            refused = session.execute(f"VACUUM (ANALYZE, SKIP_LOCKED) {table}".encode())
            if refused is not None:
                raise RehearsalError(
                    f"The scratch cannot be vacuumed: {refused}.", hint="Give it more room, and try again."
                )


def _present(session: Filling, tables: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the tables that are there, wherever an unqualified name is found, qualified."""
    return tuple(name or "" for (name,) in session.read(PRESENT, json.dumps(tables)))

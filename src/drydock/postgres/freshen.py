"""Vacuums and analyses what was filled, so that plans and timings on a scratch are those of a settled database."""

import psycopg

from drydock.errors import RehearsalError
from drydock.redact import Secret


def freshen(address: Secret, tables: tuple[str, ...] | None) -> None:
    """VACUUM (ANALYZE) the given tables (qualified, quoted as SQL needs it), or all. Raises RehearsalError."""
    try:
        with psycopg.connect(address.reveal(), autocommit=True) as connection:
            connection.execute("SET client_min_messages = error")
            for table in ("",) if tables is None else tables:
                connection.execute(f"VACUUM (ANALYZE, SKIP_LOCKED) {table}".encode())
    except psycopg.Error as error:
        raise RehearsalError(
            f"The scratch cannot be vacuumed (SQLSTATE {error.sqlstate}).", hint="Give it more room, and try again."
        ) from None

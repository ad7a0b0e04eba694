"""Sessions on a server that stands in for the target: what goes wrong there is a rehearsal that cannot take place."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection, errors
from psycopg.conninfo import conninfo_to_dict

from drydock.errors import RehearsalError
from drydock.postgres.address import address_of
from drydock.postgres.refusal import condition_of, safe_message
from drydock.redact import Secret

CONNECT_SECONDS = 10
NAMED = (("host", "host"), ("database", "dbname"), ("user", "user"))

StandIn = Connection[tuple[object, ...]]


def connected(address: Secret) -> StandIn:
    """A session in autocommit, to be closed by the caller. Raises psycopg.Error."""
    return psycopg.connect(
        address_of(address).dsn.reveal(),
        autocommit=True,
        prepare_threshold=None,
        connect_timeout=CONNECT_SECONDS,
        client_encoding="utf8",
        keepalives_idle=20,
        keepalives_interval=5,
    )


@contextmanager
def refusals(address: Secret, *, doing: str) -> Iterator[None]:
    """What psycopg says against us becomes a RehearsalError that begins with `doing`."""
    try:
        yield
    except psycopg.Error as error:
        raise _refused(error, doing, address=address) from None


@contextmanager
def session_on(address: Secret, *, doing: str) -> Iterator[StandIn]:
    """A session, closed with the scope; see `refusals`."""
    with refusals(address, doing=doing), connected(address) as session:
        yield session


def _refused(error: psycopg.Error, doing: str, *, address: Secret) -> RehearsalError:
    sqlstate = error.sqlstate
    if sqlstate is None:
        # libpq reports a refused start-up as text alone, which may quote anything.
        hint = "Check host, port, database, user and password in the address of the scratch."
        return RehearsalError(f"{doing}: the server does not answer or refuses us ({_where(address)}).", hint=hint)
    said = safe_message(sqlstate, error.diag.message_primary) or condition_of(sqlstate).replace("_", " ")
    hint = ""
    if isinstance(error, errors.InsufficientPrivilege):
        hint = "Give the user the right to create databases (ALTER ROLE ... CREATEDB), or use scratch `embedded`."
    return RehearsalError(f"{doing}: {said} (SQLSTATE {sqlstate}).", hint=hint)


def _where(address: Secret) -> str:
    try:
        parts = conninfo_to_dict(address_of(address).dsn.reveal())
    except psycopg.ProgrammingError:
        return "libpq cannot read the address"
    return ", ".join(f"{word} {parts.get(key, '(default)')}" for word, key in NAMED)

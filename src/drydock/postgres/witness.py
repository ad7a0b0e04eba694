"""A session on the target that holds a lock nobody else can hold: the server that shows it is the target's own."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg import OperationalError

from drydock.errors import RehearsalError, UnreachableError
from drydock.postgres.interface import Rows
from drydock.postgres.session import Session

NONCE_BITS = 63


@contextmanager
def witness(connect: Callable[[], Session]) -> Iterator[int]:
    """A random advisory lock on the target, for `Administration.require_apart`; let go with the scope.

    It waits for nothing, opens no transaction and changes nothing. Raises what `connect` raises, UnreachableError when
    the connection is lost, RehearsalError when the lock cannot be had.
    """
    nonce = secrets.randbits(NONCE_BITS)
    session = connect()
    try:
        if not _has(session, f"SELECT pg_catalog.pg_try_advisory_lock({nonce}::bigint)"):
            raise RehearsalError("The target grants no advisory lock, so nothing proves that the scratch is not on it.")
        yield nonce
    finally:
        session.close()


def _has(session: Session, query: str) -> bool:
    try:
        answer = session.read(query)[0]
    except OperationalError:
        raise UnreachableError("The connection to the target was lost.", hint="Run again.") from None
    return isinstance(answer, Rows) and answer.rows == (("t",),)

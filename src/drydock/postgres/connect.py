"""Opening sessions: waiting for a database that is still starting, and saying clearly why none could be had."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from psycopg import Connection, OperationalError
from psycopg.conninfo import conninfo_to_dict

from drydock.errors import AccessError, DrydockError, InterruptedRun, UnreachableError, UsageError
from drydock.interruption import Interruption
from drydock.postgres.address import Address
from drydock.postgres.session import Session

RETRY_EVERY = 1.0
ACCESS = {
    "28P01": "The server refuses the password",
    "28000": "The server refuses this user from here",
    "3D000": "The database does not exist",
    "42501": "The user may not connect to this database",
    "port": "The port in the address is no port number",
    "ssl": "The server and the address do not agree about SSL",
}
BAD_PORT = "port"
ACCESS_WORDS = {
    "password authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    "is not permitted to log in": "28000",
    "permission denied for database": "42501",
    "server does not support SSL": "ssl",
    "certificate verify failed": "ssl",
    "root certificate file": "ssl",
    "invalid integer value": BAD_PORT,
    "invalid port number": BAD_PORT,
}
HINTS = {
    "28P01": "Check user and password in the database address.",
    "28000": "Check the user's name, its LOGIN right and pg_hba.conf.",
    "3D000": "Create it, or correct the name at the end of the database address.",
    "42501": "Grant CONNECT on the database to this user.",
    "ssl": "Check sslmode and sslrootcert in the address, and the server's certificate.",
    "port": "Write it after the host: postgresql://user:password@host:5432/database",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long one attempt may take, and for how long attempts are repeated."""

    attempt: timedelta
    total: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """Opens sessions to one address."""

    address: Address
    patience: Patience
    stop: Interruption
    say: Callable[[str], None]
    inside_github: bool = False

    def open(self, *, patience: Patience | None = None) -> Session:
        """A session, as soon as the server takes one.

        Raises AccessError (wrong password, no such database), UnreachableError when time is up, UsageError when the
        address itself cannot be used, InterruptedRun on a signal.
        """
        limits = patience or self.patience
        deadline = time.monotonic() + limits.total.total_seconds()
        told = False
        while True:
            try:
                return self._attempt(limits.attempt)
            except OperationalError as error:
                problem = self._problem(error)
                if not isinstance(problem, UnreachableError) or time.monotonic() + RETRY_EVERY > deadline:
                    raise problem from None
            if not told:
                self.say(f"The database does not answer yet; trying for up to {limits.total.total_seconds():.0f} s.")
                told = True
            if self.stop.pause(RETRY_EVERY):
                raise InterruptedRun(self.stop.signal_number or 15)

    def _attempt(self, limit: timedelta) -> Session:
        seconds = max(2, round(limit.total_seconds()))
        try:
            connection: Connection[tuple[object, ...]] = psycopg.connect(
                self.address.dsn.reveal(),
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=seconds,
                client_encoding="utf8",
                keepalives=1,
                keepalives_idle=20,
                keepalives_interval=5,
                keepalives_count=4,
                tcp_user_timeout=30_000,
            )
        except psycopg.ProgrammingError:
            raise UsageError(
                "The database address cannot be read by libpq.",
                hint="Use postgresql://user:password@host:5432/database; percent-encode special characters.",
            ) from None
        return Session(connection, self.stop)

    def _problem(self, error: OperationalError) -> DrydockError:
        sqlstate = error.sqlstate or _sqlstate_by_words(str(error))
        if sqlstate in ACCESS:
            return AccessError(f"{ACCESS[sqlstate]} ({self._where()}).", hint=HINTS[sqlstate])
        hint = "Check host, port and network; the server may still be starting."
        if self.inside_github and self._host() in ("localhost", "127.0.0.1", "::1"):
            hint = "Inside a container action localhost is the container itself: use the service's label as host."
        return UnreachableError(f"The database does not answer ({self._where()}).", hint=hint)

    def _where(self) -> str:
        parts = conninfo_to_dict(self.address.dsn.reveal())
        database, user = (parts.get(name, "(default)") for name in ("dbname", "user"))
        return f"host {self._host()}, database {database}, user {user}"

    def _host(self) -> str:
        parts = conninfo_to_dict(self.address.dsn.reveal())
        return str(parts.get("host") or parts.get("hostaddr") or "(default)")


def _sqlstate_by_words(text: str) -> str | None:
    # libpq reports a refused start-up as text alone: there is no result that could carry the SQLSTATE.
    if 'database "' in text and "does not exist" in text:
        return "3D000"
    if 'role "' in text and "does not exist" in text:
        return "28000"
    return next((code for words, code in ACCESS_WORDS.items() if words in text), None)

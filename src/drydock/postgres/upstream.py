"""The session behind a front: opened by libpq as the client wanted it, and what it says of itself."""

from collections.abc import Mapping

from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.pq.abc import PGconn

from drydock.postgres.endpoint import Endpoint

CONNECT_SECONDS = 10
IN_CONNINFO = ("application_name", "client_encoding")
REPORTED = (
    *("server_version", "server_encoding", "client_encoding", "application_name", "default_transaction_read_only"),
    *("in_hot_standby", "is_superuser", "session_authorization", "DateStyle", "IntervalStyle", "TimeZone"),
    *("integer_datetimes", "standard_conforming_strings"),
)
"""The parameters that a server reports unasked (manual section 55.2.7)."""


def opened(endpoint: Endpoint, wanted: Mapping[str, str]) -> PGconn:
    """A session, which may have failed: then it has no socket."""
    return pq.PGconn.connect(conninfo_of(endpoint, wanted).encode())


def conninfo_of(endpoint: Endpoint, wanted: Mapping[str, str]) -> str:
    """How libpq opens the session; `wanted` is what the client said at its start."""
    settings = {name: value for name, value in wanted.items() if name and name not in ("user", "database", "options")}
    options = [f"-c {name}={_escaped(value)}" for name, value in settings.items() if name not in IN_CONNINFO]
    given = [text for text in (endpoint.options, wanted.get("options", "")) if text]
    return make_conninfo(
        host=endpoint.host,
        port=endpoint.port,
        user=endpoint.user,
        password=endpoint.password.reveal() if endpoint.password else "",
        dbname=endpoint.database,
        connect_timeout=CONNECT_SECONDS,
        sslmode="disable",
        options=" ".join((*given, *options)),
        **{name: value for name, value in settings.items() if name in IN_CONNINFO},
    )


def known_parameters(connection: PGconn) -> Mapping[str, str]:
    """What the server reported of itself."""
    found = {name: connection.parameter_status(name.encode()) for name in REPORTED}
    return {name: value.decode("utf-8", "replace") for name, value in found.items() if value is not None}


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")

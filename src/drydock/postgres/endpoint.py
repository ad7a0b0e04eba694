"""Where a session is, so that a program in another language can be sent to the very same place.

What libpq worked out (service files, password files, several hosts, its own variables) is asked of the open connection,
and not worked out again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from psycopg.pq.abc import PGconn

from drydock.postgres.libpq_environment import libpq_environment
from drydock.redact import Secret

DEFAULT_ROOT = "~/.postgresql/root.crt"
PORT = 5432


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the session is encrypted. Files are paths as libpq takes them; empty where there is none."""

    mode: str
    """As libpq's sslmode: `require`, `verify-full`."""
    is_asked_for: bool
    """Whether the address says so; else it is what the server offered."""
    root: str
    certificate: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One database as one user reaches it."""

    host: str
    """A name, an address, or the directory of a Unix socket."""
    port: int
    user: str
    password: Secret | None
    database: str
    options: str
    tls: Tls | None

    @property
    def url(self) -> Secret:
        """The address as a URL that libpq and node-postgres understand."""
        password = f":{quote(self.password.reveal(), safe='')}" if self.password else ""
        account = f"{quote(self.user, safe='')}{password}"
        database = quote(self.database, safe="")
        if self.host.startswith("/"):
            return Secret(f"postgresql://{account}@/{database}?host={quote(self.host, safe='')}&port={self.port}")
        mode = self.tls.mode if self.tls else "disable"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return Secret(f"postgresql://{account}@{host}:{self.port}/{database}?sslmode={mode}")

    @property
    def environment(self) -> Mapping[str, str]:
        """DATABASE_URL and libpq's variables. The values are secret."""
        password = {"PGPASSWORD": self.password.reveal()} if self.password else {}
        return {
            "DATABASE_URL": self.url.reveal(),
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGDATABASE": self.database,
            "PGSSLMODE": self.tls.mode if self.tls else "disable",
            **password,
        }

    @property
    def for_programs(self) -> Mapping[str, str]:
        """DRYDOCK_CONNECTION, for a program of ours inside Node. The value is secret."""
        parameters = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password.reveal() if self.password else "",
            "database": self.database,
            **({"options": self.options} if self.options else {}),
        }
        tls = self.tls
        by_project = tls is not None and not tls.is_asked_for
        ssl = _ssl(tls) if tls else False
        connection = {"parameters": parameters, "ssl": ssl, "ssl_by_project": by_project}
        return {"DRYDOCK_CONNECTION": json.dumps(connection)}


NOWHERE = Endpoint(
    host="127.0.0.1", port=1, user="nobody", password=Secret("nothing"), database="nowhere", options="", tls=None
)
"""An address that leads to no database, for code that must have one and is not to connect."""


def endpoint_at(address: Secret) -> Endpoint:
    """Where an address leads, as far as it says so itself, and without its TLS: enough to know its traces.

    Raises UsageError when libpq cannot read it.
    """
    found = libpq_environment(address)
    password = found.get("PGPASSWORD")
    port = found.get("PGPORT", "").split(",")[0]
    return Endpoint(
        host=(found.get("PGHOST") or found.get("PGHOSTADDR") or "localhost").split(",")[0],
        port=int(port) if port.isdecimal() else PORT,
        user=found.get("PGUSER", ""),
        password=Secret(password) if password else None,
        database=found.get("PGDATABASE", ""),
        options=found.get("PGOPTIONS", ""),
        tls=None,
    )


def endpoint_of(pgconn: PGconn) -> Endpoint:
    """Where an open connection is."""
    options = {option.keyword.decode(): (option.val or b"").decode("utf-8", "replace") for option in pgconn.info}
    password = pgconn.password.decode("utf-8", "surrogateescape")
    return Endpoint(
        host=pgconn.host.decode(),
        port=int(pgconn.port or PORT),
        user=pgconn.user.decode(),
        password=Secret(password) if password else None,
        database=pgconn.db.decode(),
        options=options.get("options", ""),
        tls=_tls(options) if pgconn.ssl_in_use else None,
    )


def _tls(options: Mapping[str, str]) -> Tls:
    return Tls(
        mode=options.get("sslmode") or "prefer",
        is_asked_for=options.get("sslmode") not in ("", "prefer", "allow", None),
        root=options.get("sslrootcert", ""),
        certificate=options.get("sslcert", ""),
        key=options.get("sslkey", ""),
    )


def _ssl(tls: Tls) -> Mapping[str, object]:
    """The options of Node's TLS that do what libpq does in this mode."""
    certificate = {"cert_file": tls.certificate, "key_file": tls.key} if tls.certificate and tls.key else {}
    checks = tls.mode.startswith("verify-") or (tls.mode == "require" and tls.root)
    if not checks:
        return {"rejectUnauthorized": False, **certificate}
    root = {} if tls.root == "system" else {"ca_file": tls.root or DEFAULT_ROOT}
    return {"rejectUnauthorized": True, "any_name": tls.mode != "verify-full", **root, **certificate}

"""The address of a server, with another database, user or password in it."""

from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from drydock.errors import RehearsalError
from drydock.postgres.address import address_of
from drydock.redact import Secret

IN_FRONT = frozenset({"user", "password", "host", "port", "dbname"})


def elsewhere(
    address: Secret, *, database: str | None = None, user: str | None = None, password: Secret | None = None
) -> Secret:
    """The address as a URL, with what is not None replaced; another user's password is not carried over.

    Raises RehearsalError when libpq cannot read the address.
    """
    try:
        parts = conninfo_to_dict(address_of(address).dsn.reveal())
    except psycopg.ProgrammingError:
        raise RehearsalError(
            "The address of the scratch cannot be read by libpq.",
            hint="Use postgresql://user:password@host:5432/database; percent-encode special characters.",
        ) from None
    if user is not None:
        parts = {**parts, "user": user, "password": None}
    if password is not None:
        parts = {**parts, "password": password.reveal()}
    if database is not None:
        parts = {**parts, "dbname": database}
    return Secret(_url({name: str(value) for name, value in parts.items() if value is not None}))


def _url(parts: dict[str, str]) -> str:
    host, port = parts.get("host", ""), parts.get("port", "")
    # Sockets and lists of hosts have no place in front of the path; libpq reads them from the query as well.
    is_plain = bool(host) and not any(sign in host + port for sign in "/,@")
    rest = {name: value for name, value in parts.items() if name not in IN_FRONT}
    if not is_plain:
        rest |= {name: parts[name] for name in ("host", "port") if name in parts}
    where = (f"[{host}]" if ":" in host else _quoted(host)) + (f":{port}" if port else "") if is_plain else ""
    query = "&".join(f"{name}={_quoted(value)}" for name, value in rest.items())
    return f"postgresql://{_account(parts)}{where}/{_quoted(parts.get('dbname', ''))}" + (f"?{query}" if query else "")


def _account(parts: dict[str, str]) -> str:
    if "user" not in parts:
        return ""
    password = f":{_quoted(parts['password'])}" if "password" in parts else ""
    return f"{_quoted(parts['user'])}{password}@"


def _quoted(value: str) -> str:
    return quote(value, safe="")

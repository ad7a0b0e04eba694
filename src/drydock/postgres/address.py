"""The database address as libpq takes it, and the parameters in it that belong to Prisma.

Prisma's URL knows parameters that libpq refuses. They are taken out here; `schema` is kept, because it decides where
Prisma's history table is. `pgbouncer=true` only changes how Prisma prepares statements, which we never do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from drydock.errors import UsageError
from drydock.redact import Secret

PRISMA_ONLY = frozenset(
    {
        "schema",
        "pgbouncer",
        "connection_limit",
        "pool_timeout",
        "socket_timeout",
        "statement_cache_size",
        "sslaccept",
    }
)
_ROLE = "Set it for the role: ALTER ROLE ... SET search_path."
_OPTION = "Take it out: the options sql_table, sql_schema and sql_mode say the same."
_TLS = "Write it as libpq does: sslmode=verify-full, with sslrootcert, sslcert and sslkey."
OF_OTHERS = {
    "sslidentity": _TLS,
    "search_path": _ROLE,
    "binary_parameters": "Take it out: it is for Go's driver.",
    "socket": "Write it as libpq does: host=/var/run/postgresql.",
    "ssl": _TLS,
    "x-migrations-table": _OPTION,
    "x-migrations-table-quoted": _OPTION,
    "x-multi-statement": _OPTION,
}
"""Parameters of other programs that cannot be left out without another meaning, and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to connect: `dsn` is for libpq; `schema` is Prisma's `?schema=`, or None."""

    dsn: Secret
    schema: str | None


def address_of(url: Secret) -> Address:
    """Split the address. A keyword string (`host=... dbname=...`) is passed on as it is.

    Nothing is decoded but the schema's name: libpq and Python differ on `+`, brackets and `#`. Raises UsageError for a
    parameter that another program understands, and whose absence would mean something else.
    """
    text = url.reveal()
    if "://" not in text:
        return Address(dsn=url, schema=None)
    where, query = _split(text)
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    _require_own(pairs)
    schema = next((unquote(value) for name, _, value in pairs if name == "schema"), None)
    kept = "&".join("".join(pair) for pair in pairs if pair[0] not in PRISMA_ONLY)
    return Address(dsn=Secret(f"{where}?{kept}" if kept else where), schema=schema or None)


def _require_own(pairs: Sequence[tuple[str, str, str]]) -> None:
    # Only names from the list are shown: of an address with a bare `?` in its password, anything may look like a name.
    hint = next((OF_OTHERS[name] for name, _, _ in pairs if name in OF_OTHERS), None)
    strict = any(name == "sslaccept" and value != "accept_invalid_certs" for name, _, value in pairs)
    if hint is None and not strict:
        return
    name = next((name for name, _, _ in pairs if name in OF_OTHERS), "sslaccept")
    raise UsageError(
        f"The database address has a parameter that only another program knows: {name}.", hint=hint or _TLS
    )


def _split(text: str) -> tuple[str, str]:
    """The address and its query. A password may hold a bare `?`; a query may hold a bare `@`."""
    start = text.index("://") + 3
    slash = text.find("/", start)
    account = text.rfind("@", start, slash if slash >= 0 else len(text)) + 1
    mark = text.find("?", max(start, account))
    mark = mark if mark >= 0 else text.find("?", start)
    return (text[:mark], text[mark + 1 :]) if mark >= 0 else (text, "")

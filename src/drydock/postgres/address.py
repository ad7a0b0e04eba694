"""The database address as libpq takes it, and the parameters in it that belong to Prisma.

Prisma's URL knows parameters that libpq refuses. They are taken out here; `schema` is kept, because it decides where
Prisma's history table is. `pgbouncer=true` only changes how Prisma prepares statements, which we never do.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from drydock.redact import Secret

PRISMA_ONLY = frozenset(
    {
        "schema",
        "pgbouncer",
        "connection_limit",
        "pool_timeout",
        "socket_timeout",
        "statement_cache_size",
        "sslidentity",
        "sslaccept",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to connect: `dsn` is for libpq; `schema` is Prisma's `?schema=`, or None."""

    dsn: Secret
    schema: str | None


def address_of(url: Secret) -> Address:
    """Split the address. A keyword string (`host=... dbname=...`) is passed on as it is.

    Nothing is decoded but the schema's name: libpq and Python differ on `+`, brackets and `#`.
    """
    text = url.reveal()
    if "://" not in text:
        return Address(dsn=url, schema=None)
    where, query = _split(text)
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    schema = next((unquote(value) for name, _, value in pairs if name == "schema"), None)
    kept = "&".join("".join(pair) for pair in pairs if pair[0] not in PRISMA_ONLY)
    return Address(dsn=Secret(f"{where}?{kept}" if kept else where), schema=schema or None)


def _split(text: str) -> tuple[str, str]:
    """The address and its query. A password may hold a bare `?`; a query may hold a bare `@`."""
    start = text.index("://") + 3
    slash = text.find("/", start)
    account = text.rfind("@", start, slash if slash >= 0 else len(text)) + 1
    mark = text.find("?", max(start, account))
    mark = mark if mark >= 0 else text.find("?", start)
    return (text[:mark], text[mark + 1 :]) if mark >= 0 else (text, "")

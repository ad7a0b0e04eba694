"""Making and dropping one database on the scratch's server, and the lock that shows that it has an owner.

Advisory locks belong to a database, but `pg_locks` shows those of all (manual, section 53.12). So a lock is looked for
there, whichever database its holder is connected to.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from psycopg import errors

from drydock.postgres.interface import Locale, NewDatabase
from drydock.postgres.literals import identifier, literal
from drydock.postgres.standin import StandIn, session_on
from drydock.redact import Secret

HOLDERS = """SELECT pid FROM pg_catalog.pg_locks
 WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND classid = {high} AND objid = {low}"""
UNUSED = """SELECT datname FROM pg_catalog.pg_database d
 WHERE datname ~ {pattern} AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid AND a.backend_type = 'client backend')"""
PREPARED = "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = {name}"
PROVIDERS_SINCE = 15_00_00
NEIGHBOUR_UTF8 = ("C.UTF-8", "C")
NEIGHBOUR = ("C",)
_NO_SUCH_LOCALE = (
    errors.WrongObjectType,  # the machine has not this locale
    errors.InvalidParameterValue,  # it does not go with the encoding, or ICU has not got it
    errors.FeatureNotSupported,  # the server was built without ICU
    errors.SyntaxError,  # the server is older than the provider
)


def create_database(session: StandIn, wanted: NewDatabase) -> tuple[str, ...]:
    """Create it with the wanted locale and time zone or the nearest; says which. Raises psycopg.Error."""
    return (*_created(session, wanted), *_zoned(session, wanted))


def give_way(session: StandIn, name: str) -> None:
    """Drop a new cluster's own database, which has the name that the target's database has. Raises psycopg.Error."""
    quoted = identifier(name)
    if session.execute(f"SELECT FROM pg_catalog.pg_database WHERE datname = {literal(name)}".encode()).rowcount:
        session.execute(f"ALTER DATABASE {quoted} IS_TEMPLATE false".encode())
        session.execute(f"DROP DATABASE {quoted}".encode())


def drop_database(session: StandIn, name: str, *, inside: Secret) -> None:
    """Drop it with its sessions and its prepared transactions. `inside` is its address. Raises psycopg.Error."""
    gids = [str(gid) for (gid,) in session.execute(PREPARED.format(name=literal(name)).encode())]
    if gids:
        # They keep a database from being dropped, even WITH (FORCE), and are rolled back only from inside.
        with session_on(inside, doing="The scratch database cannot be dropped") as within:
            for gid in gids:
                within.execute(f"ROLLBACK PREPARED {literal(gid)}".encode())
    session.execute(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)".encode())


def take_lease(session: StandIn, name: str) -> None:
    """Hold the database's lock for the life of this session. Raises psycopg.Error."""
    session.execute(f"SELECT pg_catalog.pg_advisory_lock({lease_of(name)})".encode())


def holders(session: StandIn, key: int) -> tuple[int, ...]:
    """Pids of the sessions that hold an advisory lock, in whichever database. Raises psycopg.Error."""
    unsigned = key & ((1 << 64) - 1)
    query = HOLDERS.format(high=unsigned >> 32, low=unsigned & ((1 << 32) - 1))
    return tuple(int(str(pid)) for (pid,) in session.execute(query.encode()))


def end_lease(session: StandIn, name: str) -> bool:
    """Tell the sessions that hold the database's lock to end; whether there were any. Raises psycopg.Error."""
    found = holders(session, lease_of(name))
    for pid in found:
        session.execute(f"SELECT pg_catalog.pg_terminate_backend({pid})".encode())
    return bool(found)


def lease_of(name: str) -> int:
    """The key of a database's lock: 64 bits, signed."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def unused(session: StandIn, prefix: str) -> tuple[str, ...]:
    """Databases named `prefix` and twelve hex digits that nobody is connected to. Raises psycopg.Error."""
    pattern = literal(f"^{prefix}[0-9a-f]{{12}}$")
    return tuple(str(name) for (name,) in session.execute(UNUSED.format(pattern=pattern).encode()))


def _created(session: StandIn, wanted: NewDatabase) -> tuple[str, ...]:
    *nearer, last = _locales(wanted)
    for locale in nearer:
        with suppress(*_NO_SUCH_LOCALE):
            _create(session, wanted, locale=locale)
            return _difference(wanted, locale)
    _create(session, wanted, locale=last)
    return _difference(wanted, last)


def _locales(wanted: NewDatabase) -> Iterator[Locale]:
    """The nearest first. ICU decides alone how characters are sorted, whatever the C library has."""
    neighbours = NEIGHBOUR_UTF8 if wanted.encoding.upper() in ("UTF8", "UTF-8") else NEIGHBOUR
    yield wanted.locale
    if wanted.locale.provider != "libc":
        yield from (replace(wanted.locale, collate=name, ctype=name) for name in neighbours)
        yield Locale(collate=wanted.locale.collate, ctype=wanted.locale.ctype)
    yield from (Locale(collate=name, ctype=name) for name in neighbours)


def _create(session: StandIn, wanted: NewDatabase, *, locale: Locale) -> None:
    provider = _provider(locale, session.info.server_version)
    session.execute(
        f"CREATE DATABASE {identifier(wanted.name)} TEMPLATE template0 ENCODING {literal(wanted.encoding)}"
        f" LC_COLLATE {literal(locale.collate)} LC_CTYPE {literal(locale.ctype)}{provider}".encode()
    )


def _provider(locale: Locale, server_version: int) -> str:
    match locale.provider:
        case "libc":
            # The default is what the cluster was made with.
            return " LOCALE_PROVIDER libc" if server_version >= PROVIDERS_SINCE else ""
        case "icu":
            rules = f" ICU_RULES {literal(locale.rules)}" if locale.rules else ""
            return f" LOCALE_PROVIDER icu ICU_LOCALE {literal(locale.name)}{rules}"
        case "builtin":
            return f" LOCALE_PROVIDER builtin BUILTIN_LOCALE {literal(locale.name)}"


def _difference(wanted: NewDatabase, locale: Locale) -> tuple[str, ...]:
    if str(locale) == str(wanted.locale):
        return ()
    return (
        f"The scratch has not the target's locale {wanted.locale}; it sorts and classifies characters by {locale}.",
    )


def _zoned(session: StandIn, wanted: NewDatabase) -> tuple[str, ...]:
    try:
        session.execute(f"ALTER DATABASE {identifier(wanted.name)} SET timezone TO {literal(wanted.timezone)}".encode())
    except errors.InvalidParameterValue:
        return (f"The scratch does not know the target's time zone {wanted.timezone}; its sessions have its own.",)
    return ()

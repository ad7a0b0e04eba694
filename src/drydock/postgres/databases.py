"""Making and dropping one database on the scratch's server, and the lock that shows that it has an owner.

Advisory locks belong to a database, but `pg_locks` shows those of all (manual, section 53.12). So a lock is looked for
there, whichever database its holder is connected to.
"""

import hashlib

from psycopg import errors

from drydock.postgres.interface import NewDatabase
from drydock.postgres.literals import identifier, literal
from drydock.postgres.standin import StandIn, session_on
from drydock.redact import Secret

HOLDERS = """SELECT pid FROM pg_catalog.pg_locks
 WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND classid = {high} AND objid = {low}"""
UNUSED = """SELECT datname FROM pg_catalog.pg_database d
 WHERE datname ~ {pattern} AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid AND a.backend_type = 'client backend')"""
PREPARED = "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = {name}"
NEIGHBOUR_UTF8 = ("C.UTF-8", "C")
NEIGHBOUR = ("C",)


def create_database(session: StandIn, wanted: NewDatabase) -> tuple[str, ...]:
    """Create it with the wanted locale or the nearest; says which. Raises psycopg.Error."""
    neighbours = NEIGHBOUR_UTF8 if wanted.encoding.upper() in ("UTF8", "UTF-8") else NEIGHBOUR
    locales = [(wanted.collate, wanted.ctype), *((name, name) for name in neighbours)]
    for collate, ctype in locales[:-1]:
        try:
            _create(session, wanted, collate=collate, ctype=ctype)
        except (errors.WrongObjectType, errors.InvalidParameterValue):
            # 42809: the machine has not this locale; 22023: it does not go with the encoding.
            continue
        return _difference(wanted, collate=collate, ctype=ctype)
    collate, ctype = locales[-1]
    _create(session, wanted, collate=collate, ctype=ctype)
    return _difference(wanted, collate=collate, ctype=ctype)


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


def _create(session: StandIn, wanted: NewDatabase, *, collate: str, ctype: str) -> None:
    session.execute(
        f"CREATE DATABASE {identifier(wanted.name)} TEMPLATE template0 ENCODING {literal(wanted.encoding)}"
        f" LC_COLLATE {literal(collate)} LC_CTYPE {literal(ctype)}".encode()
    )


def _difference(wanted: NewDatabase, *, collate: str, ctype: str) -> tuple[str, ...]:
    if (collate, ctype) == (wanted.collate, wanted.ctype):
        return ()
    there = wanted.collate if wanted.collate == wanted.ctype else f"{wanted.collate} with {wanted.ctype}"
    return (f"The scratch has not the target's locale {there}; it sorts and classifies characters by {collate}.",)

"""Reads what a database is made of, as one immutable value.

Two databases that were built by different routes and came out the same have equal catalogs: nothing here depends on
oids, on the order of creation, on dropped columns, on who owns what, or on the settings of the session. Left out on
purpose: owners, roles, subscriptions, tablespace locations, large objects and everything an extension brings along.
Each kind of object is one query in `queries/`: a name, the whole it belongs to, and its properties. One session,
read-only, one snapshot; all queries travel in one round trip.
"""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pkgutil import get_data

import psycopg
from psycopg import errors
from psycopg.rows import TupleRow

from drydock.errors import UnreachableError
from drydock.model import Catalog, CatalogObject, NotRead
from drydock.model.difference import CATALOG_KINDS, CONTENT_KINDS
from drydock.postgres.address import address_of
from drydock.redact import Secret

LOCK_TIMEOUT = timedelta(seconds=2)
"""Functions that write definitions out lock the tables they look at; this is how long one may wait for that."""

CONNECT_TIMEOUT = 10

# Names and definitions are qualified only when nothing is on the search path; dates in partition bounds and defaults
# are written in the session's time zone and style. A role may have any of these set.
SESSION = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL search_path = ''",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL quote_all_identifiers = off",
    "SET LOCAL jit = off",
    "SET LOCAL statement_timeout = 0",
)
TELL = b")\nSELECT object.name, jsonb_strip_nulls(to_jsonb(object) - 'name') FROM object"

_Connection = psycopg.Connection[TupleRow]
_Cursor = psycopg.Cursor[TupleRow]


def read_catalog(
    address: Secret, excluding: tuple[str, ...] = (), *, lock_timeout: timedelta = LOCK_TIMEOUT
) -> Catalog | NotRead:
    """What the database at `address` is made of.

    `excluding` names schemas, and relations with their schema, quoted where Postgres would quote them. NotRead when a
    session holds a lock for longer than `lock_timeout`, or changes the catalog meanwhile. Raises UnreachableError when
    there is no session to be had.
    """
    return _read(address, CATALOG_KINDS, excluding=excluding, lock_timeout=lock_timeout)


def read_contents(
    address: Secret, excluding: tuple[str, ...] = (), *, lock_timeout: timedelta = LOCK_TIMEOUT
) -> Catalog | NotRead:
    """How many rows every table has, how far every sequence has counted. Reads every table; else as `read_catalog`."""
    return _read(address, CONTENT_KINDS, excluding=excluding, lock_timeout=lock_timeout)


def _read(
    address: Secret, kinds: tuple[str, ...], *, excluding: tuple[str, ...], lock_timeout: timedelta
) -> Catalog | NotRead:
    try:
        with psycopg.connect(
            address_of(address).dsn.reveal(),
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=CONNECT_TIMEOUT,
            client_encoding="utf8",
        ) as connection:
            return _pictured(connection, kinds, excluding=excluding, lock_timeout=lock_timeout)
    except errors.LockNotAvailable:
        return NotRead(reason=f"a session held a lock for longer than {lock_timeout.total_seconds():g} s")
    except psycopg.Error as error:
        return _not_read(error)


def _not_read(error: psycopg.Error) -> NotRead:
    """What the server refused. A session that was not to be had, or was lost, is no refusal."""
    sqlstate = error.sqlstate
    if sqlstate is None or sqlstate[:2] in ("08", "28", "3D", "53", "57"):
        raise UnreachableError(
            "The database does not answer while its catalog is read.", hint="Check that it is up, and run again."
        ) from None
    return NotRead(reason=f"the server refused a query on its catalog with SQLSTATE {sqlstate}")


def _pictured(
    connection: _Connection, kinds: tuple[str, ...], *, excluding: tuple[str, ...], lock_timeout: timedelta
) -> Catalog:
    milliseconds = round(lock_timeout.total_seconds() * 1000)
    with connection.pipeline() as pipeline:
        for setting in (*SESSION, f"SET LOCAL lock_timeout = {milliseconds}"):
            connection.execute(setting.encode())
        cursors = [_asked(connection, kind, excluding=excluding) for kind in kinds]
        pipeline.sync()
        objects = [found for kind, cursor in zip(kinds, cursors, strict=True) for found in _objects(kind, cursor)]
        counted = [_counted(connection, found) for found in objects]
        connection.execute("COMMIT")
    return Catalog(objects=tuple(sorted(counted, key=_place)), major=connection.info.server_version // 10000)


def _asked(connection: _Connection, kind: str, *, excluding: tuple[str, ...]) -> _Cursor:
    return psycopg.RawCursor(connection).execute(_query(kind), [list(excluding)])


def _objects(kind: str, cursor: _Cursor) -> Iterator[CatalogObject]:
    """JSON is how rows of any shape arrive with the names of their columns."""
    for name, found in cursor.fetchall():
        whole = found.pop("whole", "")
        yield CatalogObject(kind=kind, name=name, whole=whole, properties=_properties(found))


def _place(found: CatalogObject) -> tuple[str, str]:
    return found.kind, found.name


def _counted(connection: _Connection, found: CatalogObject) -> CatalogObject:
    """A table's rows are counted by a query that the server wrote, as it knows how to quote the name."""
    query = found.of("counted_by")
    if query is None:
        return found
    row = connection.execute(query.encode()).fetchone()
    rows = str(row[0]) if row else None
    return CatalogObject(kind=found.kind, name=found.name, whole=found.whole, properties=(("rows", rows),))


@cache
def _query(kind: str) -> bytes:
    """A query as bytes: psycopg takes text only where it can be seen to be a constant."""
    return _text_of("_visible") + b", object AS (\n" + _text_of(kind) + TELL


def _text_of(query: str) -> bytes:
    return get_data("drydock.postgres", f"queries/{query}.sql") or b""


def _properties(found: dict[str, object]) -> tuple[tuple[str, str | None], ...]:
    # A database has tens of thousands of columns, all with the same names of properties.
    return tuple(sorted((sys.intern(name), _text(value)) for name, value in found.items()))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)

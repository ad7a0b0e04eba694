"""The catalog of a database as one immutable value, and the difference of two such values in words.

    before = read_catalog(connection, excluding=("drydock", "public._prisma_migrations"))
    ...
    for line in difference(before, read_catalog(connection)):
        ...

Two databases that were built by different routes and came out the same have equal catalogs: nothing here
depends on oids, on the order of creation, on dropped columns, on who owns what, or on how the search path
was set. Left out on purpose: owners, roles, subscriptions, tablespace locations, large objects and
everything an extension brings along. Each kind of object is one query in `queries/`: a name and its
properties. Read-only, one snapshot for all.
"""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow

QUERIES = Path(__file__).parent / "queries"

CATALOG_KINDS = (
    "schema",
    "extension",
    "table",
    "column",
    "constraint",
    "index",
    "view",
    "sequence",
    "function",
    "aggregate",
    "trigger",
    "rule",
    "policy",
    "enum",
    "domain",
    "composite",
    "range",
    "statistics",
    "publication",
    "event_trigger",
    "other",
    "comment",
    "grant",
    "default_grant",
)
"""The kinds `read_catalog` reads, in the order differences are told: the larger thing first."""

CONTENT_KINDS = ("row_count", "sequence_position")
"""The kinds `read_contents` reads. They cost a scan of every table."""

PARTS = ("column", "constraint", "index", "trigger", "rule", "policy")
REMARKS = ("comment", "grant", "row_count", "sequence_position")

LONGEST_VALUE = 160
"""Characters of a value that a line of `difference` shows."""

TELL = b")\nSELECT object.name, to_jsonb(object) - 'name' FROM object"

# Names and definitions are qualified only when nothing is on the search path; dates in partition bounds and
# defaults are written in the session's time zone and style.
SESSION: tuple[LiteralString, ...] = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL search_path = ''",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL quote_all_identifiers = off",
)


Connection = psycopg.Connection[TupleRow]
Cursor = psycopg.Cursor[TupleRow]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CatalogObject:
    """One object: its kind, its qualified name, and what is said of it, each as text or null."""

    kind: str
    name: str
    properties: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All objects of one database, sorted. Of equal databases the catalogs are equal, however they were
    built.
    """

    objects: tuple[CatalogObject, ...]


def read_catalog(connection: Connection, excluding: tuple[str, ...] = ()) -> Catalog:
    """Read what the database at `connection` is made of.

    `excluding` names schemas, and relations with their schema, quoted where Postgres would quote them. The
    connection must not be in a transaction; psycopg's errors pass through.
    """
    return _read(connection, CATALOG_KINDS, excluding)


def read_contents(connection: Connection, excluding: tuple[str, ...] = ()) -> Catalog:
    """Count the rows of every table and read how far every sequence has counted. Reads every table."""
    return _read(connection, CONTENT_KINDS, excluding)


def difference(first: Catalog, second: Catalog) -> tuple[str, ...]:
    """Say in one line each what differs, naming the object; empty when nothing does.

    Of a thing that is only in one of the two, the parts are not told again, nor what is said of it.
    """
    firsts, seconds = _by_identity(first), _by_identity(second)
    lone = (firsts.keys() ^ seconds.keys()) - _parts(firsts.keys() ^ seconds.keys(), firsts | seconds)
    found: list[str] = []
    for identity in sorted((firsts.keys() & seconds.keys()) | lone, key=_importance):
        found.extend(_lines(identity, firsts.get(identity), seconds.get(identity)))
    return tuple(found)


def _read(connection: Connection, kinds: tuple[str, ...], excluding: tuple[str, ...]) -> Catalog:
    with connection.transaction(), connection.cursor() as cursor:
        for setting in SESSION:
            cursor.execute(setting)
        objects = [found for kind in kinds for found in _objects(cursor, kind, excluding)]
    return Catalog(objects=tuple(sorted(objects)))


def _objects(cursor: Cursor, kind: str, excluding: tuple[str, ...]) -> Iterator[CatalogObject]:
    """Run one query. JSON is how rows of any shape arrive with the names of their columns."""
    cursor.execute(_query(kind), {"excluded": list(excluding)})
    for name, found in cursor.fetchall():
        properties = _counted(cursor, found) if kind == "row_count" else found
        yield CatalogObject(kind=kind, name=name, properties=_properties(properties))


def _counted(cursor: Cursor, found: dict[str, str]) -> dict[str, object]:
    row = cursor.execute(found["counted_by"].encode()).fetchone()
    return {"rows": row[0] if row else None}


def _query(kind: str) -> bytes:
    """Return a query as bytes: psycopg takes text only where it can be seen to be a constant."""
    visible = (QUERIES / "_visible.sql").read_bytes()
    body = (QUERIES / f"{kind}.sql").read_bytes()
    return visible + b", object AS (\n" + body + TELL


def _properties(found: dict[str, object]) -> tuple[tuple[str, str | None], ...]:
    return tuple(sorted((name, _text(value)) for name, value in found.items()))


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _by_identity(catalog: Catalog) -> dict[tuple[str, str], CatalogObject]:
    return {(found.kind, found.name): found for found in catalog.objects}


def _parts(
    identities: AbstractSet[tuple[str, str]], objects: Mapping[tuple[str, str], CatalogObject]
) -> set[tuple[str, str]]:
    """Return those of `identities` that belong to another one among them."""
    wholes = {name for kind, name in identities if kind not in (*PARTS, *REMARKS)}
    owners = {
        (kind, name): {name.rpartition(".")[0], _table(objects[kind, name])}
        for kind, name in identities
        if kind in PARTS
    }
    # A comment or a grant is named `table public.ship`, or `column name of table public.ship`.
    remarks = {(kind, name): {name.rpartition(" ")[2]} for kind, name in identities if kind in REMARKS}
    return {identity for identity, names in (owners | remarks).items() if names & wholes}


def _table(found: CatalogObject) -> str | None:
    return dict(found.properties).get("table")


def _importance(identity: tuple[str, str]) -> tuple[int, str]:
    kind, name = identity
    return (*CATALOG_KINDS, *CONTENT_KINDS).index(kind), name


def _lines(identity: tuple[str, str], first: CatalogObject | None, second: CatalogObject | None) -> Iterator[str]:
    title = f"{identity[0].replace('_', ' ')} {identity[1]}"
    if first is None or second is None:
        yield f"{title}: only in the {'second' if first is None else 'first'}"
        return
    ones, others = dict(first.properties), dict(second.properties)
    for name in sorted(ones.keys() | others.keys()):
        one, other = ones.get(name), others.get(name)
        if one != other:
            yield f"{title}: {name.replace('_', ' ')} is {_versus(one, other)}"


def _versus(one: str | None, other: str | None) -> str:
    """Show two values side by side; of long texts, the first lines that differ."""
    if one is None or other is None or "\n" not in one + other:
        return f"{_shown(one)} in the first, {_shown(other)} in the second"
    lines = enumerate(zip_longest(one.splitlines(), other.splitlines()), start=1)
    number, (left, right) = next((n, pair) for n, pair in lines if pair[0] != pair[1])
    return f"different from line {number}: {_shown(left)} in the first, {_shown(right)} in the second"


def _shown(value: str | None) -> str:
    if value is None:
        return "not there"
    return value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}..."

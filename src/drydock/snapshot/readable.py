"""What of a database a role may dump: pg_dump stops at the first table that it may not lock."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from drydock.errors import RehearsalError
from drydock.model import Skipped
from drydock.postgres.interface import Reader, Row, Rows
from drydock.postgres.literals import identifier, qualified

REASON = "may not be read by this role"

# Tables that an extension owns are pg_dump's own business. A sequence that a table owns goes with its table; the rows
# of a sequence are read only in a full dump.
RELATIONS = """
SELECT quote_ident(n.nspname), quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       has_schema_privilege(n.oid, 'USAGE'),
       has_table_privilege(coalesce(o.refobjid, c.oid), 'SELECT')
         AND (c.relkind <> 'S' OR {sequences_too} IS FALSE OR has_sequence_privilege(c.oid, 'SELECT')),
       c.relkind, n.nspname, c.relname
  FROM pg_catalog.pg_namespace n
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'S', 'v', 'm', 'f')
  LEFT JOIN pg_catalog.pg_depend o ON o.classid = 'pg_catalog.pg_class'::regclass AND o.objid = c.oid
                                  AND o.refclassid = 'pg_catalog.pg_class'::regclass AND o.deptype IN ('a', 'i')
                                  AND c.relkind = 'S'
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.deptype = 'e' AND
                   (e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid
                    OR e.classid = 'pg_catalog.pg_namespace'::regclass AND e.objid = n.oid))
 ORDER BY 1, 2
"""

KINDS = {"r": "table", "p": "table", "S": "sequence"}
"""What pg_dump locks or reads: views and foreign tables need no right of their own."""


class _Relation(NamedTuple):
    """One row of the answer; a schema without relations has one without a name."""

    schema: str
    name: str | None
    schema_usable: bool
    readable: bool
    kind: str
    pattern: str
    """The relation's name as a pattern: outside of quotes pg_dump folds case and knows wildcards."""
    schema_pattern: str

    @property
    def stops_a_dump(self) -> bool:
        return self.name is not None and self.kind in KINDS and not self.readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """What to leave out of a dump, as patterns of pg_dump, and what that makes of it."""

    excluded_schemas: tuple[str, ...]
    excluded_tables: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def what_may_be_read(reader: Reader, *, with_rows: bool) -> Readable:
    """One round trip. Raises RehearsalError when this role may not ask."""
    (answer,) = reader.read(RELATIONS.format(sequences_too=str(with_rows).upper()))
    if not isinstance(answer, Rows):
        raise RehearsalError("This role may not read the system catalogs.", hint="Use a role with ordinary rights.")
    relations = [_relation(row) for row in answer.rows]
    schemas: list[Skipped] = []
    tables: list[Skipped] = []
    patterns: tuple[list[str], list[str]] = ([], [])
    for name, members in groupby(relations, key=lambda found: found.schema):
        found = tuple(members)
        if _is_closed(found):
            schemas.append(_skipped("schema", name, relations=found))
            patterns[0].append(found[0].schema_pattern)
        else:
            closed = [one for one in found if one.stops_a_dump]
            tables.extend(_skipped(KINDS[one.kind], one.name or "", relations=(one,)) for one in closed)
            patterns[1].extend(one.pattern for one in closed)
    return Readable(
        excluded_schemas=tuple(patterns[0]), excluded_tables=tuple(patterns[1]), skipped=(*schemas, *tables)
    )


def _relation(row: Row) -> _Relation:
    schema, name, usable, readable, kind, schema_itself, name_itself = row
    return _Relation(
        schema=schema or "",
        name=name,
        schema_usable=usable == "t",
        readable=readable == "t",
        kind=kind or "",
        pattern=qualified(schema_itself or "", name_itself or ""),
        schema_pattern=identifier(schema_itself or ""),
    )


def _is_closed(members: tuple[_Relation, ...]) -> bool:
    """Nothing of it may be read, or the schema itself may not be used."""
    dumped = [one for one in members if one.name is not None and one.kind in KINDS]
    return not members[0].schema_usable or (bool(dumped) and all(one.stops_a_dump for one in dumped))


def _skipped(kind: str, name: str, *, relations: Iterable[_Relation]) -> Skipped:
    names = tuple(found.name for found in relations if found.name is not None)
    return Skipped(kind=kind, name=name, reason=REASON, relations=names)

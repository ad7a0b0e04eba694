"""What a scratch must be like to stand in for a database, and how large that database is: one round trip."""

from collections.abc import Mapping
from dataclasses import dataclass

from drydock.errors import AccessError
from drydock.postgres.interface import Locale, NotThere, Provider, Reader, Row, Rows
from drydock.scratch.interface import Likeness

PAGE = 8192
PROVIDERS: Mapping[str, Provider] = {"c": "libc", "i": "icu", "b": "builtin"}
"""`pg_database.datlocprovider` (manual, section 51.15)."""

# Providers of locales came with PostgreSQL 15, rules with 16; in 17 the locale got another name.
LIKENESS = """
SELECT current_setting('server_version_num')::integer / 10000, d.datname, pg_encoding_to_char(d.encoding),
       current_setting('wal_level'), current_setting('full_page_writes'), current_setting('data_checksums'),
       current_setting('TimeZone'), d.datcollate, d.datctype, l.of ->> 'datlocprovider',
       coalesce(l.of ->> 'datlocale', l.of ->> 'daticulocale'), l.of ->> 'daticurules',
       current_setting('server_version'), pg_database_size(d.oid)
  FROM pg_catalog.pg_database d, to_jsonb(d) AS l(of)
 WHERE d.datname = current_database()
"""

# Statistics, not measurements: as of the last VACUUM, ANALYZE or index build, and for nothing.
SIZES = """
SELECT format('%I.%I', n.nspname, c.relname),
       c.relpages::bigint + coalesce(t.relpages, 0)
         + (SELECT coalesce(sum(x.relpages), 0) FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid WHERE i.indrelid IN (c.oid, t.oid)),
       c.reltuples::bigint
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
 WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSize:
    """How large a table was when the server last counted."""

    name: str
    """Qualified, quoted as SQL needs it."""
    size_bytes: int
    """With its indexes and its TOAST table."""
    rows: int | None
    """None when the server never counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """A database seen from outside: what stands in for it must be like this, and it is so large."""

    likeness: Likeness
    server_version: str
    """`15.3`, without what the packager added."""
    size_bytes: int
    tables: tuple[TableSize, ...]
    """Tables, partitions and materialised views of all users."""


def read_bearing(reader: Reader) -> Bearing:
    """Ask the database for both, in one round trip. Raises AccessError when the system catalogs may not be read."""
    said, sizes = reader.read(LIKENESS, SIZES)
    row = _rows(said)[0]
    return Bearing(
        likeness=_likeness(row),
        server_version=(row[-2] or "").split(" ")[0],
        size_bytes=int(row[-1] or 0),
        tables=tuple(_size(found) for found in _rows(sizes)),
    )


def read_likeness(reader: Reader) -> Likeness:
    """Only what the scratch must be like."""
    return read_bearing(reader).likeness


def _rows(answer: Rows | NotThere) -> tuple[Row, ...]:
    if isinstance(answer, NotThere):
        raise AccessError("This role may not read the system catalogs.", hint="Use a role with ordinary rights.")
    return answer.rows


def _likeness(row: Row) -> Likeness:
    major, database, encoding, wal_level, full_page_writes, checksums, timezone = (text or "" for text in row[:7])
    return Likeness(
        major=int(major),
        database=database,
        encoding=encoding,
        locale=_locale(row[7:12]),
        timezone=timezone,
        wal_level=wal_level,
        full_page_writes=full_page_writes == "on",
        checksums=checksums == "on",
    )


def _locale(row: Row) -> Locale:
    collate, ctype, provider, name, rules = (text or "" for text in row)
    return Locale(provider=PROVIDERS.get(provider, "libc"), name=name, rules=rules, collate=collate, ctype=ctype)


def _size(row: Row) -> TableSize:
    name, pages, rows = row
    counted = int(rows or -1)
    return TableSize(name=name or "", size_bytes=int(pages or 0) * PAGE, rows=counted if counted >= 0 else None)

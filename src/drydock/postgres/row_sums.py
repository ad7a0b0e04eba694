"""How many values each column holds, and a sum over them that changes when any of them does. No value leaves."""

from collections.abc import Iterable, Iterator

import psycopg
from psycopg.rows import TupleRow

from drydock.model import ColumnSum
from drydock.postgres.literals import identifier, literal, qualified
from drydock.redact import Secret

_COLUMNS = """
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'drydock')
   AND {chosen}
 GROUP BY 1, 2
 ORDER BY 1, 2
"""


def column_sums(address: Secret, tables: tuple[str, ...] | None) -> tuple[ColumnSum, ...]:
    """Of these tables, named as SQL needs it, or of all; what is not there is left out."""
    with psycopg.connect(address.reveal(), autocommit=True) as session:
        found = session.execute(_COLUMNS.format(chosen=_chosen(tables)).encode()).fetchall()
        return tuple(one for row in found for one in _of_table(session, row))


def _chosen(tables: Iterable[str] | None) -> str:
    if tables is None:
        return "true"
    named = ", ".join(f"pg_catalog.to_regclass({literal(name)})" for name in tables)
    return f"c.oid IN ({named or 'NULL'})"


def _of_table(session: psycopg.Connection[TupleRow], row: TupleRow) -> Iterator[ColumnSum]:
    schema, table, columns = row
    counted = ", ".join(f"count({identifier(name)}), {_sum(name)}" for name in columns)
    values = session.execute(f"SELECT {counted} FROM ONLY {qualified(schema, table)}".encode()).fetchone() or ()
    for name, count, total in zip(columns, values[::2], values[1::2], strict=True):
        yield ColumnSum(column=f"{schema}.{table}.{name}", values=count, total=str(total))


def _sum(column: str) -> str:
    return f"sum(pg_catalog.hashtextextended({identifier(column)}::pg_catalog.text, 0)::pg_catalog.numeric)"

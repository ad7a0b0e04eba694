"""Where a history is that its tool keeps in the session's current schema: asked together with the history itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from drydock.errors import HistoryError
from drydock.model import Table
from drydock.postgres.interface import NotThere, Row, Rows
from drydock.postgres.literals import identifier, literal, qualified
from drydock.tools.presence import is_there, rows_of, schema_query

PLACE = """SELECT pg_catalog.current_schema(), pg_catalog.current_database(), pg_catalog.to_regclass(
    pg_catalog.quote_ident(pg_catalog.current_schema()) || '.' || pg_catalog.quote_ident({table}))"""
QUESTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the server said of the history."""

    table: Table
    """Where it is, or will be."""
    database: str
    rows: tuple[Row, ...] | None
    """None when there is no such table."""
    has_schema: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where to look: `table` as configured; an empty schema means the session's current one."""

    tool: str
    table: Table

    def questions(self, select: str) -> tuple[str, ...]:
        """The queries that `found` reads the answers of. `select` has `{table}` where the history's name belongs."""
        table = self.table
        named = qualified(table.schema, table.name) if table.schema else identifier(table.name)
        return (
            PLACE.format(table=literal(table.name)),
            select.format(table=named),
            schema_query(table.schema or "public"),
        )

    def found(self, answers: Sequence[Rows | NotThere]) -> Place:
        """The place. Raises HistoryError when the table is there, and not where the tool would look."""
        place, history, has_schema = answers
        schema, database, regclass = place.first() if isinstance(place, Rows) else (None, None, None)
        if not self.table.schema and regclass is None and not isinstance(history, NotThere):
            raise HistoryError(
                f"{self.table.name} is in another schema of the search path than the current one, {schema}.",
                hint=f"{self.tool} uses the current schema only: say which is meant by sql_schema.",
            )
        table = Table(schema=self.table.schema or schema or "public", name=self.table.name)
        return Place(
            table=table,
            database=database or "",
            rows=rows_of(history, table),
            has_schema=is_there(has_schema) or table.schema == schema,
        )

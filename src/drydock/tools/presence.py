"""Whether a history, or its schema, is there: asked in one round trip, and never guessed."""

from drydock.errors import HistoryError
from drydock.model import Table
from drydock.postgres.interface import NotThere, Row, Rows
from drydock.postgres.literals import identifier, literal

OF_ANOTHER_SHAPE = frozenset({"42703", "42883"})
"""A column that is not there, or of a type that the query does not fit."""


def rows_of(answer: Rows | NotThere, history: Table) -> tuple[Row, ...] | None:
    """The rows of a history; None when there is no such table.

    Raises HistoryError when there is one of that name that lacks the tool's columns: taken for missing, everything
    would be pending.
    """
    match answer:
        case Rows(rows=rows):
            return rows
        case NotThere(refusal=refusal) if refusal.sqlstate in OF_ANOTHER_SHAPE:
            raise HistoryError(
                f"The table {history} is there, but it is not a history of this tool: {refusal.message}.",
                hint="Name the tool that made it (tool, sql_dialect), or another table (sql_table, sql_schema).",
            )
        case NotThere():
            return None


def schema_query(schema: str) -> str:
    """The query whose answer `is_there` reads."""
    return f"SELECT pg_catalog.to_regnamespace({literal(identifier(schema))}) IS NOT NULL"


def is_there(answer: Rows | NotThere) -> bool:
    """What the server said; no answer counts as missing."""
    return isinstance(answer, Rows) and answer.first()[0] == "t"

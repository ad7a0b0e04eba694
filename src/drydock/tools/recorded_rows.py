"""The bookkeeping of tools whose history has a row per applied migration, and nothing of one that was only begun.

On the careful path what was begun is noted in our own table instead, so that a kill is seen afterwards. A tool that
applies the migration meanwhile makes the note void: its row counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from drydock.model import UNFINISHED, Ledger, Migration, Table
from drydock.postgres.interface import NotThere, Rows
from drydock.postgres.literals import identifier, literal, qualified
from drydock.tools.certainty import certain

NOTED = qualified(UNFINISHED.schema, UNFINISHED.name)
READ_UNFINISHED = f"SELECT history, migration, started_at FROM {NOTED} ORDER BY started_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The finished row of one migration, as SQL."""

    insert: str
    exists: str
    """A SELECT with a row where it is there."""


def ledger_of(history: Table, migration: Migration, *, row: Row) -> Ledger:
    """The bookkeeping of one migration."""
    states = f"SELECT CASE WHEN EXISTS ({row.exists}) THEN 'applied' "
    plain = Ledger(
        record=certain(row.insert),
        opened=None,
        finished=certain(row.insert),
        failed="SELECT $1::pg_catalog.text",
        withdrawn="SELECT 1",
        lookup=f"{states}ELSE 'absent' END",
    )
    is_noted = _is_noted(history, migration.name)
    noted = f"INSERT INTO {NOTED} (history, migration) VALUES ({literal(str(history))}, {literal(migration.name)})"
    forgotten = f"DELETE FROM {NOTED} {is_noted}"
    witnessed = replace(
        plain,
        opened=f"{forgotten}; {noted}",
        finished=certain(row.insert, alongside=forgotten),
        withdrawn=forgotten,
        lookup=f"{states}WHEN EXISTS (SELECT FROM {NOTED} {is_noted}) THEN 'open' ELSE 'absent' END",
    )
    return replace(plain, witnessed=witnessed)


def unfinished_in(answer: Rows | NotThere, history: Table) -> dict[str, str | None]:
    """The migrations of this history that were begun, and when."""
    rows = answer.rows if isinstance(answer, Rows) else ()
    return {row[1] or "": row[2] for row in rows if row[0] == str(history)}


def forgotten(history: Table, name: str) -> str:
    """The DELETE of what was noted of a migration."""
    return f"DELETE FROM {NOTED} {_is_noted(history, name)}"


def created(history: Table, *statements: str, has_schema: bool) -> Iterable[str]:
    """The statements that create a history, after its schema where that is missing."""
    # IF NOT EXISTS needs the right to create schemas even when the schema is there.
    yield from () if has_schema else (f"CREATE SCHEMA IF NOT EXISTS {identifier(history.schema)}",)
    yield from statements


def _is_noted(history: Table, name: str) -> str:
    of_history = f"history OPERATOR(pg_catalog.=) {literal(str(history))}"
    return f"WHERE {of_history} AND migration OPERATOR(pg_catalog.=) {literal(name)}"

"""The environment mark: what a database is, written in the database itself.

A configuration can be wrong about where it points; the mark cannot. It names the server and the database it was made
for, so that a copy of it in a restored dump counts as absent.
"""

from drydock.errors import HistoryError
from drydock.model import Mark
from drydock.postgres.house import IDENTITY, Facts
from drydock.postgres.literals import literal


def mark_of(facts: Facts) -> Mark:
    """The mark as far as it belongs to this very database; a copied row counts as absent."""
    if facts.identity is None:
        return Mark(environment=None)
    environment, system_identifier, database_oid, name = facts.identity
    here = (facts.system_identifier, facts.database_oid, facts.database)
    if (system_identifier, database_oid, name) == here:
        return Mark(environment=environment)
    return Mark(environment=None, travelled=environment)


def mark_statement(facts: Facts, environment: str, *, replace: str | None) -> str:
    """The statement that marks this database.

    `replace` names the mark that may be overwritten. Raises HistoryError when another mark is there. A row that came
    in a dump is always overwritten.
    """
    mark = mark_of(facts)
    if mark.environment not in (None, environment, replace):
        raise HistoryError(
            f"The database is marked as {mark.environment}, not {environment}.",
            hint=f"If that is wrong: drydock init --target --environment {environment} --replace {mark.environment}",
        )
    values = (environment, facts.system_identifier, facts.database_oid, facts.database)
    columns = "environment, system_identifier, database_oid, database_name"
    assignments = ", ".join(f"{column} = excluded.{column}" for column in columns.split(", "))
    return (
        f"INSERT INTO {IDENTITY} ({columns}) VALUES ({', '.join(literal(value) for value in values)}) "
        f"ON CONFLICT (only_row) DO UPDATE SET {assignments}, marked_at = pg_catalog.now()"
    )

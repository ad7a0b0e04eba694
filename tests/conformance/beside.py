"""What tests with two programs at work on one database wait for."""

from tests.end_to_end.faults import until
from tests.fixtures.database import TestDatabase


def wait_until_runs(database: TestDatabase, text: str) -> None:
    """Return when a session runs a script that holds `text`."""
    query = "SELECT FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE %s"
    until(lambda: bool(database.rows(query, f"%{text}%")))

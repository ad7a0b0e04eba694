"""Sets up the demo's database: what a team would have done long before it met Drydock."""

import psycopg

from drydock.postgres.literals import identifier
from drydock.redact import Secret


def create_database(address: Secret, name: str) -> None:
    """Create a database on a throwaway server."""
    with psycopg.connect(address.reveal(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {identifier(name)}".encode())


def run_script(address: Secret, script: str) -> None:
    """Run statements in one transaction."""
    with psycopg.connect(address.reveal()) as connection:
        connection.execute(script.encode())

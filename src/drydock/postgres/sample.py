"""Sets up the demo's database: what a team would have done long before it met Drydock."""

import psycopg

from drydock.redact import Secret


def run_script(address: Secret, script: str) -> None:
    """Run statements in one transaction."""
    with psycopg.connect(address.reveal()) as connection:
        connection.execute(script.encode())

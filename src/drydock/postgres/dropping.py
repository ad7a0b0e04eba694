"""Drops a leased database whose owner is gone: `python -m drydock.postgres.dropping`, by its watchdog.

Address and name come as JSON on standard input. The owner's session may still be creating the database: it is ended
first, so that nothing appears afterwards.
"""

import json
import sys
import time

from drydock.postgres.databases import drop_database, end_lease
from drydock.postgres.elsewhere import elsewhere
from drydock.postgres.standin import session_on
from drydock.redact import Secret

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.1


def main(text: str) -> None:
    """Drop the database that the text names. Raises RehearsalError."""
    said = json.loads(text)
    address, name = Secret(said["address"]), str(said["name"])
    deadline = time.monotonic() + PATIENCE_SECONDS
    with session_on(address, doing="The scratch database cannot be dropped") as session:
        while end_lease(session, name) and time.monotonic() < deadline:
            time.sleep(PAUSE_SECONDS)
        drop_database(session, name, inside=elsewhere(address, database=name))


if __name__ == "__main__":
    main(sys.stdin.read())

"""What a history makes of an empty database when its own tool runs it: the answer that ours is compared
with.

For Prisma the real CLI can be asked. Otherwise every file goes to the server as one simple-query message,
in the tool's order and on one session, which is what golang-migrate, and Prisma before 7.4, do.
"""

import os
import subprocess
from typing import Protocol

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

from histories.history import History, Layout, Script
from tests.oracles.prisma_cli import PrismaCli, Ran

SAID_LINES = 12
KNEX_SECONDS = 600
DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY)


class RunError(Exception):
    """A history did not run to its end; the text says which file, and what was answered."""


class Reference(Protocol):
    """A way to run a whole history on the empty database at `url`. Raises RunError."""

    @property
    def name(self) -> str:
        """How the table of results calls it."""

    def run(self, history: History, url: str) -> None:
        """Run every script of `history`, in its order."""


class Messages:
    """One simple-query message per file."""

    name = "messages"

    def run(self, history: History, url: str) -> None:
        """Send every script; the first failure, or a transaction left open, raises RunError."""
        with psycopg.connect(url, autocommit=True) as connection:
            for script in history.scripts:
                _send(connection.pgconn, script, _as_sent(history, script))


class PrismaReference:
    """The real Prisma CLI."""

    name = "prisma"

    def __init__(self, cli: PrismaCli) -> None:
        self._cli = cli

    def run(self, history: History, url: str) -> None:
        """Deploy with the CLI. Raises RunError when it exits with anything but 0."""
        ran = self._cli.deploy(history.project, url)
        if ran.exit_code != 0:
            raise RunError(f"prisma migrate deploy exited {ran.exit_code}:\n{last_lines(ran)}")

    def finds_nothing_pending(self, history: History, url: str) -> bool:
        """Tell whether `migrate deploy` has nothing to do on a database that somebody else deployed."""
        ran = self._cli.deploy(history.project, url)
        return ran.exit_code == 0 and "No pending migrations to apply" in ran.stdout


class KnexReference:
    """The project's own Knex."""

    name = "knex"

    def run(self, history: History, url: str) -> None:
        """Run `migrate:latest`. Raises RunError when it exits with anything but 0."""
        ran = self._latest(history, url)
        if ran.exit_code != 0:
            raise RunError(f"knex migrate:latest exited {ran.exit_code}:\n{last_lines(ran)}")

    def finds_nothing_pending(self, history: History, url: str) -> bool:
        """Tell whether `migrate:latest` has nothing to do on a database that somebody else deployed."""
        ran = self._latest(history, url)
        return ran.exit_code == 0 and "Already up to date" in ran.stdout

    def _latest(self, history: History, url: str) -> Ran:
        places = (folder / "node_modules/knex/bin/cli.js" for folder in (history.project, *history.project.parents))
        program = next((place for place in places if place.is_file()), None)
        if program is None:
            raise RunError(f"{history.project}: its packages are not installed, or Knex is not among them")
        done = subprocess.run(
            ["node", str(program), "migrate:latest", "--client", "pg", "--connection", url],
            cwd=history.project,
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=KNEX_SECONDS,
            check=False,
        )
        return Ran(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def last_lines(ran: Ran) -> str:
    """Return the end of what a command said, both streams."""
    return "\n".join((ran.stdout + ran.stderr).splitlines()[-SAID_LINES:])


def _as_sent(history: History, script: Script) -> bytes:
    """Return the bytes that the tool sends: Prisma decodes a script first, the others leave it as it is."""
    if history.layout is Layout.PRISMA:
        return script.content.decode("utf-8", "replace").encode()
    return script.content


def _send(pgconn: psycopg.pq.abc.PGconn, script: Script, content: bytes) -> None:
    result = pgconn.exec_(content)
    if result.status not in DONE:
        raise RunError(f"{script.path}: {result.error_message.decode('utf-8', 'replace').strip()}")
    if pgconn.transaction_status != TransactionStatus.IDLE:
        raise RunError(f"{script.path}: leaves its transaction open")

"""Run this checkout's `drydock` on a history as a user would: in the project's directory, the address in the
environment.
"""

import os
import subprocess
import sys
from pathlib import Path

from histories.history import History, Layout
from tests.oracles.prisma_cli import Ran

SOURCE = Path(__file__).parents[1] / "src"
# -P: a project may have a folder called `drydock`, which is not the program.
PROGRAM = (sys.executable, "-P", "-m", "drydock")
DEPLOY_SECONDS = 600
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")
TOOLS = {Layout.PRISMA: "prisma", Layout.GOLANG: "sql", Layout.FLAT: "sql", Layout.KNEX: "knex"}


def deploy(history: History, url: str) -> Ran:
    """Run `drydock deploy --rehearse none` in the project, on the database at `url`."""
    done = subprocess.run(
        [*PROGRAM, "deploy", "--rehearse", "none"],
        cwd=history.project,
        env=_environment(history, url),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=DEPLOY_SECONDS,
        check=False,
    )
    return Ran(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def _environment(history: History, url: str) -> dict[str, str]:
    if history.layout is Layout.KNEX:
        # Its migrations are code that reads variables of its own; its knexfile says where they are.
        return {**os.environ, "PYTHONPATH": str(SOURCE), "DATABASE_URL": url, "DRYDOCK_TOOL": "knex"}
    return {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        "PYTHONPATH": str(SOURCE),
        "DATABASE_URL": url,
        "DRYDOCK_TOOL": TOOLS[history.layout],
        **({} if history.layout is Layout.PRISMA else {"DRYDOCK_SQL_DIALECT": history.layout.value}),
        "DRYDOCK_MIGRATIONS": str(history.migrations.resolve()),
    }

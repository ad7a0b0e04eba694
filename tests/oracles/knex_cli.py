"""Lay out a project with the real Knex, and ask Knex's own command line.

knex = KnexCli(folder=installed(cache))
knex.project(root, {"20240101_users.js": creates("users")})
ran = knex.run(root, url, "migrate:latest")
"""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.oracles.prisma_cli import Ran

COMMAND_SECONDS = 60
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")
KNEXFILE = "module.exports = { client: 'pg', connection: process.env.DATABASE_URL };\n"


def creates(table: str) -> str:
    """A migration that makes a table."""
    return (
        f"exports.up = (knex) => knex.schema.createTable('{table}', (table) => {{ table.increments(); }});\n"
        f"exports.down = (knex) => knex.schema.dropTable('{table}');\n"
    )


def does(up: str, *, config: str = "") -> str:
    """A migration whose `up` is these statements of JavaScript; `config` is its settings."""
    settings = f"exports.config = {config};\n" if config else ""
    return f"exports.up = async (knex) => {{ {up} }};\nexports.down = async () => {{}};\n{settings}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnexCli:
    """The Knex that `knex_install.installed` installed in `folder`."""

    folder: Path

    def project(self, root: Path, migrations: Mapping[str, str], *, knexfile: str = KNEXFILE) -> None:
        """Lay out a project, or add to it: a knexfile, `migrations/NAME` for each, and the installed packages."""
        root.mkdir(parents=True, exist_ok=True)
        if not (root / "node_modules").exists():
            (root / "node_modules").symlink_to(self.folder / "node_modules")
        (root / "knexfile.js").write_text(knexfile, "utf-8")
        (root / "migrations").mkdir(exist_ok=True)
        for name, text in migrations.items():
            (root / "migrations" / name).write_text(text, "utf-8")

    def run(self, root: Path, url: str, *words: str) -> Ran:
        """Run `knex WORDS` in the project, on the database at `url`."""
        done = subprocess.run(
            ["node", str(self.folder / "node_modules/knex/bin/cli.js"), *words],
            cwd=root,
            env={**{name: os.environ[name] for name in INHERITED if name in os.environ}, "DATABASE_URL": url},
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return Ran(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)

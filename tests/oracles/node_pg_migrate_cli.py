"""Ask the real node-pg-migrate to migrate a project with `migrations`. It has no status command."""

from dataclasses import dataclass
from pathlib import Path

from tests.oracles.npm import Recipe, installed
from tests.oracles.ran import Ran, ran

SOURCE = Path(__file__).parent / "node_pg_migrate"
VERSIONS = ("9.0.0", "8.0.4", "7.9.1")
UP_TO_DATE = "No migrations to run!"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePgMigrateCli:
    """node-pg-migrate of this version, installed in `folder`."""

    folder: Path
    version: str

    def up(self, project: Path, url: str, *words: str) -> Ran:
        """`node-pg-migrate up WORDS`."""
        program = self.folder / "node_modules" / "node-pg-migrate" / "bin" / "node-pg-migrate.js"
        return ran(("node", str(program), "up", *words), cwd=project, env={"DATABASE_URL": url})


def node_pg_migrate_installed(cache: Path, version: str) -> NodePgMigrateCli:
    """The pinned node-pg-migrate of this version. Raises OracleUnavailableError."""
    recipe = Recipe(name=f"node-pg-migrate-{version}", source=SOURCE / version)
    return NodePgMigrateCli(folder=installed(cache, recipe), version=version)

"""A project with the real Knex beside a database, for tests that run `drydock` in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.end_to_end.scenes import Scene
from tests.oracles.knex_cli import KNEXFILE, KnexCli
from tests.oracles.prisma_cli import Ran as KnexRan

ROWS = "SELECT id, name, batch, migration_time IS NOT NULL FROM knex_migrations ORDER BY id"
LOCK = "SELECT index, is_locked FROM knex_migrations_lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnexScene(Scene):
    """`deploy`, `run` and `process` are ours; `knex` is the real tool."""

    cli: KnexCli

    def project(self, migrations: Mapping[str, str], *, knexfile: str = KNEXFILE) -> None:
        """Lay out the project, or add to it."""
        self.cli.project(self.root, migrations, knexfile=knexfile)

    def knex(self, *words: str) -> KnexRan:
        """Run Knex's own command line."""
        return self.cli.run(self.root, self.database.url, *words)

    def history(self) -> list[tuple[Any, ...]]:
        """Every row but for its time."""
        return self.database.rows(ROWS)

    def names(self) -> list[str]:
        """What is recorded, in order; nothing where there is no history."""
        return [row[1] for row in self.history()] if "knex_migrations" in self.database.tables() else []

    def lock(self) -> list[tuple[Any, ...]]:
        """The rows of the lock's table."""
        return self.database.rows(LOCK)

    def made(self) -> set[str]:
        """The tables that migrations made."""
        return {name for name in self.database.tables() if not name.startswith("knex_")}

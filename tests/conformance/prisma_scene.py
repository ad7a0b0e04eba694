"""One Prisma project and one database, on which both work: Drydock and the real Prisma CLI."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

from psycopg import sql

from drydock.model import Catalog
from drydock.tools.prisma_rows import CREATE_TABLE
from histories.catalog import read_catalog
from tests.end_to_end.scenes import Scene
from tests.fixtures.database import TestDatabase
from tests.fixtures.program import Ran
from tests.fixtures.projects import add_prisma_migration, prisma_project
from tests.oracles.prisma_cli import PrismaCli
from tests.oracles.ran import Ran as PrismaRan

UUID_V4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TOOL_LOCK = 72707369
ROWS = """
SELECT migration_name, checksum, logs, applied_steps_count, finished_at IS NOT NULL AS finished,
       rolled_back_at IS NOT NULL AS rolled_back, started_at <= finished_at AS in_order,
       started_at = finished_at AS marked
  FROM _prisma_migrations ORDER BY started_at, migration_name, finished_at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrismaScene(Scene):
    """`deploy`, `run` and `result` are ours; what begins with `prisma_` is the real tool's, or about its rows."""

    cli: PrismaCli

    def project(self, migrations: Mapping[str, str | bytes]) -> None:
        """Lay out the project, or add to it."""
        prisma_project(self.root, migrations)

    def migration(self, name: str, script: str | bytes) -> None:
        """Add one migration, or change it."""
        add_prisma_migration(self.root, name, script)

    def on(self, database: TestDatabase) -> Self:
        """The same project, another database."""
        return replace(self, database=database)

    def prisma_deploy(self) -> PrismaRan:
        """`prisma migrate deploy`."""
        return self.cli.deploy(self.root, self.database.url)

    def prisma_status(self) -> PrismaRan:
        """`prisma migrate status`."""
        return self.cli.status(self.root, self.database.url)

    def prisma_resolve(self, name: str, mark: str) -> PrismaRan:
        """`prisma migrate resolve --applied NAME`, or `--rolled-back`: the words of both tools are alike."""
        if mark == "--applied":
            return self.cli.resolve(self.root, self.database.url, applied=name)
        return self.cli.resolve(self.root, self.database.url, rolled_back=name)

    def history(self) -> list[tuple[Any, ...]]:
        """Every row, column by column, but for the id; of the times, which are there and how they stand."""
        return self.database.rows(ROWS)

    def names(self) -> list[str]:
        """The migrations that count as applied, in the order of their start."""
        return [row[0] for row in self.history() if row[4] and not row[5]]

    def ids(self) -> list[str]:
        """The ids of all rows."""
        return [row[0] for row in self.database.rows("SELECT id FROM _prisma_migrations")]

    def catalog(self) -> Catalog:
        """All objects, the history table among them, and without Drydock's own schema."""
        return read_catalog(self.database.url, excluding=("drydock",))

    def create_history(self) -> None:
        """Make the table as both tools make it (that theirs is the same is a test of its own)."""
        self.database.execute(CREATE_TABLE.format(table="_prisma_migrations"))

    def record(self, name: str, **columns: object) -> None:
        """Write a row of the history; `finished_at` and `rolled_back_at` are given as times."""
        given = {"id": _uuid(), "checksum": "0" * 64, "migration_name": name, **columns}
        text = f"INSERT INTO _prisma_migrations ({', '.join(given)}) VALUES ({', '.join(['%s'] * len(given))})"
        self.database.execute(text, *given.values())


@contextmanager
def copy_of(database: TestDatabase, maintenance: TestDatabase) -> Iterator[TestDatabase]:
    """A copy of the database as it is now, dropped at the end. Nobody may be connected to the original."""
    copy = replace(database, name=f"t_{secrets.token_hex(6)}")
    names = {"copy": sql.Identifier(copy.name), "original": sql.Identifier(database.name)}
    with maintenance.connect() as session:
        session.execute(sql.SQL("CREATE DATABASE {copy} TEMPLATE {original}").format(**names))
        try:
            yield copy
        finally:
            session.execute(sql.SQL("DROP DATABASE {copy} WITH (FORCE)").format(**names))


def assert_prisma_says(ran: PrismaRan, exit_code: int, *parts: str) -> None:
    """The tool ended with this exit code, and said all of this."""
    said = ran.stdout + ran.stderr
    assert (ran.exit_code, [part for part in parts if part not in said]) == (exit_code, []), said


def assert_nothing_pending(ours: Ran) -> None:
    """Drydock found nothing to do."""
    assert (ours.exit_code, "Nothing pending" in ours.said) == (0, True), ours.said


def assert_prisma_finds_nothing_pending(ran: PrismaRan) -> None:
    """Prisma's deploy found nothing to do."""
    assert_prisma_says(ran, 0, "No pending migrations to apply.")


def _uuid() -> str:
    text = secrets.token_hex(16)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"

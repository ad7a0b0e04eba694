"""The corpus in each tool's own format: what a team that uses the tool would have in its repository.

Each function writes a whole project into an empty directory. The SQL is the same, byte for byte.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from bench.corpus import Migration

FIRST_DAY = 20240101
FIRST_MOMENT_MILLISECONDS = 1704067200000


def prisma(project: Path, migrations: Iterable[Migration]) -> None:
    """`prisma/schema.prisma`, `prisma/migrations/STAMP_name/migration.sql` and the provider lock."""
    folder = project / "prisma" / "migrations"
    for migration in migrations:
        _write(folder / f"{_stamp(migration)}_{migration.name}" / "migration.sql", migration.sql)
    _write(folder / "migration_lock.toml", 'provider = "postgresql"\n')
    _write(project / "package.json", _PRISMA_PACKAGE)
    _write(project / "prisma" / "schema.prisma", _PRISMA_SCHEMA)


def flat_sql(project: Path, migrations: Iterable[Migration]) -> None:
    """`drydock.yml` and `migrations/STAMP_name.sql`."""
    _write(project / "drydock.yml", _DRYDOCK_FLAT)
    for migration in migrations:
        _write(project / "migrations" / f"{_stamp(migration)}_{migration.name}.sql", migration.sql)


def dbmate(project: Path, migrations: Iterable[Migration]) -> None:
    """`db/migrations/STAMP_name.sql` with up and down markers."""
    for migration in migrations:
        text = f"-- migrate:up\n{migration.sql}\n-- migrate:down\n"
        _write(project / "db" / "migrations" / f"{_stamp(migration)}_{migration.name}.sql", text)


def node_pg_migrate(project: Path, migrations: Iterable[Migration]) -> None:
    """`migrations/MILLISECONDS_name.sql` with up and down markers."""
    for migration in migrations:
        moment = FIRST_MOMENT_MILLISECONDS + 1000 * migration.number
        text = f"-- Up Migration\n{migration.sql}\n-- Down Migration\n"
        _write(project / "migrations" / f"{moment}_{migration.name}.sql", text)


def knex(project: Path, migrations: Iterable[Migration]) -> None:
    """`knexfile.js` and `migrations/STAMP_name.js`, each one `knex.raw` of the file's text."""
    for migration in migrations:
        text = _KNEX_MIGRATION.replace("SQL", json.dumps(migration.sql))
        _write(project / "migrations" / f"{_stamp(migration)}_{migration.name}.js", text)
    _write(project / "knexfile.js", _KNEXFILE)


def _stamp(migration: Migration) -> str:
    return f"{FIRST_DAY}{migration.number:06d}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


_PRISMA_PACKAGE = """\
{ "private": true, "devDependencies": { "prisma": "6.19.3" } }
"""

_DRYDOCK_FLAT = """\
tool: sql
sql_dialect: flat
migrations: migrations
"""

_PRISMA_SCHEMA = """\
generator client {
  provider = "prisma-client-js"
}

datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
"""

_KNEXFILE = """\
module.exports = { client: 'pg', connection: process.env.DATABASE_URL };
"""

_KNEX_MIGRATION = """\
exports.up = (knex) => knex.raw(SQL);

exports.down = () => {};
"""

"""Who is measured, and the command each of them runs. Peers run with their defaults."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from bench import layouts
from bench.corpus import Migration
from bench.installation import PEERS, Installation

NOTHING: Mapping[str, str] = MappingProxyType({})

Layout = Callable[[Path, Iterable[Migration]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A tool on a layout. `command` runs where `layout` wrote, with `settings` and DATABASE_URL."""

    name: str
    version: str
    layout: Layout
    command: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    is_ours: bool = False


def drydock(program: Path, version: str) -> tuple[Contender, ...]:
    """Drydock on a Prisma project and on a flat folder of SQL files."""
    command = (str(program), "deploy", "--rehearse", "none")
    return (
        Contender(
            name="Drydock, Prisma layout",
            version=version,
            layout=layouts.prisma,
            command=command,
            is_ours=True,
        ),
        Contender(name="Drydock, flat SQL", version=version, layout=layouts.flat_sql, command=command, is_ours=True),
    )


def peers(installation: Installation) -> tuple[Contender, ...]:
    """The tools that Drydock is measured against."""
    return (
        _node_pg_migrate(installation),
        _knex(installation),
        _dbmate(installation),
        _prisma(installation),
    )


def _dbmate(installation: Installation) -> Contender:
    # `migrate`, not `up`: it spares dbmate the look whether the database exists.
    return Contender(
        name="dbmate",
        version=installation.version("dbmate"),
        layout=layouts.dbmate,
        command=(str(installation.dbmate()), "--no-dump-schema", "migrate"),
    )


def _node_pg_migrate(installation: Installation) -> Contender:
    script = installation.modules / "node-pg-migrate" / "bin" / "node-pg-migrate.js"
    return Contender(
        name="node-pg-migrate",
        version=installation.version("node-pg-migrate"),
        layout=_with_modules(layouts.node_pg_migrate, installation),
        command=(installation.node, str(script), "up", "--verbose", "false"),
    )


def _knex(installation: Installation) -> Contender:
    script = installation.modules / "knex" / "bin" / "cli.js"
    return Contender(
        name="Knex",
        version=installation.version("knex"),
        layout=_with_modules(layouts.knex, installation),
        command=(installation.node, str(script), "migrate:latest"),
    )


def _prisma(installation: Installation) -> Contender:
    script = installation.modules / "prisma" / "build" / "index.js"
    engine = str(installation.directory / "engine")
    engines = ("QUERY_ENGINE_LIBRARY", "SCHEMA_ENGINE_BINARY", "QUERY_ENGINE_BINARY", "FMT_BINARY")
    quiet = {"CHECKPOINT_DISABLE": "1", "PRISMA_HIDE_UPDATE_MESSAGE": "1"}
    return Contender(
        name="Prisma",
        version=installation.version("prisma"),
        layout=_with_modules(_prisma_with_config, installation),
        command=(installation.node, str(script), "migrate", "deploy"),
        settings=MappingProxyType({**quiet, **{f"PRISMA_{name}": engine for name in engines}}),
    )


def _prisma_with_config(project: Path, migrations: Iterable[Migration]) -> None:
    layouts.prisma(project, migrations)
    shutil.copy(PEERS / "prisma.config.mjs", project)


def _with_modules(layout: Layout, installation: Installation) -> Layout:
    def write(project: Path, migrations: Iterable[Migration]) -> None:
        layout(project, migrations)
        (project / "node_modules").symlink_to(installation.modules)

    return write

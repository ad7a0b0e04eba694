"""The project's migration tool: as the configuration names it, or as the project's files show it.

Imports of adapters are inside the functions, as in `wiring.py`: a run loads the one that it uses.
"""

from dataclasses import replace
from pathlib import Path
from typing import Literal

from drydock.config.settings import Config
from drydock.errors import ProjectError
from drydock.files import Project
from drydock.model import Table
from drydock.sql.interface import Analyser
from drydock.tools.convention import Convention, Mode
from drydock.tools.interface import MigrationTool

Kind = Literal["prisma", "node-pg-migrate", "golang-migrate", "dbmate", "goose", "flat"]
PRISMA_FOLDERS = ("prisma/migrations", "migrations")
SQL_FOLDERS = ("migrations", "db/migrations", "database/migrations", "sql/migrations", "schema/migrations")


def tool_of(config: Config, project: Project, *, schema: str | None, analyser: Analyser) -> MigrationTool:
    """The adapter that the configuration names, or that the project's files show."""
    settings = config.tool
    if settings.name == "node-pg-migrate":
        return _node_pg_migrate(config, project, folder=settings.migrations, analyser=analyser)
    folder = settings.migrations or _found(config, project)
    match _kind(config, project, folder=folder):
        case "prisma":
            return _prisma(config, project, folder=folder, schema=schema or "public", analyser=analyser)
        case "node-pg-migrate":
            return _node_pg_migrate(config, project, folder=folder, analyser=analyser)
        case "golang-migrate":
            return _golang_migrate(config, project, folder=folder, analyser=analyser)
        case "dbmate":
            from drydock.tools.dbmate import Dbmate

            return _recorded(config, project, folder=folder, convention=Dbmate(), analyser=analyser)
        case "goose":
            from drydock.tools.goose import Goose

            return _recorded(config, project, folder=folder, convention=Goose(), analyser=analyser)
        case "flat":
            return _flat(config, project, folder=folder, analyser=analyser)


def _kind(config: Config, project: Project, *, folder: Path) -> Kind:
    from drydock.tools.recognition import is_prisma, recognised, recognised_dialect

    name, dialect = config.tool.name, config.tool.sql.dialect
    if name == "prisma" or (name == "auto" and is_prisma(project, folder)):
        return "prisma"
    if dialect != "auto":
        return dialect
    return recognised(project, folder) if name == "auto" else recognised_dialect(project, folder)


def _prisma(config: Config, project: Project, *, folder: Path, schema: str, analyser: Analyser) -> MigrationTool:
    from drydock.tools.prisma import Prisma
    from drydock.tools.prisma_project import execution_mode

    wanted = config.tool.prisma.mode
    mode = execution_mode(project, folder) if wanted == "auto" else wanted
    return Prisma(project, folder, schema=schema, analyser=analyser, mode=mode)


def _node_pg_migrate(config: Config, project: Project, *, folder: Path | None, analyser: Analyser) -> MigrationTool:
    from drydock.tools.node_pg_migrate import NodePgMigrate
    from drydock.tools.node_pg_settings import settings_of

    wanted = config.tool.node_pg_migrate
    settings = settings_of(project, folder or project.root / "migrations", file=wanted.config)
    if wanted.transaction != "auto":
        settings = replace(settings, is_single_transaction=wanted.transaction == "single")
    place = folder or project.root / settings.migrations
    return _recorded(config, project, folder=place, convention=NodePgMigrate(settings), analyser=analyser)


def _node_pg_migrate_folder(config: Config, project: Project) -> tuple[str, ...]:
    from drydock.tools.node_pg_settings import is_used_by, settings_of

    usual = project.root / "migrations"
    if not is_used_by(project, usual):
        return ()
    return (settings_of(project, usual, file=config.tool.node_pg_migrate.config).migrations,)


def _golang_migrate(config: Config, project: Project, *, folder: Path, analyser: Analyser) -> MigrationTool:
    from drydock.tools import golang_migrate

    settings = config.tool.sql
    table = Table(schema=settings.schema or "", name=settings.table or golang_migrate.TABLE)
    mode: Mode = "statement" if settings.mode == "statement" else "file"
    return golang_migrate.GolangMigrate(project, folder, table=table, analyser=analyser, mode=mode)


def _flat(config: Config, project: Project, *, folder: Path, analyser: Analyser) -> MigrationTool:
    from drydock.tools import flat_files

    settings = config.tool.sql
    table = Table(schema=settings.schema or flat_files.TABLE.schema, name=settings.table or flat_files.TABLE.name)
    mode: Mode = "file" if settings.mode == "file" else "statement"
    return flat_files.FlatFiles(project, folder, table=table, analyser=analyser, mode=mode)


def _recorded(
    config: Config, project: Project, *, folder: Path, convention: Convention, analyser: Analyser
) -> MigrationTool:
    from drydock.tools.recorded import RecordedFiles, script_reader

    settings = config.tool.sql
    table = Table(schema=settings.schema or convention.table.schema, name=settings.table or convention.table.name)
    reader = script_reader(analyser, table, mode="statement" if settings.mode == "statement" else "file")
    return RecordedFiles(project, folder, convention=convention, table=table, reader=reader)


def _prisma_folder(project: Project) -> Path | None:
    from drydock.tools.prisma_config import migrations_folder

    return migrations_folder(project)


def _found(config: Config, project: Project) -> Path:
    schema = config.tool.prisma.schema
    if schema is not None:
        return (schema if schema.is_dir() else schema.parent) / "migrations"
    named = _prisma_folder(project) if config.tool.name != "sql" else None
    if named is not None and (config.tool.name == "prisma" or named.is_dir()):
        return named
    places = {"prisma": PRISMA_FOLDERS, "sql": SQL_FOLDERS}.get(config.tool.name) or (
        *PRISMA_FOLDERS[:1],
        *_node_pg_migrate_folder(config, project),
        *SQL_FOLDERS,
    )
    folder = next((project.root / place for place in places if (project.root / place).is_dir()), None)
    if folder is None:
        raise ProjectError(
            f"No migrations were found in {project.root.name or project.root}: looked for {', '.join(places)}.",
            hint="Set `migrations` to the folder, or run Drydock in the project's directory.",
        )
    return folder

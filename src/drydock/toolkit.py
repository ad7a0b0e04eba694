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
from drydock.tools.convention import Convention
from drydock.tools.interface import MigrationTool

PRISMA_FOLDERS = ("prisma/migrations", "migrations")
MARKED_DIALECTS = ("dbmate", "goose")
SQL_FOLDERS = ("migrations", "db/migrations", "database/migrations", "sql/migrations", "schema/migrations")


def tool_of(config: Config, project: Project, *, schema: str | None, analyser: Analyser) -> MigrationTool:
    """The adapter that the configuration names, or that the project's files show."""
    settings = config.tool
    if settings.name == "node-pg-migrate":
        return _node_pg_migrate(config, project, folder=settings.migrations, analyser=analyser)
    folder = settings.migrations or _found(project, settings.name, schema=settings.prisma.schema, config=config)
    if settings.name == "prisma" or (settings.name == "auto" and _is_prisma(project, folder)):
        return _prisma(config, project, folder=folder, schema=schema or "public", analyser=analyser)
    if settings.name == "auto" and _is_node_pg_migrate(project, folder, dialect=settings.sql.dialect):
        return _node_pg_migrate(config, project, folder=folder, analyser=analyser)
    return _sql(config, project, folder=folder, analyser=analyser)


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


def _is_node_pg_migrate(project: Project, folder: Path, *, dialect: str) -> bool:
    from drydock.tools.markers import marked
    from drydock.tools.node_pg_settings import is_used_by

    if dialect != "auto":
        return False
    found = marked(project, folder, project.files(folder))
    others = sorted(set(found) - {"node-pg-migrate"})
    if is_used_by(project, folder) and not others:
        return True
    if "node-pg-migrate" in found and others:
        raise ProjectError(
            f"{project.shown(folder)} holds files of more than one migration tool: "
            f"{', '.join(f'{file} of {tool}' for tool, file in sorted(found.items()))}.",
            hint="Say how the folder is meant: tool: node-pg-migrate, or sql_dialect.",
        )
    return "node-pg-migrate" in found


def _sql(config: Config, project: Project, *, folder: Path, analyser: Analyser) -> MigrationTool:
    from drydock.tools import flat_files, golang_migrate

    settings = config.tool.sql
    dialect = _dialect(settings.dialect, project, folder)
    mode: Literal["file", "statement"] = "statement" if settings.mode == "statement" else "file"
    if dialect == "golang-migrate":
        table = Table(schema=settings.schema or "", name=settings.table or golang_migrate.TABLE)
        return golang_migrate.GolangMigrate(project, folder, table=table, analyser=analyser, mode=mode)
    if dialect == "flat":
        table = Table(schema=settings.schema or flat_files.TABLE.schema, name=settings.table or flat_files.TABLE.name)
        mode = "file" if settings.mode == "file" else "statement"
        return flat_files.FlatFiles(project, folder, table=table, analyser=analyser, mode=mode)
    return _recorded(config, project, folder=folder, convention=_convention(dialect), analyser=analyser)


def _convention(dialect: str) -> Convention:
    from drydock.tools.dbmate import Dbmate
    from drydock.tools.goose import Goose

    return Goose() if dialect == "goose" else Dbmate()


def _recorded(
    config: Config, project: Project, *, folder: Path, convention: Convention, analyser: Analyser
) -> MigrationTool:
    from drydock.tools.recorded import RecordedFiles, script_reader

    settings = config.tool.sql
    table = Table(schema=settings.schema or convention.table.schema, name=settings.table or convention.table.name)
    reader = script_reader(analyser, table, mode="statement" if settings.mode == "statement" else "file")
    return RecordedFiles(project, folder, convention=convention, table=table, reader=reader)


def _dialect(wanted: str, project: Project, folder: Path) -> str:
    from drydock.tools.markers import marked

    if wanted != "auto":
        return wanted
    names = project.files(folder)
    found = {tool: file for tool, file in marked(project, folder, names).items() if tool in MARKED_DIALECTS}
    if _has_pairs(names):
        found["golang-migrate"] = next(name for name in names if name.endswith(".down.sql"))
    if len(found) > 1:
        # A guess could change the history table, and everything that is applied would be pending again.
        seen = ", ".join(f"{file} of {tool}" for tool, file in sorted(found.items()))
        raise ProjectError(
            f"{project.shown(folder)} holds files of more than one migration tool: {seen}.",
            hint=f"Say how the folder is meant: sql_dialect: {', '.join(sorted(found))}.",
        )
    return next(iter(found), "flat")


def _has_pairs(names: tuple[str, ...]) -> bool:
    from drydock.tools.golang_migrate import PATTERN

    scripts = [name for name in names if name.endswith(".sql") and not name.endswith(".down.sql")]
    numbered = [name for name in scripts if PATTERN.match(name)]
    if not numbered or not any(name.endswith(".down.sql") for name in names):
        return False
    if strays := sorted(set(scripts) - set(numbered)):
        raise ProjectError(
            f"{strays[0]} is not named like the golang-migrate files beside it (N_name.up.sql, N_name.down.sql).",
            hint="Rename or move it, or say how the folder is meant: sql_dialect: golang-migrate, or flat.",
        )
    return True


def _found(project: Project, name: str, *, schema: Path | None, config: Config) -> Path:
    if schema is not None:
        return (schema if schema.is_dir() else schema.parent) / "migrations"
    any_tools = (*PRISMA_FOLDERS[:1], *_node_pg_migrate_folder(config, project), *SQL_FOLDERS) if name == "auto" else ()
    places = {"prisma": PRISMA_FOLDERS, "sql": SQL_FOLDERS}.get(name, any_tools)
    folder = next((project.root / place for place in places if (project.root / place).is_dir()), None)
    if folder is None:
        raise ProjectError(
            f"No migrations were found in {project.root.name or project.root}: looked for {', '.join(places)}.",
            hint="Set `migrations` to the folder, or run Drydock in the project's directory.",
        )
    return folder


def _is_prisma(project: Project, folder: Path) -> bool:
    names = project.subfolders(folder)
    return (folder / "migration_lock.toml").is_file() or any(
        (folder / name / "migration.sql").is_file() for name in names
    )

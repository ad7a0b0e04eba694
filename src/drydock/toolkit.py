"""The project's migration tool: as the configuration names it, or as the project's files show it.

Imports of adapters are inside the functions, as in `wiring.py`: a run loads the one that it uses.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from drydock.config.settings import Config
from drydock.errors import ProjectError
from drydock.files import Project
from drydock.model import Table
from drydock.sql.interface import Analyser
from drydock.tools.interface import MigrationTool

Environ = Mapping[str, str]
PRISMA_FOLDERS = ("prisma/migrations", "migrations")
KNEXFILES = ("knexfile.js", "knexfile.mjs", "knexfile.cjs", "knexfile.ts")
SQL_FOLDERS = ("migrations", "db/migrations", "database/migrations", "sql/migrations", "schema/migrations")


def tool_of(
    config: Config, project: Project, *, schema: str | None, analyser: Analyser, environ: Callable[[], Environ]
) -> MigrationTool:
    """The adapter that the configuration names, or that the project's files show.

    `environ` gives the environment for a tool that has to ask the project's own code; it leads to no database.
    """
    settings = config.tool
    if settings.name == "knex" or (settings.name == "auto" and _is_knex(config, project)):
        return _knex(config, project, environ=environ())
    folder = settings.migrations or _found(project, settings.name, schema=settings.prisma.schema)
    if settings.name == "prisma" or (settings.name == "auto" and _is_prisma(project, folder)):
        return _prisma(config, project, folder=folder, schema=schema or "public", analyser=analyser)
    return _sql(config, project, folder=folder, analyser=analyser)


def _prisma(config: Config, project: Project, *, folder: Path, schema: str, analyser: Analyser) -> MigrationTool:
    from drydock.tools.prisma import Prisma
    from drydock.tools.prisma_project import execution_mode

    wanted = config.tool.prisma.mode
    mode = execution_mode(project, folder) if wanted == "auto" else wanted
    return Prisma(project, folder, schema=schema, analyser=analyser, mode=mode)


def _knex(config: Config, project: Project, *, environ: Environ) -> MigrationTool:
    from drydock.process import run
    from drydock.tools.knex import Knex
    from drydock.tools.knex_project import KnexOptions, KnexReader

    options = KnexOptions(
        knexfile=config.tool.knex.file, environment=config.tool.knex.environment, directory=config.tool.migrations
    )
    return Knex(project, KnexReader(project=project, options=options, run=run, environ=environ))


def _is_knex(config: Config, project: Project) -> bool:
    knexfile = next((name for name in KNEXFILES if (project.root / name).is_file()), None)
    if knexfile and config.tool.migrations is None and (project.root / PRISMA_FOLDERS[0]).is_dir():
        raise ProjectError(
            f"{knexfile} and {PRISMA_FOLDERS[0]} are both here.",
            hint="Say which is meant: tool: knex, or tool: prisma.",
        )
    return knexfile is not None or config.tool.knex.file is not None


def _sql(config: Config, project: Project, *, folder: Path, analyser: Analyser) -> MigrationTool:
    from drydock.tools import flat_files, golang_migrate

    settings = config.tool.sql
    if _dialect(settings.dialect, project.files(folder)) == "golang-migrate":
        table = Table(schema=settings.schema or "", name=settings.table or golang_migrate.TABLE)
        mode: Literal["file", "statement"] = "statement" if settings.mode == "statement" else "file"
        return golang_migrate.GolangMigrate(project, folder, table=table, analyser=analyser, mode=mode)
    table = Table(schema=settings.schema or flat_files.TABLE.schema, name=settings.table or flat_files.TABLE.name)
    mode = "file" if settings.mode == "file" else "statement"
    return flat_files.FlatFiles(project, folder, table=table, analyser=analyser, mode=mode)


def _dialect(wanted: str, names: tuple[str, ...]) -> str:
    from drydock.tools.golang_migrate import PATTERN

    if wanted != "auto":
        return wanted
    scripts = [name for name in names if name.endswith(".sql") and not name.endswith(".down.sql")]
    numbered = [name for name in scripts if PATTERN.match(name)]
    if not numbered or not any(name.endswith(".down.sql") for name in names):
        return "flat"
    if strays := sorted(set(scripts) - set(numbered)):
        # A guess could change the history table, and everything that is applied would be pending again.
        raise ProjectError(
            f"{strays[0]} is not named like the golang-migrate files beside it (N_name.up.sql, N_name.down.sql).",
            hint="Rename or move it, or say how the folder is meant: sql_dialect: golang-migrate, or flat.",
        )
    return "golang-migrate"


def _found(project: Project, name: str, *, schema: Path | None) -> Path:
    if schema is not None:
        return (schema if schema.is_dir() else schema.parent) / "migrations"
    places = {"prisma": PRISMA_FOLDERS, "sql": SQL_FOLDERS}.get(name, (*PRISMA_FOLDERS[:1], *SQL_FOLDERS))
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

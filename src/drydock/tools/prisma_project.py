"""What a Prisma project says of itself outside its migrations: lock file, package.json, the installed version."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.tools.collation import Key, collation_key
from drydock.tools.node_project import packages, version_of
from drydock.tools.prisma_config import seed_command

LOCK_FILE = "migration_lock.toml"
SPLITS_STATEMENTS_SINCE = (7, 4)
COLLATES_SINCE = (6, 6)
CONFIG_ONLY_SINCE = (7, 0)
ANOTHER_PRODUCT_SINCE = (8, 0)
PROVIDERS = ("postgresql",)


def check_lock_file(project: Project, folder: Path) -> None:
    """Raises ProjectError when the migrations are for another database.

    Read as Prisma reads it, which is not as TOML: the first line that begins with `provider`, without the words
    `provider = ` and without double quotes. A file without such a line is for no known provider (P3019).
    """
    raw = project.read_if_there(folder / LOCK_FILE)
    if raw is None:
        return
    lines = [line for line in raw.decode("utf-8", "replace").splitlines() if line.startswith("provider")]
    provider = lines[0].removeprefix("provider = ").replace('"', "") if lines else "(none)"
    if provider not in PROVIDERS:
        raise ProjectError(
            f"{project.shown(folder / LOCK_FILE)} says that the migrations are for {provider}, not for postgresql.",
            hint='It must have the line: provider = "postgresql"',
        )


def execution_mode(project: Project, folder: Path) -> Literal["file", "statement"]:
    """How the project's Prisma runs a file: whole before 7.4 or when unknown, statement by statement from 7.4."""
    version = version_of(project, folder, name="prisma")
    return "statement" if version is not None and version >= SPLITS_STATEMENTS_SINCE else "file"


def order_of(project: Project, folder: Path) -> Callable[[str], Key | str]:
    """The order of the project's Prisma: by `localeCompare` from 6.6 on, or when unknown; by code point before."""
    version = version_of(project, folder, name="prisma")
    return str if version is not None and version < COLLATES_SINCE else collation_key


def require_known(project: Project, folder: Path) -> None:
    """Raises ProjectError for Prisma 8, which shares no more than the name."""
    version = version_of(project, folder, name="prisma")
    newest = max(project.subfolders(folder), default="")
    is_next = bool(newest) and (folder / newest / "ops.json").is_file()
    if is_next or (version is not None and version >= ANOTHER_PRODUCT_SINCE):
        raise ProjectError(
            "This project uses Prisma 8, whose migrations are programs with a history of another shape.",
            hint="Drydock runs the migrations of Prisma 5 to 7; apply these with Prisma itself.",
        )


def seed_argv(project: Project, folder: Path) -> tuple[str, ...] | None:
    """The seed command, or None: that of the config file, else, up to Prisma 6, that of package.json."""
    if (command := seed_command(project)) is not None:
        return tuple(command.split())
    version = version_of(project, folder, name="prisma")
    if version is not None and version >= CONFIG_ONLY_SINCE:
        return None
    for _, package in packages(project, folder):
        prisma = package.get("prisma")
        if isinstance(prisma, dict) and isinstance(prisma.get("seed"), str):
            return tuple(str(prisma["seed"]).split())
    return None

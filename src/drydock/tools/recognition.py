"""Which tool a folder of migrations was written for, by its names, its markers and package.json.

Never a guess: another tool means another history table, and everything that is applied would be pending again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.tools.golang_migrate import PATTERN
from drydock.tools.markers import marked
from drydock.tools.node_pg_settings import PACKAGE, is_used_by

Dialect = Literal["golang-migrate", "dbmate", "goose", "flat"]
DIALECTS: tuple[Dialect, ...] = ("golang-migrate", "dbmate", "goose")
DOWN = ".down.sql"


def is_prisma(project: Project, folder: Path) -> bool:
    """Whether the folder holds a folder per migration, as Prisma makes them."""
    names = project.subfolders(folder)
    return (folder / "migration_lock.toml").is_file() or any(
        (folder / name / "migration.sql").is_file() for name in names
    )


def recognised(project: Project, folder: Path) -> Dialect | Literal["node-pg-migrate"]:
    """The tool of SQL files, `flat` for none. Raises ProjectError where the folder looks like more than one tool's."""
    found = _signs(project, folder)
    if is_used_by(project, folder):
        found = {PACKAGE: "package.json", **found}
    kinds = tuple(kind for kind in (*DIALECTS, "node-pg-migrate") if kind in found)
    if len(kinds) > 1:
        raise _ambiguous(project.shown(folder), found, kinds=kinds, option="tool: node-pg-migrate, or sql_dialect")
    return "node-pg-migrate" if PACKAGE in kinds else _dialect_of(found)


def recognised_dialect(project: Project, folder: Path) -> Dialect:
    """The dialect of SQL files that are said to be of none of the programming languages' tools. Raises as above."""
    found = _signs(project, folder)
    kinds = tuple(kind for kind in DIALECTS if kind in found)
    if len(kinds) > 1:
        raise _ambiguous(project.shown(folder), found, kinds=kinds, option="sql_dialect")
    return _dialect_of(found)


def _dialect_of(found: Mapping[str, str]) -> Dialect:
    return next((kind for kind in DIALECTS if kind in found), "flat")


def _signs(project: Project, folder: Path) -> dict[str, str]:
    """The tools that the files show, each with a file that shows it."""
    names = project.files(folder)
    pairs = {"golang-migrate": down} if (down := _pair_in(names)) else {}
    return {**marked(project, folder, names=names), **pairs}


def _pair_in(names: Sequence[str]) -> str | None:
    """A down file, where the folder is of numbered pairs as golang-migrate has them."""
    scripts = [name for name in names if name.endswith(".sql") and not name.endswith(DOWN)]
    numbered = [name for name in scripts if PATTERN.match(name)]
    down = next((name for name in names if name.endswith(DOWN)), None)
    if not numbered or down is None:
        return None
    if strays := sorted(set(scripts) - set(numbered)):
        raise ProjectError(
            f"{strays[0]} is not named like the golang-migrate files beside it (N_name.up.sql, N_name.down.sql).",
            hint="Rename or move it, or say how the folder is meant: sql_dialect: golang-migrate, or flat.",
        )
    return down


def _ambiguous(shown: Path, found: Mapping[str, str], *, kinds: Sequence[str], option: str) -> ProjectError:
    seen = ", ".join(f"{found[kind]} of {kind}" for kind in kinds)
    return ProjectError(
        f"{shown} looks like the folder of more than one migration tool: {seen}.",
        hint=f"Say how it is meant: {option}.",
    )

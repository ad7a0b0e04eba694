"""Which tool a folder of migrations was written for, by its names, its markers and package.json.

Never a guess: another tool means another history table, and everything that is applied would be pending again.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.tools.golang_migrate import PATTERN
from drydock.tools.markers import Signs, signs_in
from drydock.tools.node_pg_settings import PACKAGE, is_used_by

Dialect = Literal["golang-migrate", "dbmate", "goose", "flat"]
DOWN = ".down.sql"
_SAID = {
    "dbmate": "sql_dialect: dbmate",
    "goose": "sql_dialect: goose",
    "node-pg-migrate": "tool: node-pg-migrate",
}


def is_prisma(project: Project, folder: Path) -> bool:
    """Whether the folder holds a folder per migration, as Prisma makes them."""
    names = project.subfolders(folder)
    return (folder / "migration_lock.toml").is_file() or any(
        (folder / name / "migration.sql").is_file() for name in names
    )


def recognised(project: Project, folder: Path) -> Dialect | Literal["node-pg-migrate"]:
    """The tool of SQL files, `flat` for none. Raises ProjectError where the folder looks like more than one tool's."""
    names = project.files(folder)
    signs = signs_in(project, folder, names=names)
    is_asked_for = is_used_by(project, folder)
    asked_for = {PACKAGE: "package.json"} if is_asked_for else {}
    files = {**_dialects(signs, names), **asked_for, **_file_of(signs, PACKAGE)}
    if len(files) > 1:
        raise _ambiguous(project.shown(folder), files, option="tool: node-pg-migrate, or sql_dialect")
    if is_asked_for:
        return "node-pg-migrate"
    if PACKAGE in files:
        _require_marked(project, folder, signs=signs, kind="node-pg-migrate")
        return "node-pg-migrate"
    return _dialect_of(project, folder, signs=signs, files=files)


def recognised_dialect(project: Project, folder: Path) -> Dialect:
    """The dialect of SQL files that are said to be of none of the programming languages' tools. Raises as above."""
    names = project.files(folder)
    signs = signs_in(project, folder, names=names)
    files = _dialects(signs, names)
    if len(files) > 1:
        raise _ambiguous(project.shown(folder), files, option="sql_dialect")
    return _dialect_of(project, folder, signs=signs, files=files)


def _dialect_of(project: Project, folder: Path, *, signs: Signs, files: Mapping[str, str]) -> Dialect:
    if "golang-migrate" in files:
        return "golang-migrate"
    marked: tuple[Dialect, ...] = ("dbmate", "goose")
    kind: Dialect = next((kind for kind in marked if kind in files), "flat")
    if kind != "flat":
        _require_marked(project, folder, signs=signs, kind=kind)
    return kind


def _require_marked(project: Project, folder: Path, *, signs: Signs, kind: str) -> None:
    # A file without markers: then this may be a plain folder, whose history is another, with one foreign file in it.
    if signs.unmarked is None:
        return
    sign = signs.tools[kind]
    raise ProjectError(
        f"{project.shown(folder / sign.file)}, line {sign.line}: a marker of {kind}, and {signs.unmarked} has none.",
        hint=f"Say how the folder is meant: sql_dialect: flat, or {_SAID[kind]}.",
    )


def _dialects(signs: Signs, names: Sequence[str]) -> dict[str, str]:
    """The dialects that the files show, each with a file that shows it."""
    pairs = {"golang-migrate": down} if (down := _pair_in(names)) else {}
    return {**_file_of(signs, "dbmate"), **_file_of(signs, "goose"), **pairs}


def _file_of(signs: Signs, tool: str) -> dict[str, str]:
    return {tool: signs.tools[tool].file} if tool in signs.tools else {}


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


def _ambiguous(shown: Path, files: Mapping[str, str], *, option: str) -> ProjectError:
    seen = ", ".join(f"{file} of {kind}" for kind, file in sorted(files.items()))
    return ProjectError(
        f"{shown} looks like the folder of more than one migration tool: {seen}.",
        hint=f"Say how it is meant: {option}.",
    )

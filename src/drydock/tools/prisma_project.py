"""What a Prisma project says of itself outside its migrations: lock file, package.json, the installed version."""

import json
import re
from pathlib import Path
from typing import Literal

from drydock.errors import ProjectError
from drydock.files import Project

LOCK_FILE = "migration_lock.toml"
SPLITS_STATEMENTS_SINCE = (7, 4)
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
    version = _version(project, folder)
    return "statement" if version is not None and version >= SPLITS_STATEMENTS_SINCE else "file"


def seed_argv(project: Project, folder: Path) -> tuple[str, ...] | None:
    """The seed command of package.json, or None."""
    for _, package in _packages(project, folder):
        prisma = package.get("prisma")
        if isinstance(prisma, dict) and isinstance(prisma.get("seed"), str):
            return tuple(str(prisma["seed"]).split())
    return None


def _version(project: Project, folder: Path) -> tuple[int, int] | None:
    for place, package in _packages(project, folder):
        installed = project.read_if_there(place / "node_modules" / "prisma" / "package.json")
        if installed is not None:
            return _first_numbers(str(_object(installed).get("version", "")))
        for section in ("devDependencies", "dependencies"):
            wanted = package.get(section)
            if isinstance(wanted, dict) and isinstance(wanted.get("prisma"), str):
                return _first_numbers(str(wanted["prisma"]))
    return None


def _packages(project: Project, folder: Path) -> list[tuple[Path, dict[str, object]]]:
    """The package.json files from the migrations folder up to the project's root, nearest first."""
    places = [place for place in folder.parents if place.is_relative_to(project.root)]
    found = [(place, project.read_if_there(place / "package.json")) for place in places]
    return [(place, _object(raw)) for place, raw in found if raw is not None]


def _object(raw: bytes) -> dict[str, object]:
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _first_numbers(version: str) -> tuple[int, int] | None:
    numbers = re.search(r"(\d+)(?:\.(\d+))?", version)
    return (int(numbers[1]), int(numbers[2] or 0)) if numbers else None

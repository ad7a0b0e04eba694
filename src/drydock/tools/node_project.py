"""What a project's package.json files say: which tools it uses, in which version, and how it calls them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from drydock.files import Project

SECTIONS = ("devDependencies", "dependencies")
Package = Mapping[str, object]


def packages(project: Project, folder: Path) -> list[tuple[Path, Package]]:
    """The package.json files from a folder's parent up to the project's root, nearest first, each with its place."""
    places = [place for place in folder.parents if place.is_relative_to(project.root)]
    found = [(place, project.read_if_there(place / "package.json")) for place in places]
    return [(place, object_in(raw)) for place, raw in found if raw is not None]


def version_of(project: Project, folder: Path, *, name: str) -> tuple[int, int] | None:
    """The first two numbers of the version of a package: as it is installed, else as it is asked for; or None."""
    for place, package in packages(project, folder):
        installed = project.read_if_there(place / "node_modules" / name / "package.json")
        if installed is not None:
            return _first_numbers(str(object_in(installed).get("version", "")))
        if (wanted := wanted_version(package, name)) is not None:
            return _first_numbers(wanted)
    return None


def wanted_version(package: Package, name: str) -> str | None:
    """The version that a package.json asks for, as written; None where it does not ask for the package."""
    sections = (package.get(section) for section in SECTIONS)
    found = (section.get(name) for section in sections if isinstance(section, dict))
    return next((version for version in found if isinstance(version, str)), None)


def object_in(raw: bytes) -> Package:
    """The object that a JSON file holds; an empty one where it holds none."""
    try:
        value = json.loads(raw)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _first_numbers(version: str) -> tuple[int, int] | None:
    numbers = re.search(r"(\d+)(?:\.(\d+))?", version)
    return (int(numbers[1]), int(numbers[2] or 0)) if numbers else None

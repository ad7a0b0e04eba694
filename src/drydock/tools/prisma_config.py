"""What a Prisma project says in its config file, package.json and schema of its migrations. Code is read, never run.

Prisma's order (6.12 and later): `migrations.path` of the config file; else `migrations` beside the schema, which the
config file (`schema`) or package.json (`prisma.schema`, up to 6) names. Paths of the config file are relative to it.
"""

import re
from pathlib import Path

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.tools.node_project import object_in

ENDINGS = ("js", "ts", "mjs", "cjs", "mts", "cts")
NAMES = tuple(f"prisma.config.{ending}" for ending in ENDINGS) + tuple(f".config/prisma.{ending}" for ending in ENDINGS)
_COMMENTS = re.compile(r"/\*.*?\*/|(?<![:'\"`\w])//[^\n]*", re.S)
_STRING = r"['\"`][^'\"`$\n]+['\"`]"
_LITERAL = re.compile(rf"\s*({_STRING})\s*(?:[,}}]|$)")
_JOINED = re.compile(rf"\s*(?:path\.)?(?:join|resolve)\(\s*((?:{_STRING}\s*,?\s*)+)\)\s*(?:[,}}]|$)")
_MIGRATIONS = re.compile(r"[{,]\s*['\"]?migrations['\"]?\s*:\s*\{")
_PATH = re.compile(r"[{,]\s*['\"]?path['\"]?\s*:")
_SEED = re.compile(r"[{,]\s*['\"]?seed['\"]?\s*:\s*(['\"`])((?:(?!\1)[^\n$])+)\1\s*[,}\n]")
_SCHEMA = re.compile(r"[{,]\s*['\"]?schema['\"]?\s*:")
_DATASOURCE = re.compile(r"\bdatasource\s+\w+\s*\{([^}]*)\}", re.S)
_SCHEMAS = re.compile(r"\bschemas\s*=\s*\[([^\]]*)\]", re.S)
_NAME = re.compile(r'"([^"\n]+)"')
TELL = "Say where they are: the option migrations, or prisma_schema."


def migrations_folder(project: Project) -> Path | None:
    """The folder that the project names; None where it names none. Raises ProjectError where it cannot be read."""
    if (found := _config(project)) is not None:
        file, text = found
        return _in_config(project, file, text=text)
    raw = project.read_if_there(project.root / "package.json")
    prisma = object_in(raw).get("prisma") if raw else None
    schema = prisma.get("schema") if isinstance(prisma, dict) else None
    return _beside(project.root / schema) if isinstance(schema, str) else None


def seed_command(project: Project) -> str | None:
    """`migrations.seed` of the config file, where it is plain text."""
    found = _config(project)
    inner = _migrations_in(found[1]) if found else ""
    seed = _SEED.search(inner)
    return seed[2] if seed else None


def database_schemas(project: Project, folder: Path) -> tuple[str, ...]:
    """The `schemas` of the datasource, in the schema files beside the migrations; empty where there are none."""
    place = folder.parent
    names = [name for name in project.files(place) if name.endswith(".prisma")] if place.is_dir() else []
    texts = (project.read(place / name).decode("utf-8", "replace") for name in sorted(names))
    listed = (_SCHEMAS.search(source[1]) for text in texts for source in _DATASOURCE.finditer(_plain(text)))
    return tuple(name for found in listed if found for name in _NAME.findall(found[1]))


def _in_config(project: Project, file: Path, *, text: str) -> Path | None:
    inner = _migrations_in(text)
    computes = f"{project.shown(file)} computes where the"
    if (path := _PATH.search(inner)) is not None:
        return file.parent / _value(inner[path.end() :], what=f"{computes} migrations are")
    if (schema := _SCHEMA.search(text)) is not None:
        return _beside(file.parent / _value(text[schema.end() :], what=f"{computes} schema is"))
    return None


def _config(project: Project) -> tuple[Path, str] | None:
    """The config file and its text without comments; None where there is none."""
    for name in NAMES:
        raw = project.read_if_there(project.root / name)
        if raw is not None:
            return project.root / name, _COMMENTS.sub("", raw.decode("utf-8", "replace"))
    return None


def _migrations_in(text: str) -> str:
    migrations = _MIGRATIONS.search(text)
    return _object_in(text[migrations.end() - 1 :]) if migrations else ""


def _object_in(text: str) -> str:
    """The text from its first brace to the one that closes it."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return text[: place + 1]
    return text


def _value(text: str, *, what: str) -> str:
    """The path that a string, or a join of strings, spells. Raises ProjectError for anything else."""
    found = _LITERAL.match(text) or _JOINED.match(text)
    if found is None:
        raise ProjectError(f"{what}; it is read, not run.", hint=TELL)
    return "/".join(part.strip("'\"`") for part in re.findall(_STRING, found[1]))


def _beside(schema: Path) -> Path:
    return (schema if schema.is_dir() else schema.parent) / "migrations"


def _plain(text: str) -> str:
    return re.sub(r"//[^\n]*", "", text)

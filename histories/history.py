"""Find migration histories in a folder of fetched projects, and read them in their own tool's order."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

# Where JavaScript's localeCompare puts each character; letters compare without regard to case first.
LOCALE_ORDER = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"

CODE = (".js", ".cjs", ".ts")
NUMBERED = re.compile(r"(\d+)_.*\.sql")
LINE_COMMENT = re.compile(rb"--[^\n]*")
EXTENSION = re.compile(rb"CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?\"?([\w-]+)", re.IGNORECASE)


class Layout(Enum):
    """How the files lie, and so which tool made them. The value is Drydock's name for the tool."""

    PRISMA = "prisma"
    GOLANG = "golang-migrate"
    FLAT = "flat"
    KNEX = "knex"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One migration: the name its tool knows it by, and its file."""

    name: str
    path: Path

    @property
    def content(self) -> bytes:
        """The file's bytes as they are."""
        return self.path.read_bytes()

    @property
    def checksum(self) -> str:
        """Lower-case hex SHA-256 of the script as Prisma computes it: what is not UTF-8 counts as U+FFFD."""
        return hashlib.sha256(self.content.decode("utf-8", "replace").encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A project's migrations from the first to the last."""

    name: str
    layout: Layout
    project: Path
    """Where the tool would be started."""
    migrations: Path
    scripts: tuple[Script, ...]

    @property
    def extensions(self) -> tuple[str, ...]:
        """The extensions that some script creates."""
        texts = (LINE_COMMENT.sub(b"", script.content) for script in self.scripts)
        return tuple(sorted({found.decode() for text in texts for found in EXTENSION.findall(text)}))


def histories_in(directory: Path) -> tuple[History, ...]:
    """Read every history below `directory`, which holds one folder per project; sorted by name."""
    folders = sorted(folder for folder in directory.iterdir() if folder.is_dir())
    return tuple(history for folder in folders for history in _histories_of(folder))


def _histories_of(folder: Path) -> Iterator[History]:
    for knexfile in sorted(found for found in folder.glob("**/knexfile.*") if "node_modules" not in found.parts):
        yield from _knex(folder, knexfile.parent)
    prisma = sorted(folder.glob("**/prisma/migrations"))
    for migrations in prisma:
        yield _prisma(folder, migrations)
    flat = {path.parent for path in folder.glob("**/*.sql") if NUMBERED.fullmatch(path.name)}
    for migrations in sorted(found for found in flat if not set(prisma) & {found, *found.parents}):
        yield _numbered(folder, migrations)


def _prisma(folder: Path, migrations: Path) -> History:
    names = sorted((path.name for path in migrations.iterdir() if path.is_dir()), key=_as_javascript_sorts)
    return History(
        name=folder.name,
        layout=Layout.PRISMA,
        project=migrations.parent.parent,
        migrations=migrations,
        scripts=tuple(Script(name=name, path=migrations / name / "migration.sql") for name in names),
    )


def _knex(folder: Path, project: Path) -> Iterator[History]:
    """Read the first folder called `migrations` with code in it; where the knexfile means another, say so by hand."""
    for migrations in sorted(project.glob("**/migrations")):
        paths = [path for path in migrations.glob("*") if path.suffix in CODE and "node_modules" not in path.parts]
        if paths:
            paths.sort(key=lambda path: path.name.encode("utf-16-be"))
            scripts = tuple(Script(name=path.name, path=path) for path in paths)
            yield History(name=folder.name, layout=Layout.KNEX, project=project, migrations=migrations, scripts=scripts)
            return


def _as_javascript_sorts(name: str) -> tuple[list[int], list[bool]]:
    return [LOCALE_ORDER.find(letter) for letter in name.lower()], [letter.isupper() for letter in name]


def _numbered(folder: Path, migrations: Path) -> History:
    """Read a folder of numbered files. Down files mean pairs, as golang-migrate has them."""
    paths = [path for path in migrations.glob("*.sql") if NUMBERED.fullmatch(path.name)]
    has_pairs = any(path.name.endswith(".down.sql") for path in paths)
    ups = sorted((path for path in paths if not path.name.endswith(".down.sql")), key=_number)
    return History(
        name=folder.name,
        layout=Layout.GOLANG if has_pairs else Layout.FLAT,
        project=folder,
        migrations=migrations,
        scripts=tuple(Script(name=path.name, path=path) for path in ups),
    )


def _number(path: Path) -> tuple[int, str]:
    return int(path.name.split("_", 1)[0]), path.name

"""node-pg-migrate's own settings, from where it reads them (`bin/node-pg-migrate`, much the same from 5 to 9).

The command line is the one that the scripts of package.json have. A file of settings (`--config-file`, or
`config/default.json` where the package `config` is used) wins over it, as it does there; what belongs to the command
line only is read from there only. A file that is code is not run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from drydock.errors import ProjectError
from drydock.files import Project
from drydock.tools.node_pg_command import Words, words_of
from drydock.tools.node_pg_order import LATEST
from drydock.tools.node_project import object_in, packages, version_of, wanted_version

PACKAGE = "node-pg-migrate"
LOCK_KEY = 7241865325823964
SECTION = "db"
GIVE = "Give the settings as JSON in a file of their own: node_pg_migrate_config."
UNKNOWN = {
    "use-glob": "globs in place of a folder",
    "decamelize": "names that are decamelized",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePgSettings:
    """What decides which files are migrations, in which order, and how they are run and recorded."""

    migrations: str = "migrations"
    """The folder, relative to the project's root."""
    table: str = "pgmigrations"
    schemas: tuple[str, ...] = ("public",)
    """The search path."""
    migrations_schema: str | None = None
    """Where the history is; None: in the first of the search path."""
    creates_schemas: bool = False
    checks_order: bool = True
    ignore_pattern: str | None = None
    is_single_transaction: bool = True
    lock_key: int = LOCK_KEY
    lock_waits: bool = False
    major: int = LATEST
    """The major version, whose order is the files' order; the latest where it is not known."""


def settings_of(project: Project, folder: Path, *, file: Path | None) -> NodePgSettings:
    """The settings of the project around `folder`; `file` is read in place of the one that the project names.

    Raises ProjectError for settings that cannot be read, or that this version does not follow.
    """
    words = words_of(project, folder)
    given = _Given(words=words, file=_in_file(project, folder, words=words, file=file))
    _refuse_unknown({**given.words, **given.file})
    version = version_of(project, folder, name=PACKAGE)
    key = words.get("lock-value")
    return NodePgSettings(
        migrations=given.text("migrations-dir") or "migrations",
        table=given.text("migrations-table") or "pgmigrations",
        schemas=given.schemas(),
        migrations_schema=given.text("migrations-schema"),
        creates_schemas=given.switch("create-schema", default=False),
        checks_order=given.switch("check-order", default=True),
        ignore_pattern=given.text("ignore-pattern"),
        is_single_transaction=replace(given, file={}).switch("single-transaction", default=True),
        lock_key=int(key) if isinstance(key, str) and key.isdigit() else LOCK_KEY,
        lock_waits=given.text("advisory-lock-mode") == "wait",
        major=version[0] if version else LATEST,
    )


def is_used_by(project: Project, folder: Path) -> bool:
    """Whether a package.json around the folder asks for node-pg-migrate."""
    return any(wanted_version(package, PACKAGE) is not None for _, package in packages(project, folder))


def _in_file(project: Project, folder: Path, *, words: Words, file: Path | None) -> Mapping[str, object]:
    named = words.get("config-file")
    section = words.get("config-value")
    wanted = section if isinstance(section, str) else SECTION
    if file is not None:
        return _section(object_in(project.read(file)), wanted)
    if isinstance(named, str):
        if not named.endswith(".json"):
            raise ProjectError(f"node-pg-migrate's settings are code, which is not run: {named}.", hint=GIVE)
        return _section(object_in(project.read(project.root / named)), wanted)
    uses_config = any(wanted_version(package, "config") is not None for _, package in packages(project, folder))
    raw = project.read_if_there(project.root / "config" / "default.json") if uses_config else None
    found = object_in(raw).get(wanted) if raw else None
    return found if isinstance(found, dict) else {}


def _section(settings: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = settings.get(name, settings)
    return section if isinstance(section, dict) else {}


def _refuse_unknown(settings: Mapping[str, object]) -> None:
    for key, what in UNKNOWN.items():
        if settings.get(key) is True:
            raise ProjectError(
                f"node-pg-migrate is set to {what} ({key}), which this version does not follow.",
                hint="Apply with node-pg-migrate itself, or without that setting.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    words: Words
    file: Mapping[str, object]

    def text(self, key: str) -> str | None:
        found = self._chosen(key, fits=lambda value: isinstance(value, str))
        return found if isinstance(found, str) else None

    def switch(self, key: str, *, default: bool) -> bool:
        found = self._chosen(key, fits=lambda value: isinstance(value, bool))
        return found if isinstance(found, bool) else default

    def schemas(self) -> tuple[str, ...]:
        found = self._chosen("schema", fits=lambda value: isinstance(value, str | list) and bool(value))
        names: Sequence[object] = (
            [found] if isinstance(found, str) else found if isinstance(found, list | tuple) else ()
        )
        return tuple(name for name in names if isinstance(name, str) and name) or ("public",)

    def _chosen(self, key: str, *, fits: Callable[[object], bool]) -> object:
        """A key in the file wins over the command line, where it fits."""
        return self.file[key] if key in self.file and fits(self.file[key]) else self.words.get(key)

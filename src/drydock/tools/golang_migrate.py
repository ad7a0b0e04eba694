"""golang-migrate: pairs `N_name.up.sql` and `N_name.down.sql`, history in `schema_migrations(version, dirty)`.

One row: the version the database is at, and whether the migration to it was left unfinished. Facts are of
golang-migrate 4 (`source/parse.go`, `database/postgres/postgres.go`, `database/util.go`): a file goes as one message,
the dirty flag is set before and cleared after, and the lock blocks.
"""

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from drydock.errors import HistoryError, ProjectError
from drydock.files import Project
from drydock.model import (
    Applied,
    FailedRow,
    HistoryProblem,
    Migration,
    Missing,
    Newer,
    Status,
    Step,
    Table,
    ToolLock,
)
from drydock.postgres.interface import Reader
from drydock.sql.interface import Analyser
from drydock.tools.checksum import sha256
from drydock.tools.golang_rows import create_table, ledger_of, set_version, undoing_of
from drydock.tools.interface import Mark, Repair
from drydock.tools.placement import Placement
from drydock.tools.scripts import Down, Script, ScriptReader

TABLE = "schema_migrations"
PATTERN = re.compile(r"^([0-9]+)_(.*)\.up\.sql$")
LARGEST = 2**63 - 1
LOCK_SALT = 1486364155


class GolangMigrate:
    """The adapter; see the module docstring and `MigrationTool`. The history is in the session's current schema."""

    name = "golang-migrate"
    setup = ""

    def __init__(
        self,
        project: Project,
        folder: Path,
        *,
        table: Table,
        analyser: Analyser,
        mode: Literal["file", "statement"],
    ) -> None:
        """`table` is the history; an empty schema means the session's current one."""
        self._project = project
        self._folder = folder
        self._placement = Placement(tool=self.name, table=table)
        self._table = table
        self._at: int | None = None
        protected = frozenset({table.name, "drydock"})
        self._reader = ScriptReader(analyser=analyser, protected=protected, mode=mode)

    def status(self, reader: Reader) -> Status:
        """See `MigrationTool.status`."""
        on_disk = self._on_disk()
        place = self._placement.found(reader.read(*self._placement.questions("SELECT version, dirty FROM {table}")))
        self._table = place.table
        row = place.rows[0] if place.rows else None
        version = int(row[0] or 0) if row else None
        is_dirty = row is not None and row[1] == "t"
        self._at = version
        return Status(
            tool=self.name,
            history=self._table,
            lock=ToolLock(key=lock_key(self._table, place.database), holders_block=True),
            applied=_applied(on_disk, version, is_dirty=is_dirty),
            pending=tuple(migration for migration in on_disk if version is None or _version(migration) > version),
            problems=_problems(on_disk, version, is_dirty=is_dirty),
            preparation=create_table(self._table, has_schema=place.has_schema) if place.rows is None else (),
        )

    def steps(self, pending: Sequence[Migration]) -> tuple[Step, ...]:
        """See `MigrationTool.steps`."""
        before = self._before([_version(migration) for migration in pending])
        scripts = [
            Script(migration=migration, raw=self._project.read(self._folder / migration.file.name))
            for migration in pending
        ]
        return self._reader.steps(
            scripts,
            lambda migration: ledger_of(self._table, version=_version(migration), before=before[_version(migration)]),
        )

    def down_steps(self, names: Sequence[str]) -> tuple[Step, ...]:
        """See `MigrationTool.down_steps`. Each leads to the version below it in the folder, as `migrate down` does."""
        versions = [_version(migration) for migration in self._on_disk()]
        below = dict(zip(versions, [None, *versions], strict=False))
        downs = [self._down(name) for name in names]
        return self._reader.undoing(
            downs,
            lambda migration: undoing_of(
                self._table, version=_version(migration), below=below.get(_version(migration))
            ),
        )

    def _down(self, name: str) -> Down:
        file = self._folder / f"{name}.down.sql"
        raw = self._project.read_if_there(file)
        return Down(
            migration=Migration(name=name, file=self._project.shown(file), checksum=sha256(raw or b"")), raw=raw
        )

    def _before(self, pending: Sequence[int]) -> dict[int, int | None]:
        """What a withdrawn migration returns to: the version before it in this run, at first that of the table.

        Not the file before it: the table may be at a version whose file this checkout does not have.
        """
        on_disk = [_version(migration) for migration in self._on_disk()]
        first = min(pending, default=0)
        held = self._at if self._at is not None and self._at < first else None
        below = max((version for version in on_disk if self._at is not None and version < first), default=None)
        return dict(zip(pending, [held if held is not None else below, *pending], strict=False))

    def repair(self, status: Status, *, name: str, mark: Mark) -> Repair:
        """See `MigrationTool.repair`; the effect is that of `migrate force VERSION`. NAME may be a bare version."""
        on_disk = self._on_disk()
        dirty = next((found for found in status.problems if isinstance(found, FailedRow)), None)
        version = self._version_named(name, on_disk, dirty=dirty)
        if dirty is not None and version != _number(dirty.name):
            raise HistoryError(
                f"{status.history} is dirty at {dirty.name}; {name} is not what has to be resolved.",
                hint=f"Resolve {dirty.name} first: --applied, or --rolled-back.",
            )
        if dirty is None and mark is Mark.ROLLED_BACK:
            raise HistoryError(f"{status.history} is not dirty.", hint="There is nothing to repair.")
        if any(_number(applied.name) == version for applied in status.applied):
            raise HistoryError(f"{name} is recorded as applied already.", hint="There is nothing to repair.")
        below = max((_version(other) for other in on_disk if _version(other) < version), default=None)
        wanted = version if mark is Mark.APPLIED else below
        sql = (*status.preparation, *set_version(self._table, wanted))
        return Repair(sql=sql, said=_moved_to(status, wanted))

    def _version_named(self, name: str, on_disk: Sequence[Migration], *, dirty: FailedRow | None) -> int:
        known = [found.name for found in on_disk] + ([dirty.name] if dirty else [])
        version = next((_number(each) for each in known if name in (each, str(_number(each)))), None)
        if version is None:
            raise HistoryError(
                f"There is no migration {name} in {self._project.shown(self._folder)}.",
                hint="Give the file's name without .up.sql, or its version.",
            )
        return version

    def seed_argv(self) -> tuple[str, ...] | None:
        """golang-migrate has no seed."""
        return None

    def _on_disk(self) -> tuple[Migration, ...]:
        names = [name for name in self._project.files(self._folder) if PATTERN.match(name)]
        migrations = sorted((self._migration(name) for name in names), key=_version)
        if migrations and _version(migrations[-1]) > LARGEST:
            raise ProjectError(
                f"The version of {migrations[-1].file} is too large for golang-migrate's table.",
                hint=f"The largest is {LARGEST}.",
            )
        for one, other in pairwise(migrations):
            if _version(one) == _version(other):
                raise ProjectError(
                    f"{one.file} and {other.file} have the same version.", hint="Rename one of the two files."
                )
        return tuple(migrations)

    def _migration(self, name: str) -> Migration:
        file = self._folder / name
        return Migration(
            name=name.removesuffix(".up.sql"),
            file=self._project.shown(file),
            checksum=sha256(self._project.read(file)),
        )


def lock_key(history: Table, database: str) -> int:
    """golang-migrate's advisory lock id: CRC-32 of schema, table and database, times a salt, in 32 bits."""
    names = f"{history.schema}\0{history.name}\0{database}"
    return zlib.crc32(names.encode()) * LOCK_SALT & 0xFFFFFFFF


def _version(migration: Migration) -> int:
    return _number(migration.name)


def _number(name: str) -> int:
    return int(name.split("_", 1)[0])


def _moved_to(status: Status, version: int | None) -> str:
    if version is None:
        return f"{status.history} is empty now: every migration is pending again."
    return f"{status.history} is now at version {version}, not dirty; every migration up to it counts as applied."


def _applied(on_disk: Sequence[Migration], version: int | None, *, is_dirty: bool) -> tuple[Applied, ...]:
    if version is None:
        return ()
    done = (found for found in on_disk if _version(found) < version or (_version(found) == version and not is_dirty))
    return tuple(Applied(name=migration.name, finished_at=None) for migration in done)


def _problems(on_disk: Sequence[Migration], version: int | None, *, is_dirty: bool) -> tuple[HistoryProblem, ...]:
    if version is None:
        return ()
    at = next((migration for migration in on_disk if _version(migration) == version), None)
    if is_dirty:
        return (FailedRow(name=at.name if at else str(version), started_at=None, migration=at),)
    if at is not None:
        return ()
    newest = max((_version(migration) for migration in on_disk), default=-1)
    return (Newer(name=str(version)) if version > newest else Missing(name=str(version)),)

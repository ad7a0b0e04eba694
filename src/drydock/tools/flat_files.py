"""A flat folder of SQL files without a tool: every `*.sql` but `*.down.sql`, history in `drydock.migrations`.

Order: the number that the name begins with, as a number; then the name. A file's row holds its SHA-256, so that an
edit after the apply is seen. Files written for another tool are refused: they hold down scripts in the same file, or
need another order.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from drydock.errors import HistoryError, ProjectError
from drydock.files import Project
from drydock.model import (
    Applied,
    Edited,
    FailedRow,
    HistoryProblem,
    Migration,
    Status,
    Step,
    Table,
    ToolLock,
)
from drydock.postgres.interface import Reader, Row
from drydock.postgres.literals import qualified
from drydock.sql.interface import Analyser
from drydock.tools.checksum import is_same_script, sha256
from drydock.tools.flat_rows import create_table, ledger_of, mark_applied, mark_rolled_back, undoing_of
from drydock.tools.interface import Mark, Repair
from drydock.tools.markers import first_marker
from drydock.tools.misplaced import misplaced
from drydock.tools.presence import is_there, rows_of, schema_query
from drydock.tools.scripts import Down, Script, ScriptReader

TABLE = Table(schema="drydock", name="migrations")
LOCK_KEY = 0x4452594400000001
FLYWAY = re.compile(r"^[VUR][0-9._]*__")


class FlatFiles:
    """The adapter; see the module docstring and `MigrationTool`."""

    name = "sql"
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
        """`table` is the history."""
        self._project = project
        self._folder = folder
        self._table = table
        protected = frozenset({str(table), "drydock"})
        self._reader = ScriptReader(analyser=analyser, protected=protected, mode=mode)

    def status(self, reader: Reader) -> Status:
        """See `MigrationTool.status`."""
        on_disk = self._on_disk()
        table = qualified(self._table.schema, self._table.name)
        history, schema = reader.read(
            f"SELECT name, checksum, finished_at, started_at FROM {table} ORDER BY started_at",
            schema_query(self._table.schema),
        )
        known = rows_of(history, self._table)
        rows = known or ()
        recorded = {row[0] for row in rows}
        return Status(
            tool=self.name,
            history=self._table,
            lock=ToolLock(key=LOCK_KEY, holders_block=False),
            applied=tuple(Applied(name=row[0] or "", finished_at=row[2]) for row in rows if row[2] is not None),
            pending=tuple(migration for migration in on_disk if migration.name not in recorded),
            problems=(*_failed(on_disk, rows), *self._edited(on_disk, rows), *_misplaced(on_disk, rows)),
            preparation=create_table(self._table, has_schema=is_there(schema)) if known is None else (),
        )

    def steps(self, pending: Sequence[Migration]) -> tuple[Step, ...]:
        """See `MigrationTool.steps`."""
        scripts = [
            Script(migration=migration, raw=self._unmixed(self._folder / migration.name)) for migration in pending
        ]
        return self._reader.steps(scripts, lambda migration: ledger_of(self._table, migration))

    def down_steps(self, names: Sequence[str]) -> tuple[Step, ...]:
        """See `MigrationTool.down_steps`: `NAME.down.sql` beside `NAME.sql`."""
        downs = [self._down(name) for name in names]
        return self._reader.undoing(downs, lambda migration: undoing_of(self._table, migration))

    def repair(self, status: Status, *, name: str, mark: Mark) -> Repair:
        """See `MigrationTool.repair`."""
        migration = next((found for found in self._on_disk() if found.name == name), None)
        failed = any(isinstance(found, FailedRow) and found.name == name for found in status.problems)
        match mark:
            case Mark.APPLIED if migration is None:
                raise HistoryError(
                    f"There is no file {name} in {self._project.shown(self._folder)}.",
                    hint="Give the whole file name.",
                )
            case Mark.APPLIED if migration is not None:
                if any(applied.name == name for applied in status.applied):
                    raise HistoryError(f"{name} is recorded as applied already.", hint="There is nothing to repair.")
                sql = (*status.preparation, *mark_applied(self._table, migration))
                return Repair(sql=sql, said=f"{name} is marked as applied.")
            case _:
                if not failed:
                    raise HistoryError(
                        f"{name} has no open row in {status.history}.", hint="There is nothing to repair."
                    )
                return Repair(sql=mark_rolled_back(self._table, name), said=f"{name} is pending again.")

    def seed_argv(self) -> tuple[str, ...] | None:
        """A folder of files has no seed of its own."""
        return None

    def _on_disk(self) -> tuple[Migration, ...]:
        files = self._project.files(self._folder)
        names = [name for name in files if name.lower().endswith(".sql")]
        if not names:
            self._refuse_other_tools(files)
        flyway = sorted(name for name in names if FLYWAY.match(name))
        if flyway:
            raise ProjectError(
                f"{self._project.shown(self._folder / flyway[0])} is named for Flyway, whose order and history this "
                "version does not know.",
                hint="Names such as 001_users.sql are run in the order of their numbers.",
            )
        ours = (name for name in names if not name.lower().endswith(".down.sql") and not name.startswith("."))
        return tuple(self._migration(name) for name in sorted(ours, key=order))

    def _edited(self, on_disk: Sequence[Migration], rows: Sequence[Row]) -> tuple[Edited, ...]:
        checksums = {row[0]: row[1] for row in rows if row[2] is not None}
        return tuple(
            Edited(name=migration.name, file=migration.file)
            for migration in on_disk
            if checksums.get(migration.name, migration.checksum) != migration.checksum
            and not is_same_script(self._project.read(self._folder / migration.name), checksums[migration.name] or "")
        )

    def _migration(self, name: str) -> Migration:
        file = self._folder / name
        return Migration(name=name, file=self._project.shown(file), checksum=sha256(self._project.read(file)))

    def _down(self, name: str) -> Down:
        file = self._folder / f"{name.removesuffix('.sql')}.down.sql"
        raw = self._project.read_if_there(file)
        return Down(
            migration=Migration(name=name, file=self._project.shown(file), checksum=sha256(raw or b"")), raw=raw
        )

    def _refuse_other_tools(self, files: tuple[str, ...]) -> None:
        # Silence about migrations that only another tool can run would pass for "nothing pending".
        entries = (*files, *self._project.subfolders(self._folder))
        others = sorted(name for name in entries if not name.startswith((".", "README")))
        if others:
            raise ProjectError(
                f"There is no .sql file in {self._project.shown(self._folder)}, only {others[0]}"
                + (f" and {len(others) - 1} more." if others[1:] else "."),
                hint="This version runs Prisma migrations and plain SQL files. Set `migrations` to the folder that "
                "holds them.",
            )

    def _unmixed(self, file: Path) -> bytes:
        raw = self._project.read(file)
        if (found := first_marker(raw)) is not None:
            tool, line = found
            raise ProjectError(
                f"{self._project.shown(file)}, line {line}: a marker of another migration tool, {tool}; run whole, "
                "this file would undo itself.",
                hint="Keep the up script alone in the file, or say whose files these are: sql_dialect, tool.",
            )
        return raw


def order(name: str) -> tuple[bool, int, str]:
    """The sort key of a file name: numbered files by number, then the others; equals by name."""
    number = re.match(r"[0-9]+", name)
    return (number is None, int(number[0]) if number else 0, name)


def _failed(on_disk: Sequence[Migration], rows: Sequence[Row]) -> tuple[FailedRow, ...]:
    by_name = {migration.name: migration for migration in on_disk}
    return tuple(
        FailedRow(name=row[0] or "", started_at=row[3], migration=by_name.get(row[0] or ""))
        for row in rows
        if row[2] is None
    )


def _misplaced(on_disk: Sequence[Migration], rows: Sequence[Row]) -> tuple[HistoryProblem, ...]:
    applied = frozenset(row[0] or "" for row in rows if row[2] is not None)
    return misplaced(tuple(migration.name for migration in on_disk), applied, key=order)

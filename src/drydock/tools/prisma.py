"""Prisma Migrate: one folder per migration, history in `_prisma_migrations`.

Facts are of Prisma 5 to 7 (prisma-engines `apply_migrations.rs`, `sql_migration_persistence.rs`; Prisma's CLI
`listMigrations.ts`). Our rows are such that its CLI afterwards finds nothing to do, and the other way round.
"""

from collections.abc import Sequence
from dataclasses import replace
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
    NotBaselined,
    Status,
    Step,
    Table,
    ToolLock,
)
from drydock.postgres.interface import NotThere, Reader, Row
from drydock.postgres.literals import identifier, literal, qualified
from drydock.sql.interface import Analyser
from drydock.tools import prisma_project
from drydock.tools.checksum import is_same_script, sha256
from drydock.tools.interface import Mark, Repair
from drydock.tools.misplaced import misplaced
from drydock.tools.presence import is_there, rows_of, schema_query
from drydock.tools.prisma_config import database_schemas
from drydock.tools.prisma_rows import CREATE_TABLE, ledger_of, mark_applied, mark_rolled_back, undoing_of
from drydock.tools.scripts import Down, Script, ScriptReader

HISTORY = "_prisma_migrations"
LOCK_KEY = 72707369
SCRIPT = "migration.sql"
DOWN_SCRIPT = "down.sql"
UNCOUNTED = "'spatial_ref_sys', 'geometry_columns'"


class Prisma:
    """The adapter; see the module docstring and `MigrationTool`."""

    name = "prisma"

    def __init__(
        self,
        project: Project,
        folder: Path,
        *,
        schema: str,
        analyser: Analyser,
        mode: Literal["file", "statement"],
    ) -> None:
        """`folder` holds the migrations; `schema` is the address's `?schema=`, where the history table is.

        Raises ProjectError for a version that is another product.
        """
        prisma_project.require_known(project, folder)
        self._project = project
        self._folder = folder
        self._history = Table(schema=schema, name=HISTORY)
        self._order = prisma_project.order_of(project, folder)
        protected = frozenset({HISTORY, "drydock"})
        self._reader = ScriptReader(analyser=analyser, protected=protected, mode=mode, accepts_damaged=True)

    @property
    def setup(self) -> str:
        """Prisma's search path is the one schema and nothing else."""
        return f"SET search_path = {identifier(self._history.schema)}"

    def status(self, reader: Reader) -> Status:
        """See `MigrationTool.status`."""
        on_disk = self._on_disk()
        history, tables, schema = reader.read(
            self._history_query(), self._tables_query(), schema_query(self._history.schema)
        )
        known = rows_of(history, self._history)
        exists, rows = known is not None, known or ()
        self._require_scripts(rows)
        others = () if isinstance(tables, NotThere) else tuple(row[0] or "" for row in tables.rows)
        return Status(
            tool=self.name,
            history=self._history,
            lock=ToolLock(key=LOCK_KEY, holders_block=True),
            applied=tuple(Applied(name=row[0] or "", finished_at=row[2]) for row in rows if _is_applied(row)),
            pending=_pending(on_disk, rows),
            problems=(NotBaselined(tables=others),) if others and not exists else self._problems(on_disk, rows),
            preparation=() if exists else self._preparation(has_schema=is_there(schema)),
        )

    def steps(self, pending: Sequence[Migration]) -> tuple[Step, ...]:
        """See `MigrationTool.steps`."""
        scripts = [Script(migration=migration, raw=self._raw(migration.name)) for migration in pending]
        return self._reader.steps(scripts, lambda migration: ledger_of(self._history, migration))

    def down_steps(self, names: Sequence[str]) -> tuple[Step, ...]:
        """See `MigrationTool.down_steps`. Prisma knows no down scripts: `down.sql` beside `migration.sql` is ours."""
        # No Prisma runs them, so no mode of Prisma's has to be kept to: what is careful is also resumable.
        reader = replace(self._reader, mode="statement")
        downs = [self._down(name) for name in names]
        return reader.undoing(downs, lambda migration: undoing_of(self._history, migration))

    def repair(self, status: Status, *, name: str, mark: Mark) -> Repair:
        """See `MigrationTool.repair`; the row effects are those of `prisma migrate resolve`."""
        match mark:
            case Mark.APPLIED:
                if any(applied.name == name for applied in status.applied):
                    raise HistoryError(f"{name} is recorded as applied already.", hint="There is nothing to repair.")
                migration = next((found for found in self._on_disk() if found.name == name), None)
                if migration is None:
                    raise self._not_on_disk(name)
                sql = (*status.preparation, *mark_applied(self._history, migration))
                return Repair(sql=sql, said=f"Migration {name} is marked as applied.")
            case Mark.ROLLED_BACK:
                if not any(isinstance(found, FailedRow) and found.name == name for found in status.problems):
                    raise _not_failed(status, name)
                return Repair(
                    sql=mark_rolled_back(self._history, name),
                    said=f"Migration {name} is marked as rolled back.",
                )

    def seed_argv(self) -> tuple[str, ...] | None:
        """`prisma.seed` of package.json, split on spaces as Prisma does (it uses no shell)."""
        return prisma_project.seed_argv(self._project, self._folder)

    def _on_disk(self) -> tuple[Migration, ...]:
        prisma_project.check_lock_file(self._project, self._folder)
        return tuple(self._migration(name) for name in self._names() if self._has_script(name))

    def _require_scripts(self, rows: Sequence[Row]) -> None:
        # Prisma misses a script only when its turn comes (P3015); we, before anything is run.
        recorded = _recorded(rows)
        missing = [name for name in self._names() if name not in recorded and not self._has_script(name)]
        if missing:
            raise ProjectError(
                f"{self._project.shown(self._folder / missing[0])} has no {SCRIPT}"
                + (f" (and {len(missing) - 1} more folders)." if missing[1:] else "."),
                hint=f"Restore {SCRIPT}, or remove the folder.",
            )

    def _names(self) -> list[str]:
        return sorted(self._project.subfolders(self._folder), key=self._order)

    def _has_script(self, name: str) -> bool:
        return (self._folder / name / SCRIPT).is_file()

    def _migration(self, name: str) -> Migration:
        file = self._folder / name / SCRIPT
        return Migration(name=name, file=self._project.shown(file), checksum=sha256(_as_text(self._project.read(file))))

    def _raw(self, name: str) -> bytes:
        return self._project.read(self._folder / name / SCRIPT)

    def _down(self, name: str) -> Down:
        file = self._folder / name / DOWN_SCRIPT
        raw = self._project.read_if_there(file)
        return Down(
            migration=Migration(name=name, file=self._project.shown(file), checksum=sha256(raw or b"")), raw=raw
        )

    def _not_on_disk(self, name: str) -> HistoryError:
        return HistoryError(
            f"There is no migration {name} in {self._project.shown(self._folder)}.",
            hint="Give the whole name of the migration's folder.",
        )

    def _preparation(self, *, has_schema: bool) -> tuple[str, ...]:
        schema = f"CREATE SCHEMA IF NOT EXISTS {identifier(self._history.schema)}"
        table = CREATE_TABLE.format(table=qualified(self._history.schema, HISTORY))
        # IF NOT EXISTS needs the right to create schemas even when the schema is there.
        return (table,) if has_schema else (schema, table)

    def _problems(self, on_disk: Sequence[Migration], rows: Sequence[Row]) -> tuple[HistoryProblem, ...]:
        by_name = {migration.name: migration for migration in on_disk}
        failed = [
            FailedRow(name=row[0] or "", started_at=row[4], migration=by_name.get(row[0] or ""))
            for row in rows
            if _is_open(row)
        ]
        applied = {row[0] or "": row[1] or "" for row in rows if _is_applied(row)}
        edited = [
            Edited(name=name, file=by_name[name].file)
            for name, checksum in applied.items()
            if name in by_name and self._is_edited(by_name[name], checksum)
        ]
        return (*failed, *edited, *misplaced(tuple(by_name), frozenset(applied), key=self._order))

    def _is_edited(self, migration: Migration, checksum: str) -> bool:
        # Old versions stored an unpadded format of another length; what it was made of cannot be told.
        if checksum == migration.checksum or len(checksum) != 64:
            return False
        return not is_same_script(_as_text(self._raw(migration.name)), checksum)

    def _history_query(self) -> str:
        return (
            "SELECT migration_name, checksum, finished_at, rolled_back_at, started_at "
            f"FROM {qualified(self._history.schema, HISTORY)} ORDER BY started_at"
        )

    def _tables_query(self) -> str:
        # With several schemas in the datasource, Prisma looks for tables in all of them.
        schemas = dict.fromkeys((self._history.schema, *database_schemas(self._project, self._folder)))
        places = [f"pg_catalog.to_regnamespace({literal(identifier(schema))})" for schema in schemas]
        return (
            "SELECT relname FROM pg_catalog.pg_class WHERE relkind = 'r' "
            f"AND relnamespace IN ({', '.join(places)}) "
            f"AND pg_catalog.lower(relname) NOT IN ({UNCOUNTED}, '{HISTORY}') ORDER BY relname LIMIT 5"
        )


def _as_text(raw: bytes) -> bytes:
    """What Prisma hashes and runs: bytes that are not UTF-8 were replaced by U+FFFD before (6.6 and later)."""
    return raw.decode("utf-8", "replace").encode()


def _not_failed(status: Status, name: str) -> HistoryError:
    if any(applied.name == name for applied in status.applied):
        return HistoryError(
            f"{name} is recorded as applied in {status.history}.",
            hint="An applied migration cannot be marked as rolled back: undo it with a new migration.",
        )
    if any(migration.name == name for migration in status.pending):
        return HistoryError(f"{name} is pending already.", hint="There is nothing to repair: the next deploy runs it.")
    return HistoryError(
        f"{name} has no failed row in {status.history}.",
        hint="Only a migration that was begun and not finished can be marked as rolled back.",
    )


def _is_applied(row: Row) -> bool:
    return row[2] is not None and row[3] is None


def _is_open(row: Row) -> bool:
    return row[2] is None and row[3] is None


def _recorded(rows: Sequence[Row]) -> frozenset[str | None]:
    return frozenset(row[0] for row in rows if row[3] is None)


def _pending(on_disk: Sequence[Migration], rows: Sequence[Row]) -> tuple[Migration, ...]:
    recorded = _recorded(rows)
    return tuple(migration for migration in on_disk if migration.name not in recorded)

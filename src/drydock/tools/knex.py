"""Knex: migrations are code, run by the project's own Knex; history in `knex_migrations`.

Facts are of Knex 1 to 3 (`lib/migrations/migrate/Migrator.js`). The history is read here, without Knex, whose own list
creates tables. Knex itself runs what is pending and writes its rows.
"""

import json
from collections.abc import Sequence
from pathlib import Path, PurePath

from drydock.errors import HistoryError, ProjectError
from drydock.files import Project
from drydock.model import (
    Applied,
    CommandStep,
    Corrupt,
    HistoryProblem,
    Locked,
    Migration,
    Missing,
    Newer,
    Status,
    Step,
    Table,
    TakenByTool,
)
from drydock.postgres.interface import NotThere, Reader, Row, Rows
from drydock.tools import knex_rows
from drydock.tools.checksum import sha256
from drydock.tools.interface import Mark, Repair
from drydock.tools.knex_project import NODE, PROGRAM, KnexMigration, KnexProject, KnexReader
from drydock.tools.misplaced import misplaced
from drydock.tools.presence import rows_of


class Knex:
    """The adapter; see the module docstring and `MigrationTool`."""

    name = "knex"
    setup = ""

    def __init__(self, project: Project, reader: KnexReader) -> None:
        """The knexfile is read on first use, once."""
        self._project = project
        self._reader = reader
        self._known: KnexProject | None = None
        self._history: Table | None = None

    def status(self, reader: Reader) -> Status:
        """See `MigrationTool.status`."""
        knex = self._knex()
        history = self._placed(reader)
        lock_query, sessions_query = knex_rows.lock_queries(history)
        answers = reader.read(
            f"SELECT name, migration_time FROM {knex_rows.named(history)} ORDER BY id", lock_query, sessions_query
        )
        known = rows_of(answers[0], history)
        rows = known or ()
        recorded = frozenset(row[0] or "" for row in rows)
        pending = tuple(self._migration(found) for found in knex.migrations if found.name not in recorded)
        locks = answers[1].rows if isinstance(answers[1], Rows) else ()
        sessions = answers[2].rows if isinstance(answers[2], Rows) else ()
        return Status(
            tool=self.name,
            history=history,
            lock=TakenByTool(),
            applied=tuple(Applied(name=row[0] or "", finished_at=row[1]) for row in rows),
            pending=pending,
            problems=(
                *_locked(history, locks, sessions=sessions, is_pending=bool(pending)),
                *self._misplaced(recorded, is_pending=bool(pending)),
            ),
            preparation=(*_history(history, is_there=known is not None), *_lock(history, answers[1])),
        )

    def steps(self, pending: Sequence[Migration]) -> tuple[Step, ...]:
        """One step for all of them: one Node process, one batch."""
        history = self._history
        if not pending or history is None:
            return ()
        order = {**self._reader.options.order(), "do": "apply", "next_batch": knex_rows.next_batch(history)}
        step = CommandStep(
            migrations=tuple(pending),
            argv=(NODE, str(PROGRAM)),
            directory=self._project.root,
            order=json.dumps(order),
            recorded=knex_rows.recorded(history),
            released=knex_rows.released(history),
        )
        return (step,)

    def repair(self, status: Status, *, name: str, mark: Mark) -> Repair:
        """See `MigrationTool.repair`. Knex has rows of applied migrations only: `rolled-back` takes one away."""
        is_recorded = any(applied.name == name for applied in status.applied)
        match mark:
            case Mark.APPLIED if is_recorded:
                raise HistoryError(f"{name} is recorded as applied already.", hint="There is nothing to repair.")
            case Mark.APPLIED:
                if not any(migration.name == name for migration in status.pending):
                    raise self._not_on_disk(name)
                sql = (*status.preparation, *knex_rows.mark_applied(status.history, name))
                return Repair(sql=sql, said=f"Migration {name} is marked as applied.")
            case Mark.ROLLED_BACK:
                is_locked = any(isinstance(problem, Locked) for problem in status.problems)
                if not is_recorded and not is_locked:
                    raise HistoryError(
                        f"{name} is not recorded as applied in {status.history}.", hint="There is nothing to repair."
                    )
                sql = knex_rows.mark_rolled_back(status.history, name)
                return Repair(sql=sql, said=f"Migration {name} is marked as rolled back: it is recorded no more.")

    def seed_argv(self) -> tuple[str, ...] | None:
        """`knex seed:run`, by our program, on the address that it is given."""
        limits = {"lock_timeout": 0, "statement_timeout": 0, "idle_timeout": 0}
        order = {**self._reader.options.order(), "do": "seed", "limits": limits, "witness": "0"}
        return (NODE, str(PROGRAM), json.dumps(order))

    def _knex(self) -> KnexProject:
        if self._known is None:
            found = self._reader.read()
            _require_names_apart(found.migrations)
            self._known = found
        return self._known

    def _placed(self, reader: Reader) -> Table:
        knex = self._knex()
        (place,) = reader.read(knex_rows.place_query(knex.schema, knex.search_path))
        schema = place.first()[0] if isinstance(place, Rows) and place.rows else None
        if schema is None:
            raise ProjectError(
                "None of the schemas in the search path exists, so Knex could not make its tables.",
                hint="Create the schema, or correct searchPath in the knexfile.",
            )
        self._history = Table(schema=schema, name=knex.table)
        return self._history

    def _migration(self, found: KnexMigration) -> Migration:
        # A source of the project's own may have no files; its knexfile is the nearest thing to show.
        file = found.file or self._knex().knexfile
        content = self._project.read(found.file) if found.file else b""
        return Migration(name=found.name, file=self._project.shown(file), checksum=sha256(content))

    def _misplaced(self, recorded: frozenset[str], *, is_pending: bool) -> tuple[HistoryProblem, ...]:
        names = tuple(found.name for found in self._knex().migrations)
        found = misplaced(names, recorded, key=_order) if self._knex().is_by_name else _unplaced(names, recorded)
        gone = tuple(problem.name for problem in found if isinstance(problem, Missing | Newer))
        if not gone or not is_pending or not self._knex().validates:
            return found
        rest = (problem for problem in found if not isinstance(problem, Missing | Newer))
        return (Corrupt(names=gone, on_disk_as=tuple(_other_extension(name, names) for name in gone)), *rest)

    def _not_on_disk(self, name: str) -> HistoryError:
        return HistoryError(
            f"There is no migration {name} in this project.", hint="Give the whole file name, with its extension."
        )


def _order(name: str) -> bytes:
    """The sort key of JavaScript's `<` on texts: by UTF-16 code units."""
    return name.encode("utf-16-be", "surrogatepass")


def _unplaced(names: tuple[str, ...], recorded: frozenset[str]) -> tuple[HistoryProblem, ...]:
    """As `misplaced`, where no order tells the place of a name that is not on disk."""
    places = {name: place for place, name in enumerate(names)}
    there = misplaced(names, recorded & frozenset(names), key=places.__getitem__)
    return (*(Missing(name=name) for name in sorted(recorded - frozenset(names))), *there)


def _other_extension(name: str, on_disk: Sequence[str]) -> str:
    return next((other for other in on_disk if PurePath(other).stem == PurePath(name).stem), "")


def _locked(
    history: Table, locks: Sequence[Row], *, sessions: Sequence[Row], is_pending: bool
) -> tuple[HistoryProblem, ...]:
    # Knex wants exactly one free row; two are left by a race of two first runs, and keep it out for good.
    is_free = len(locks) <= 1 and all(row[0] == "0" for row in locks)
    if is_free or not is_pending:
        return ()
    return (Locked(table=str(knex_rows.lock_of(history)), sessions=tuple(row[0] or "" for row in sessions)),)


def _history(history: Table, *, is_there: bool) -> tuple[str, ...]:
    return () if is_there else (knex_rows.create_history(history),)


def _lock(history: Table, answer: Rows | NotThere) -> tuple[str, ...]:
    """What the lock lacks."""
    match answer:
        case Rows(rows=()):
            return (knex_rows.add_lock_row(history),)
        case Rows():
            return ()
        case NotThere():
            return (knex_rows.create_lock(history), knex_rows.add_lock_row(history))


def _require_names_apart(migrations: Sequence[KnexMigration]) -> None:
    seen: dict[str, Path | None] = {}
    for found in migrations:
        if found.name in seen:
            raise ProjectError(
                f"Two migrations are called {found.name}: {seen[found.name]} and {found.file}.",
                hint="Knex records names without folders and cannot tell them apart: rename one.",
            )
        seen[found.name] = found.file

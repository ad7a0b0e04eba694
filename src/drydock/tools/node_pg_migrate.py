"""node-pg-migrate: SQL files with `-- Up Migration`, `-- Down Migration`; history in `pgmigrations(id, name, run_on)`.

Facts are of node-pg-migrate 7 to 9 (`src/runner.ts`, `src/migration.ts`). A name is recorded without its extension. All
that is pending runs in one transaction, each row in it, unless the project says otherwise. It refuses to go on where
the history is not a beginning of the files (check-order). JavaScript and TypeScript files count, and are not run here.
"""

import re
from collections.abc import Sequence

from drydock.errors import ProjectError
from drydock.model import HistoryProblem, OutOfOrder, RefusedOrder, Table, ToolLock
from drydock.postgres.interface import Row as Answer
from drydock.postgres.literals import identifier, literal, qualified
from drydock.tools.convention import Entry, Unfit, Up
from drydock.tools.misplaced import misplaced
from drydock.tools.node_pg_order import LATEST, name_of, ordered, place_of
from drydock.tools.node_pg_script import up_of
from drydock.tools.node_pg_settings import NodePgSettings
from drydock.tools.recorded_rows import Row

CODE = (".js", ".ts", ".cjs", ".mjs", ".cts", ".mts")
CREATE_TABLE = (
    "CREATE TABLE IF NOT EXISTS {table} (id SERIAL PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL)"
)


class NodePgMigrate:
    """See the module docstring and `Convention`."""

    name = "node-pg-migrate"
    select = "SELECT name FROM {table} ORDER BY run_on, id"

    def __init__(self, settings: NodePgSettings) -> None:
        """`settings` are the project's own. Raises ProjectError for an ignore-pattern that cannot be followed."""
        self._settings = settings
        self._ignored = _ignored(settings.ignore_pattern)

    @property
    def table(self) -> Table:
        """See `Convention.table`."""
        return Table(schema=self._settings.migrations_schema or self._settings.schemas[0], name=self._settings.table)

    @property
    def setup(self) -> str:
        """The search path, as node-pg-migrate sets it."""
        return f"SET search_path TO {', '.join(map(identifier, self._settings.schemas))}"

    @property
    def lock(self) -> ToolLock:
        """See `Convention.lock`."""
        return ToolLock(key=self._settings.lock_key, holders_block=self._settings.lock_waits)

    @property
    def joins(self) -> bool:
        """See `Convention.joins`."""
        return self._settings.is_single_transaction

    def entries(self, files: Sequence[str]) -> tuple[Entry, ...]:
        """See `Convention.entries`."""
        ours = [file for file in files if not self._ignored.search(file)]
        # With a single file nothing is compared, and any name will do.
        found = ordered(ours, major=self._settings.major) if len(ours) > 1 else ours
        return tuple(
            Entry(name=name, recorded=name, file=file) for name, file in zip(map(name_of, found), found, strict=True)
        )

    def recorded_by(self, rows: Sequence[Answer]) -> tuple[str, ...]:
        """See `Convention.recorded_by`."""
        return tuple(row[0] or "" for row in rows)

    def creation(self, history: Table, *, has_schema: bool) -> tuple[str, ...]:
        """See `Convention.creation`."""
        wanted = [*self._settings.schemas] if self._settings.creates_schemas else []
        missing = [*wanted, *([history.schema] if not has_schema and history.schema not in wanted else [])]
        schemas = (f"CREATE SCHEMA IF NOT EXISTS {identifier(schema)}" for schema in missing)
        return (*schemas, CREATE_TABLE.format(table=qualified(history.schema, history.name)))

    def row_of(self, history: Table, entry: Entry) -> Row:
        """See `Convention.row_of`."""
        table, name = qualified(history.schema, history.name), literal(entry.recorded)
        return Row(
            insert=f"INSERT INTO {table} (name, run_on) VALUES ({name}, pg_catalog.now())",
            exists=f"SELECT FROM {table} WHERE name OPERATOR(pg_catalog.=) {name}",
        )

    def problems(self, entries: Sequence[Entry], recorded: Sequence[str]) -> tuple[HistoryProblem, ...]:
        """See `Convention.problems`."""
        files = {entry.name: entry.file for entry in entries}
        on_disk = tuple(files)
        found = misplaced(on_disk, frozenset(recorded), key=lambda name: self._place(files.get(name, name)))
        if not self._settings.checks_order:
            return found
        differs = ((ours, theirs) for ours, theirs in zip(on_disk, recorded, strict=False) if ours != theirs)
        refused = [RefusedOrder(name=ours, after=theirs) for ours, theirs in differs][:1]
        return (*(problem for problem in found if not isinstance(problem, OutOfOrder)), *refused)

    def script_of(self, entry: Entry, text: str) -> Up | Unfit:
        """See `Convention.script_of`."""
        file = entry.file if self._settings.major < LATEST else entry.file.lower()
        if file.endswith(CODE):
            return Unfit(
                reason="a migration in JavaScript or TypeScript is not run by this version",
                hint="Apply it with the project's own tool: npx node-pg-migrate up. Drydock goes on from there.",
            )
        if not file.endswith(".sql"):
            return Unfit(
                reason="node-pg-migrate would try to run this file",
                hint="Move it out of the migrations folder, or keep it out with node-pg-migrate's ignore-pattern.",
            )
        if entry.name.endswith(".down"):
            return Unfit(
                reason="node-pg-migrate takes this file for a migration of its own and would apply it",
                hint="Put it below -- Down Migration in the file with the up part, and remove this one.",
            )
        return up_of(text)

    def _place(self, file: str) -> tuple[object, ...]:
        try:
            return (1, *place_of(file, major=self._settings.major))
        except ProjectError:
            # A recorded name whose file is gone, from before names had to have a number.
            return (0, file)


def _ignored(pattern: str | None) -> re.Pattern[str]:
    try:
        # JavaScript's and Python's patterns agree in what people write for file names.
        return re.compile(f"^{pattern}$" if pattern else r"^\..*")
    except re.error:
        raise ProjectError(
            f"node-pg-migrate's ignore-pattern cannot be followed: {pattern}.",
            hint="Use a plain regular expression, for names such as README.md.",
        ) from None

"""The source `target-schema`: the target's own schema, dumped before any step, and the rows of the tool's history."""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drydock.errors import AccessError, UnreachableError
from drydock.model import Loaded, Origin, Table
from drydock.postgres.interface import Reader, Rows
from drydock.postgres.literals import qualified
from drydock.redact import Secret
from drydock.scratch.interface import Likeness, Scratch
from drydock.snapshot.dumping import Dumper, Order, dump
from drydock.snapshot.interface import AskNeeds
from drydock.snapshot.readable import Readable, what_may_be_read
from drydock.snapshot.restoring import Dump, Heading, Means, Restore

CopyKept = Callable[[Secret], object]
"""Copies the rows of the tables that are kept from the target to the scratch at this address."""

NEEDED_BYTES = 64 << 20
"""A cluster without rows, and some WAL."""
MOST_TABLES = 200
MOST_PAGES = 128
"""To see that a table is empty, all its pages are read; of larger ones that is not asked."""

TABLES = """
SELECT n.nspname, c.relname, c.relkind, c.relpages
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'f') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'drydock')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.deptype = 'e'
                      AND e.classid = 'pg_catalog.pg_class'::regclass AND e.objid = c.oid)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dumped:
    """The database that is dumped."""

    likeness: Likeness
    server_version: str
    kept: tuple[Table, ...]
    """Whose rows are copied: the tool's history table, and Drydock's own progress."""


class TargetSchemaSource:
    """See `Source`. The dump is in a private directory, which is gone after `load` and with this object."""

    def __init__(self, target: Dumped, *, dumper: Dumper, restore: Restore, means: Means, copy_kept: CopyKept) -> None:
        """`dumper` dumps `target`; `restore` with `means` fills the scratch."""
        self._target = target
        self._dumper = dumper
        self._restore = restore
        self._means = means
        self._copy_kept = copy_kept
        self._dump: Dump | None = None
        self._readable = Readable(excluded_schemas=(), excluded_tables=(), skipped=())
        self._is_empty = False
        self._taken_at = ""

    def prepare(self) -> None:
        """Dump the schema. Raises RehearsalError when a session holds a lock, or pg_dump fails otherwise."""
        folder = Path(tempfile.mkdtemp(prefix="drydock-schema-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._readable = what_may_be_read(self._dumper.reader, with_rows=False)
        self._taken_at = datetime.now(UTC).isoformat(timespec="seconds")
        path = folder / "schema.dump"
        # A history in Drydock's own schema, or the progress there, needs its table on the scratch.
        with_ours = any(table.schema == "drydock" for table in self._target.kept)
        order = Order(leaving_out=self._readable, with_ours=with_ours)
        dump(order, path, dumper=self._dumper, server_major=self.major)
        self._is_empty = not self._readable.skipped and _is_empty(self._dumper.reader, self._target.kept)
        self._dump = Dump(
            path=path,
            shown=self._name,
            form="custom",
            wrapping="none",
            heading=Heading(server_version=self._target.server_version, taken_at=self._taken_at),
            size_bytes=path.stat().st_size,
        )

    @property
    def major(self) -> int:
        """See `Source.major`."""
        return self._target.likeness.major

    @property
    def needed_bytes(self) -> int:
        """See `Source.needed_bytes`."""
        return NEEDED_BYTES

    def load(self, scratch: Scratch, needs: AskNeeds) -> Loaded:
        """See `Source.load`. Raises RehearsalError also when the rows of the history cannot be copied."""
        if self._dump is None:
            self.prepare()
        assert self._dump is not None
        restored = self._restore(self._dump, scratch, means=self._means, skipped=self._readable.skipped)
        self.close()
        self._copy_kept(scratch.address)
        origin = Origin(
            kind="target-schema",
            name=self._name,
            has_rows=self._is_empty,
            server_version=self._target.server_version,
            taken_at=self._taken_at,
        )
        return Loaded(origin=origin, skipped=restored.skipped, notes=restored.notes)

    def close(self) -> None:
        """Remove the dump; a source that was never loaded removes it when it is collected, or at exit."""
        if self._dump is not None:
            shutil.rmtree(self._dump.path.parent, ignore_errors=True)
            self._dump = None

    @property
    def _name(self) -> str:
        return f"the schema of {self._target.likeness.database}"


def _is_empty(reader: Reader, kept: tuple[Table, ...]) -> bool:
    """Whether it was seen that no table holds a row, so that a copy without rows is exact.

    Not claimed where it was not seen: many tables, large or foreign ones, a lock in the way, a policy that hides rows.
    """
    (tables,) = reader.read(TABLES)
    if not isinstance(tables, Rows):
        return False
    asked = [row for row in tables.rows if Table(schema=row[0] or "", name=row[1] or "") not in kept]
    if len(asked) > MOST_TABLES or any(kind == "f" or int(pages or 0) > MOST_PAGES for _, _, kind, pages in asked):
        return False
    if not asked:
        return True
    found = " OR ".join(f"EXISTS (SELECT FROM ONLY {qualified(row[0] or '', row[1] or '')})" for row in asked)
    begin = ("BEGIN READ ONLY", "SET LOCAL lock_timeout = '2s'", "SET LOCAL row_security = off")
    try:
        *_, answer, _ = reader.read(*begin, f"SELECT {found}", "ROLLBACK")
    except (UnreachableError, AccessError):
        return False
    return isinstance(answer, Rows) and answer.first() == ("f",)

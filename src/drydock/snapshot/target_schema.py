"""The source `target-schema`: the target's own schema, dumped before any step, and the rows of the tool's history."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from drydock.errors import AccessError, UnreachableError
from drydock.model import Loaded, Origin, SourceKind, Table
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
    """Whose rows are copied: the tool's history table."""
    kind: SourceKind = "target-schema"
    """`history` for what a replay of the base's migrations made, where no table holds what a real target's holds."""

    @property
    def name(self) -> str:
        """What it is, for people."""
        what = "a replay of" if self.kind == "history" else "the schema of"
        return f"{what} {self.likeness.database}"


class TargetSchemaSource:
    """See `Source`. The dump is in the scratch's own directory, and goes with it however we end."""

    def __init__(self, target: Dumped, *, dumper: Dumper, restore: Restore, means: Means, copy_kept: CopyKept) -> None:
        """`dumper` dumps `target`; `restore` with `means` fills the scratch."""
        self._target = target
        self._dumper = dumper
        self._restore = restore
        self._means = means
        self._copy_kept = copy_kept

    def prepare(self) -> None:
        """There is nothing to look at: the schema is dumped when there is a place for it."""

    @property
    def major(self) -> int:
        """See `Source.major`."""
        return self._target.likeness.major

    @property
    def needed_bytes(self) -> int:
        """See `Source.needed_bytes`."""
        return NEEDED_BYTES

    def load(self, scratch: Scratch, needs: AskNeeds) -> Loaded:
        """See `Source.load`.

        Raises RehearsalError when a session holds a lock, when pg_dump fails otherwise, when the dump cannot be
        restored, and when the rows of the history cannot be copied.
        """
        readable = what_may_be_read(self._dumper.reader, with_rows=False)
        taken_at = datetime.now(UTC).isoformat(timespec="seconds")
        dumped = self._dump(scratch.directory / "schema.dump", readable, taken_at=taken_at)
        is_whole = self._target.kind == "target-schema" and not readable.skipped
        is_empty = is_whole and _is_empty(self._dumper.reader, self._target.kept)
        try:
            restored = self._restore(dumped, scratch, means=self._means, skipped=readable.skipped)
        finally:
            dumped.path.unlink()
        self._copy_kept(scratch.address)
        origin = Origin(
            kind=self._target.kind,
            name=self._target.name,
            has_rows=is_empty,
            server_version=self._target.server_version,
            taken_at=taken_at,
        )
        return Loaded(origin=origin, skipped=restored.skipped, notes=restored.notes)

    def _dump(self, path: Path, readable: Readable, *, taken_at: str) -> Dump:
        # A history in Drydock's own schema, or the progress there, needs its table on the scratch.
        with_ours = any(table.schema == "drydock" for table in self._target.kept)
        order = Order(leaving_out=readable, with_ours=with_ours)
        dump(order, path, dumper=self._dumper, server_major=self.major)
        return Dump(
            path=path,
            shown=self._target.name,
            form="custom",
            wrapping="none",
            heading=Heading(server_version=self._target.server_version, taken_at=taken_at),
            size_bytes=path.stat().st_size,
        )


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

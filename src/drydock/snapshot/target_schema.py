"""The source `target-schema`: the target's schema without its rows, and the rows of the tool's history.

Locks, rewrites and failures of the schema itself come out on the scratch as they would on the target. What depends on
rows does not: the rehearsal marks it as not proven. Facts: pg_dump and pg_restore of PostgreSQL 15 to 18.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from drydock.errors import RehearsalError
from drydock.model import Loaded, Origin, Table
from drydock.redact import Secret
from drydock.scratch.interface import Scratch
from drydock.snapshot.client import Client, complaint
from drydock.snapshot.restoring import Restored

LOCK_WAIT = timedelta(seconds=2)
SMALL_BYTES = 64 << 20
OURS = "drydock"
"""Drydock's own schema, which a deploy role may not be able to read; only a flat history needs it on the copy."""
DUMP = (
    *("--schema-only", "--format=custom", "--no-sync", "--no-publications", "--no-subscriptions", "--no-tablespaces"),
    "--no-security-labels",
    f"--lock-wait-timeout={int(LOCK_WAIT.total_seconds() * 1000)}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is copied: the target at `address`, and its history."""

    address: Secret
    database: str
    history: Table
    copy_history: Callable[[Secret], None]
    """Brings the history's rows to the scratch at an address."""


class TargetSchemaSource:
    """See the module docstring and `Source`."""

    def __init__(self, subject: Subject, client: Client, *, restore: Callable[[Path, Scratch], Restored]) -> None:
        """`client` dumps, `restore` fills a scratch from the dump."""
        self._subject = subject
        self._client = client
        self._restore = restore
        self._left_out = () if subject.history.schema == OURS else (f"--exclude-schema={OURS}",)
        self._folder: TemporaryDirectory[str] | None = None

    def prepare(self) -> None:
        """Dump before anything is made; waits for a lock no longer than `LOCK_WAIT`."""
        self._folder = TemporaryDirectory(prefix="drydock-schema-")
        done = self._client.run("pg_dump", self._subject.address, *DUMP, *self._left_out, f"--file={self._file}")
        if done.exit_code != 0:
            raise RehearsalError(
                f"The target's schema could not be dumped: {complaint(done)}",
                hint="If a session holds a lock on a table, run again when it has ended; else grant what is missing.",
            )

    @property
    def major(self) -> int:
        """The target's own: nothing newer is needed."""
        return 0

    @property
    def needed_bytes(self) -> int:
        """A schema takes little."""
        return SMALL_BYTES

    def load(self, scratch: Scratch) -> Loaded:
        """See `Source.load`."""
        restored = self._restore(self._file, scratch)
        self._subject.copy_history(scratch.address)
        if self._folder is not None:
            self._folder.cleanup()
        origin = Origin(kind="target-schema", name=f"the schema of {self._subject.database}", has_rows=False)
        return Loaded(origin=origin, skipped=restored.skipped, notes=restored.notes)

    @property
    def _file(self) -> Path:
        if self._folder is None:
            raise RuntimeError("the source was not prepared")
        return Path(self._folder.name) / "schema.dump"

"""What a dump is made with, for a test's database; and a scratch and a restore as small as they can be."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drydock.interruption import Interruption
from drydock.model import ScratchKind, Skipped
from drydock.postgres.address import address_of
from drydock.postgres.connect import Connector, Patience
from drydock.postgres.libpq_environment import libpq_environment
from drydock.postgres.target import TargetDatabase
from drydock.process import allow_listed, run
from drydock.redact import Secret, scrubber_of
from drydock.scratch.interface import Scratch
from drydock.snapshot.dumping import Dumper
from drydock.snapshot.restoring import Dump, Means, Restored
from tests.fixtures.database import TestDatabase
from tests.fixtures.majors import programs_for

PATIENCE = Patience(attempt=timedelta(seconds=5), total=timedelta(seconds=5))


@contextmanager
def reading(database: TestDatabase) -> Iterator[TargetDatabase]:
    """The database as a target is read."""
    connector = Connector(
        address=address_of(Secret(database.url)), patience=PATIENCE, stop=Interruption(), say=lambda _: None
    )
    target = TargetDatabase(connector)
    try:
        yield target
    finally:
        target.close()


def dumper_of(database: TestDatabase, reader: TargetDatabase) -> Dumper:
    """With the oldest pg_dump that may read this server."""
    secret = Secret(database.url)
    return Dumper(
        programs=programs_for(database),
        environment=allow_listed(os.environ, libpq_environment(secret)),
        reader=reader,
        run=run,
        stopped=lambda: False,
        scrub=scrubber_of([secret]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainScratch:
    """A database of the test as a scratch."""

    database: TestDatabase
    directory: Path
    kind: ScratchKind = "given"
    takes_content: bool = True
    takes_roles: bool = False
    notes: tuple[str, ...] = ()

    @property
    def address(self) -> Secret:
        return Secret(self.database.url)

    def address_as(self, user: str, password: Secret) -> Secret:
        raise AssertionError(f"this scratch takes no roles, and so not {user}")

    def room_bytes(self) -> int | None:
        return None

    def settle(self) -> None:
        """Nothing to settle."""


def plain_restore(dump: Dump, scratch: Scratch, *, means: Means, skipped: tuple[Skipped, ...] = ()) -> Restored:
    """pg_restore, with what it cannot restore left out."""
    subprocess.run(
        [means.programs.binaries / "pg_restore", "--dbname", scratch.address.reveal(), str(dump.path)],
        env=dict(means.environment),
        capture_output=True,
        check=False,
    )
    return Restored(skipped=skipped, notes=(), tables=0, has_rows=False)

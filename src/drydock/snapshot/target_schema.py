"""The source `target-schema`: the target's schema without its rows, and the rows of the tool's history.

Locks, rewrites and failures of the schema itself come out on the scratch as they would on the target. What depends on
rows does not: the rehearsal marks it as not proven. Facts: pg_dump and pg_restore of PostgreSQL 15 to 18.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from drydock.command import Command, Completed
from drydock.errors import RehearsalError
from drydock.model import Loaded, Origin, Skipped
from drydock.process import allow_listed, run
from drydock.redact import Secret
from drydock.scratch.interface import Programs, Scratch

LOCK_WAIT = timedelta(seconds=2)
LIMIT = timedelta(minutes=10)
SMALL_BYTES = 64 << 20
DUMP = (
    *("--schema-only", "--format=custom", "--no-sync", "--no-publications", "--no-subscriptions", "--no-tablespaces"),
    *(
        "--no-security-labels",
        "--exclude-schema=drydock",
        f"--lock-wait-timeout={int(LOCK_WAIT.total_seconds() * 1000)}",
    ),
)
NEVER = ("USER MAPPING", "SUBSCRIPTION", "PUBLICATION TABLE", "PUBLICATION", "EVENT TRIGGER")
"""What would reach out of the scratch, or watch over what happens on it."""
_LISTED = re.compile(r"^\d+; \d+ \d+ (?P<kind>" + "|".join(NEVER) + r") (?P<name>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What the source needs of others: client programs, how an address becomes an environment, how rows are copied."""

    programs: Callable[[], Programs]
    environment_of: Callable[[Secret], Mapping[str, str]]
    copy_history: Callable[[Secret], None]
    """Bring the rows of the tool's history onto the scratch at this address."""
    stopped: Callable[[], bool]


class TargetSchemaSource:
    """See the module docstring and `Source`."""

    def __init__(self, target: Secret, environ: Mapping[str, str], *, name: str, major: int, hands: Hands) -> None:
        """`name` is the target's database, `major` its version."""
        self._target = target
        self._environ = environ
        self._name = name
        self._major = major
        self._hands = hands
        self._folder: TemporaryDirectory[str] | None = None

    def prepare(self) -> None:
        """Dump before anything is made; waits for a lock no longer than `LOCK_WAIT`."""
        self._folder = TemporaryDirectory(prefix="drydock-schema-")
        done = self._run("pg_dump", self._target, *DUMP, f"--file={self._file}")
        if done.exit_code != 0:
            raise RehearsalError(
                f"The target's schema could not be dumped: {_last(done)}",
                hint="If a session holds a lock on a table, run again when it has ended; else grant what is missing.",
            )

    @property
    def major(self) -> int:
        """The target's."""
        return self._major

    @property
    def needed_bytes(self) -> int:
        """A schema takes little."""
        return SMALL_BYTES

    def load(self, scratch: Scratch) -> Loaded:
        """See `Source.load`."""
        listed = self._run("pg_restore", None, "--list", str(self._file)).stdout
        skipped = tuple(_skipped(found) for found in _LISTED.finditer(listed))
        wanted = scratch.directory / "wanted.list"
        wanted.write_text(_LISTED.sub(";", listed), encoding="utf-8")
        options = ("--exit-on-error", f"--use-list={wanted}", f"--dbname={self._database(scratch)}")
        done = self._run("pg_restore", scratch.address, *options, str(self._file))
        if done.exit_code != 0:
            raise RehearsalError(
                f"The target's schema cannot be made on the scratch: {_last(done)}",
                hint="An extension that is missing here can be installed beside the scratch's server.",
            )
        self._hands.copy_history(scratch.address)
        self.close()
        name = f"the schema of {self._name}"
        return Loaded(origin=Origin(kind="target-schema", name=name, has_rows=False), skipped=skipped)

    def close(self) -> None:
        """Remove the dump."""
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def _file(self) -> Path:
        if self._folder is None:
            raise RuntimeError("the source was not prepared")
        return Path(self._folder.name) / "schema.dump"

    def _database(self, scratch: Scratch) -> str:
        return self._hands.environment_of(scratch.address)["PGDATABASE"]

    def _run(self, program: str, address: Secret | None, *arguments: str) -> Completed:
        more = {"LC_ALL": "C"} if address is None else {**self._hands.environment_of(address), "LC_ALL": "C"}
        command = Command(
            argv=(str(self._hands.programs().binaries / program), *arguments),
            environment=allow_listed(self._environ, more),
            directory=Path("/"),
            time_limit=LIMIT,
        )
        return run(command, stopped=self._hands.stopped)


def _skipped(found: re.Match[str]) -> Skipped:
    # A user mapping's entry names the user and the server; its options are not in the list.
    name = found["name"].removeprefix("- ").rpartition(" ")[0]
    return Skipped(kind=found["kind"].lower(), name=name, reason="it would reach out of the scratch")


def _last(done: Completed) -> str:
    """The programs' own complaint: it names objects, and holds no rows, for none were dumped."""
    errors = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()[-1:]
    return (errors[0] if errors else f"exit code {done.exit_code}").partition("error: ")[2] or "no reason was given"

"""pg_dump archives (custom, directory, tar) onto an empty scratch, without what would reach out of it.

Facts: pg_restore of PostgreSQL 15 to 18; its list names every entry as `ID; CATALOG OID KIND NAMESPACE NAME OWNER`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drydock.command import Command, Completed
from drydock.errors import RehearsalError
from drydock.model import Skipped
from drydock.process import allow_listed, run
from drydock.redact import Secret
from drydock.scratch.interface import Programs, Scratch

LIMIT = timedelta(hours=2)
NEVER = (
    "USER MAPPING",
    "SUBSCRIPTION",
    "PUBLICATION TABLES IN SCHEMA",
    "PUBLICATION TABLE",
    "PUBLICATION",
    "EVENT TRIGGER",
)
"""What would reach out of the scratch, or watch over what happens on it."""
_LISTED = re.compile(r"^\d+; \d+ \d+ (?P<kind>" + "|".join(NEVER) + r") (?P<name>.+)$", re.MULTILINE)
_COMPLAINT = re.compile(r"(?:pg_\w+: )?error: (?P<said>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """PostgreSQL's client programs, and how an address reaches them."""

    programs: Callable[[], Programs]
    environment_of: Callable[[Secret], Mapping[str, str]]
    """The address as libpq's variables."""
    environ: Mapping[str, str]
    stopped: Callable[[], bool]

    def run(self, program: str, address: Secret | None, *arguments: str) -> Completed:
        """Run a program to its end, against the database at `address` if one is given."""
        more = {"LC_ALL": "C"} if address is None else {**self.environment_of(address), "LC_ALL": "C"}
        command = Command(
            argv=(str(self.programs().binaries / program), *arguments),
            environment=allow_listed(self.environ, more),
            directory=Path("/"),
            time_limit=LIMIT,
        )
        return run(command, stopped=self.stopped)

    def listed(self, archive: Path) -> Completed:
        """The archive's heading and entries."""
        return self.run("pg_restore", None, "--list", str(archive))

    def restore(self, archive: Path, scratch: Scratch, *, jobs: int = 1) -> tuple[Skipped, ...]:
        """Restore it, and say what was left out. Raises RehearsalError when anything of the rest fails."""
        listed = self.listed(archive).stdout
        wanted = scratch.directory / "wanted.list"
        wanted.write_text(_LISTED.sub(";", listed), encoding="utf-8")
        database = self.environment_of(scratch.address)["PGDATABASE"]
        options = (
            "--exit-on-error",
            "--no-tablespaces",
            f"--jobs={jobs}",
            f"--use-list={wanted}",
            f"--dbname={database}",
        )
        done = self.run("pg_restore", scratch.address, *options, str(archive))
        if done.exit_code != 0:
            raise RehearsalError(
                f"It cannot be restored on the scratch: {complaint(done)}",
                hint="An extension that is missing here can be installed beside the scratch's server.",
            )
        return tuple(_skipped(found) for found in _LISTED.finditer(listed))


def complaint(done: Completed) -> str:
    """The program's first complaint. It names objects; what it quotes after them, which may be rows, is left out."""
    found = _COMPLAINT.search(done.stderr)
    said = found["said"] if found else f"it ended with exit code {done.exit_code} and gave no reason"
    return said.partition("DETAIL:")[0]


def _skipped(found: re.Match[str]) -> Skipped:
    # A user mapping's entry names the user and the server; its options are not in the list.
    name = found["name"].removeprefix("- ").rpartition(" ")[0]
    return Skipped(kind=found["kind"].lower(), name=name, reason="it would reach out of the scratch")

"""PostgreSQL's client programs, and how an address reaches them without standing in their arguments."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drydock.command import Command, Completed
from drydock.process import allow_listed, run
from drydock.redact import Secret
from drydock.scratch.interface import Programs

LIMIT = timedelta(minutes=30)
_COMPLAINT = re.compile(r"(?:pg_\w+: )?error: (?P<said>.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """See the module docstring."""

    programs: Callable[[], Programs]
    environment_of: Callable[[Secret], Mapping[str, str]]
    """The address as libpq's variables."""
    environ: Mapping[str, str]
    stopped: Callable[[], bool]

    def run(self, program: str, address: Secret, *arguments: str) -> Completed:
        """Run a program to its end, against the database at `address`."""
        command = Command(
            argv=(str(self.programs().binaries / program), *arguments),
            environment=allow_listed(self.environ, {**self.environment_of(address), "LC_ALL": "C"}),
            directory=Path("/"),
            time_limit=LIMIT,
        )
        return run(command, stopped=self.stopped)


def complaint(done: Completed) -> str:
    """The program's first complaint. It names objects; what it quotes after them, which may be rows, is left out."""
    found = _COMPLAINT.search(done.stderr)
    said = found["said"] if found else f"it ended with exit code {done.exit_code} and gave no reason"
    return said.partition("DETAIL:")[0]

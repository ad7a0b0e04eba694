"""Running PostgreSQL's programs as the account that a throwaway server runs as."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from drydock.command import Command, Completed
from drydock.errors import NotStartedError, RehearsalError
from drydock.process import Stopped, allow_listed, run
from drydock.scratch.account import Account

LIMIT = timedelta(minutes=1)
_WORDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPrograms:
    """The programs in `binaries`, run in `directory` as `account`."""

    binaries: Path
    directory: Path
    account: Account
    environ: Mapping[str, str]
    stopped: Stopped

    def run(self, program: str, *arguments: str, limit: timedelta = LIMIT) -> Completed:
        """Run one to its end, or until `stopped` says so. Raises NotStartedError."""
        return run(self._command(program, arguments, limit=limit), stopped=self.stopped)

    def must(self, program: str, *arguments: str, limit: timedelta = LIMIT) -> None:
        """Run one that has to succeed. Raises RehearsalError with the end of what it said."""
        done = self.run(program, *arguments, limit=limit)
        if done.stopped:
            raise RehearsalError(f"{program} of the scratch server was interrupted.", hint="Run again when ready.")
        if done.timed_out:
            raise RehearsalError(f"{program} of the scratch server took longer than {limit.total_seconds():.0f} s.")
        if done.exit_code != 0:
            said = " ".join((done.stderr or done.stdout).split()[-_WORDS:])
            raise RehearsalError(f"The scratch server cannot be made: {program} failed: {said}", hint=_hint(said))

    def can_run(self) -> bool:
        """Whether the account can reach and run them."""
        try:
            commands = [self._command(program, ("--version",), limit=LIMIT) for program in ("postgres", "initdb")]
            return all(run(command).exit_code == 0 for command in commands)
        except NotStartedError:
            return False

    def at(self, binaries: Path) -> "ServerPrograms":
        """The same, of another directory."""
        return replace(self, binaries=binaries)

    def _command(self, program: str, arguments: tuple[str, ...], *, limit: timedelta) -> Command:
        return Command(
            argv=(str(self.binaries / program), *arguments),
            # A locale that the machine has not would be a warning of every program.
            environment=allow_listed(self.environ, {"LC_ALL": "C"}),
            directory=self.directory,
            time_limit=limit,
            user=self.account.user,
            group=self.account.group,
        )


def _hint(said: str) -> str:
    if "could not look up effective user ID" in said:
        return (
            "initdb needs an entry in /etc/passwd for this user id: add one, or let root make ready-made clusters when "
            "the image is built: python -m drydock.scratch.baking."
        )
    return ""

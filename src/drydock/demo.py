"""The main job on real input: a throwaway server, a Prisma project, and the commands a user would type."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drydock.command import Command
from drydock.errors import DrydockError, ExitCode
from drydock.interruption import Interruption
from drydock.postgres.administration import ServerAdministration
from drydock.postgres.sample import run_script
from drydock.process import allow_listed, run
from drydock.redact import Secret
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.interface import Likeness
from drydock.scratch.premises import premises_of
from drydock.scratch.sample import APPLIED, Sample, sample_project

TARGET = Likeness(
    major=0,
    database="shop",
    encoding="UTF8",
    collate="C.UTF-8",
    ctype="C.UTF-8",
    wal_level="replica",
    full_page_writes=True,
    checksums=False,
)
ROOM_BYTES = 64 << 20
LIMIT = timedelta(minutes=5)
STORY = (
    ("What is pending?", ("status",), ExitCode.PENDING),
    ("Would it work? Try it on a copy.", ("check", "--rehearse", "target-schema"), ExitCode.DONE),
    ("Rehearse once more, then apply it.", ("deploy", "--rehearse", "target-schema"), ExitCode.DONE),
    ("Once more: nothing is left to do.", ("deploy", "--rehearse", "target-schema"), ExitCode.DONE),
)


def demo(environ: Mapping[str, str], stop: Interruption, *, say: Callable[[str], None]) -> int:
    """Run the demo and leave nothing behind; answers 0 when every command answered as it should."""
    say("Starting a throwaway PostgreSQL as the target ...")
    servers = EmbeddedProvider(premises_of(environ, current=Path.cwd()), ServerAdministration(environ))
    with servers.provide(TARGET, needed_bytes=ROOM_BYTES) as server, sample_project() as sample:
        stage = Stage(root=sample.root, address=server.address, environ=environ, stop=stop, say=say)
        _before(stage, sample)
        for title, arguments, expected in STORY:
            say(f"\n# {title}\n$ drydock {' '.join(arguments)}")
            answered = stage.drydock(arguments)
            if answered != expected:
                say(f"The demo expected exit code {int(expected)}, not {answered}.")
                return answered or int(ExitCode.BUG)
    say("\nThe server is stopped and its files are gone.")
    return int(ExitCode.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the demo plays."""

    root: Path
    address: Secret
    environ: Mapping[str, str]
    stop: Interruption
    say: Callable[[str], None]

    def drydock(self, arguments: tuple[str, ...], *, quiet: bool = False) -> int:
        """Run the program as a user would; its exit code."""
        environment = allow_listed(self.environ, {"DATABASE_URL": self.address.reveal()})
        argv = (sys.executable, "-m", "drydock", *arguments)
        command = Command(argv=argv, environment=environment, directory=self.root, time_limit=LIMIT)
        return run(command, _silence if quiet else self.say, stopped=self._is_stopped).exit_code

    def _is_stopped(self) -> bool:
        return self.stop.signal_number is not None


def _before(stage: Stage, sample: Sample) -> None:
    stage.say(f"A week ago: {APPLIED} migrations were deployed, and users came.")
    if stage.drydock(("deploy", "--rehearse", "none"), quiet=True) != ExitCode.DONE:
        raise DrydockError("The demo's first deploy failed.")
    run_script(stage.address, sample.rows())
    sample.add_pending()


def _silence(line: str) -> None:
    """Say nothing."""

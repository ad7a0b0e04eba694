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
from drydock.scratch.interface import usual_likeness
from drydock.scratch.premises import premises_of
from drydock.scratch.sample import APPLIED, Sample, sample_project

TARGET = usual_likeness("shop")
ROOM_BYTES = 256 << 20
LIMIT = timedelta(minutes=5)
ON_SNAPSHOT = ("--rehearse", "snapshot", "--snapshot", "shop.dump")
SEEDED = ("--seed-files", "prisma/seed.sql")
REPORTS = Path("drydock-demo-report")


def demo(environ: Mapping[str, str], stop: Interruption, *, say: Callable[[str], None]) -> int:
    """Run the demo and leave nothing behind but its reports; answers 0 when every command answered as it should."""
    say("Starting a throwaway PostgreSQL as the target ...")
    servers = EmbeddedProvider(premises_of(environ, current=Path.cwd()), ServerAdministration(environ))
    with servers.provide(TARGET, needed_bytes=ROOM_BYTES) as server, sample_project() as sample:
        stage = Stage(root=sample.root, address=server.address, environ=environ, stop=stop, say=say)
        _before(stage, sample)
        for scene in _story(sample):
            say(f"\n# {scene.title}\n$ drydock {' '.join(scene.arguments)}")
            scene.first()
            answered = stage.drydock(scene.arguments)
            if answered != scene.answers:
                say(f"The demo expected exit code {int(scene.answers)}, not {answered}.")
                return answered or int(ExitCode.BUG)
    say("\nThe server is stopped and its files are gone.")
    if (Path(REPORTS) / "deploy" / "report.md").is_file():
        say(f"What a pull request would have been told is in {REPORTS}/check/report.md (the check that failed)")
        say(f"and {REPORTS}/deploy/report.md; report.json is beside it.")
    return int(ExitCode.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A command that a user would type, and what it has to answer."""

    title: str
    arguments: tuple[str, ...]
    answers: ExitCode = ExitCode.DONE
    first: Callable[[], object] = lambda: None
    """What the user does before."""


def _story(sample: Sample) -> tuple[Scene, ...]:
    failed, deployed = (("--report-dir", str(Path.cwd() / REPORTS / name)) for name in ("check", "deploy"))
    return (
        Scene(title="Last night's backup.", arguments=("snapshot", "shop.dump")),
        Scene(
            title="A pull request brings four migrations. Are they sound?",
            arguments=("check", *ON_SNAPSHOT, *failed),
            answers=ExitCode.REHEARSAL_FAILED,
            first=sample.add_pending,
        ),
        Scene(
            title="Two users share a name. The migration is corrected, and tried again.",
            arguments=("check", *ON_SNAPSHOT),
            first=sample.correct,
        ),
        Scene(title="Rehearse once more, apply, seed.", arguments=("deploy", *ON_SNAPSHOT, *SEEDED, *deployed)),
        Scene(title="Once more: nothing is left to do.", arguments=("deploy", *ON_SNAPSHOT, *SEEDED)),
    )


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
        environment = allow_listed(
            self.environ, {"DATABASE_URL": self.address.reveal(), "DRYDOCK_ENVIRONMENT": "staging"}
        )
        argv = (sys.executable, "-m", "drydock", *arguments)
        command = Command(argv=argv, environment=environment, directory=self.root, time_limit=LIMIT)
        return run(command, _silence if quiet else self.say, stopped=self._is_stopped).exit_code

    def _is_stopped(self) -> bool:
        return self.stop.signal_number is not None


def _before(stage: Stage, sample: Sample) -> None:
    stage.say(f"A week ago: {APPLIED} migrations were deployed; since then 50,000 users came, and 200,000 orders.")
    if stage.drydock(("deploy", "--rehearse", "none"), quiet=True) != ExitCode.DONE:
        raise DrydockError("The demo's first deploy failed.")
    run_script(stage.address, sample.rows())


def _silence(line: str) -> None:
    """Say nothing."""

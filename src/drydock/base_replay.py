"""A target for a check that has none: a throwaway server on which the base's migrations were applied.

A pull request is then checked without any database: what the base makes stands in for the target, and all that a check
does (history, plan, rehearsal, gate) is done as with a real one.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from drydock.command import Command, Completed
from drydock.config.settings import Config
from drydock.deploy import deploy
from drydock.errors import ExitCode, NotStartedError, ProjectError, RehearsalError
from drydock.files import make_folder
from drydock.interruption import Interruption
from drydock.model import Report
from drydock.postgres.administration import ServerAdministration
from drydock.process import allow_listed, run
from drydock.redact import scrubber_of
from drydock.run import Run
from drydock.scratch.embedded import EmbeddedProvider
from drydock.scratch.interface import Likeness, Scratch, usual_likeness
from drydock.scratch.premises import premises_of
from drydock.wiring import yard_of

ROOM_BYTES = 64 << 20
GIT_LIMIT = timedelta(minutes=5)
LONGEST_NAME = 63
"""Bytes of a database's name (manual, section 4.1.1)."""
NOTHING = "an empty database"
NO_BASE = "No base is named (option base): every migration counts as new."


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaying:
    """What a replay works with, besides the configuration."""

    environ: Mapping[str, str]
    stop: Interruption
    say: Callable[[str], None]


@contextmanager
def stand_in(config: Config, replaying: Replaying) -> Iterator[Config]:
    """The configuration with the stand-in as its target, gone afterwards.

    Raises RehearsalError when the base cannot be had, or its migrations fail.
    """
    base = config.rehearsal.base
    replaying.say(f"No database is named: {f'a replay of {base}' if base else NOTHING} stands in for the target.")
    if base is None:
        replaying.say(NO_BASE)
    servers = EmbeddedProvider(
        premises_of(replaying.environ, current=config.directory), ServerAdministration(replaying.environ)
    )
    with servers.provide(_likeness(base or NOTHING), needed_bytes=ROOM_BYTES) as server:
        placed = replace(
            config,
            target=replace(config.target, database_url=server.address, direct_url=None),
            rehearsal=replace(config.rehearsal, on_stand_in=True),
        )
        if base is not None:
            _replay(base, placed, replaying=replaying, server=server)
        yield placed


def _likeness(name: str) -> Likeness:
    return usual_likeness(name.encode()[:LONGEST_NAME].decode(errors="ignore"))


def _replay(base: str, config: Config, *, replaying: Replaying, server: Scratch) -> None:
    root = _checked_out(base, config, replaying=replaying, place=server.directory)
    try:
        report = _deployed(_on_base(config, root), replaying)
    except ProjectError as error:
        # A base without any migrations is the ordinary state of a project before its first one.
        replaying.say(f"The base {base} brings no migrations: {error.what}")
        return
    if report.verdict.exit_code != ExitCode.DONE:
        raise RehearsalError(f"The base {base} cannot be replayed: {report.verdict.line}", hint=report.verdict.hint)
    replaying.say(f"The migrations of {base} are replayed: {len(report.status.pending) if report.status else 0}.")


def _deployed(config: Config, replaying: Replaying) -> Report:
    scrub = scrubber_of(config.secrets)
    with yard_of(config, replaying.environ, stop=replaying.stop, say=_silence, scrub=scrub) as yard:
        return deploy(Run(yard, "deploy"))


def _on_base(config: Config, root: Path) -> Config:
    """The same project at its base: nothing is rehearsed, nothing seeded."""
    tool = config.tool
    return replace(
        config,
        directory=root,
        rehearsal=replace(config.rehearsal, on="none"),
        seed=replace(config.seed, environments=()),
        tool=replace(
            tool,
            migrations=_moved(tool.migrations, config.directory, to=root),
            prisma=replace(tool.prisma, schema=_moved(tool.prisma.schema, config.directory, to=root)),
        ),
    )


def _moved(path: Path | None, root: Path, *, to: Path) -> Path | None:
    return to / path.relative_to(root) if path is not None and path.is_relative_to(root) else path


def _checked_out(base: str, config: Config, *, replaying: Replaying, place: Path) -> Path:
    """The base's files, from git; the checkout itself stays as it is."""
    archive, root = place / "base.tar", make_folder(place / "base")
    wanted = f"--output={archive}"
    packed = _ran(("git", "archive", "--format=tar", wanted, base, "--", "."), config, replaying=replaying)
    if packed.exit_code != 0:
        raise RehearsalError(
            f"The base {base} is not in this checkout: {_last_line(packed.stderr)}",
            hint="Fetch it first (actions/checkout with fetch-depth: 0; git fetch), or name another: base.",
        )
    unpacked = _ran(("tar", "-xf", str(archive), "-C", str(root)), config, replaying=replaying)
    if unpacked.exit_code != 0:
        raise RehearsalError(f"The files of {base} cannot be unpacked: {_last_line(unpacked.stderr)}")
    return root


def _ran(argv: tuple[str, ...], config: Config, *, replaying: Replaying) -> Completed:
    # In a container the checkout belongs to another user, which git refuses unless told otherwise.
    trusting = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    environment = allow_listed(replaying.environ, trusting)
    command = Command(argv=argv, environment=environment, directory=config.directory, time_limit=GIT_LIMIT)
    try:
        return run(command, stopped=lambda: replaying.stop.signal_number is not None)
    except NotStartedError as error:
        raise RehearsalError(f"The base needs {argv[0]}: {error.what}", hint=f"Install {argv[0]}.") from None


def _last_line(said: str) -> str:
    return (said.strip().splitlines() or ["it says nothing"])[-1]


def _silence(line: str) -> None:
    """Say nothing: the base's migrations are old news."""

"""From the configuration to the parts of a run: the one place that knows every concrete adapter.

Imports are inside the functions, so that a run loads only what it uses: an up-to-date deploy never loads the parser.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from drydock import __version__
from drydock.command import Command
from drydock.config.parse import require_address
from drydock.config.settings import Config
from drydock.deploy import Yard
from drydock.errors import ProjectError
from drydock.files import Project
from drydock.interruption import Interruption
from drydock.model import Proceed, Rehearsed, SeedCommand, SeedFile, SeedPart, Status
from drydock.parts import Parts
from drydock.postgres.address import Address, address_of
from drydock.postgres.connect import Connector, Patience
from drydock.postgres.endpoint import NOWHERE, endpoint_at
from drydock.postgres.interface import Engagement
from drydock.postgres.surroundings import OnCopy, OnTarget, Surroundings, disarmed
from drydock.postgres.target import TargetDatabase
from drydock.process import allow_listed, converse, run
from drydock.redact import Scrubber
from drydock.render.wording import line_of
from drydock.snapshot.interface import SnapshotOrder
from drydock.sql.interface import AnalyserProcess, Analysis
from drydock.sql.text import Damaged, Refused, Text, decode
from drydock.toolkit import tool_of
from drydock.tools.interface import MigrationTool

SEED_LIMIT = timedelta(hours=1)


@contextmanager
def yard_of(
    config: Config,
    environ: Mapping[str, str],
    *,
    stop: Interruption,
    say: Callable[[str], None],
    scrub: Scrubber,
) -> Iterator[Yard]:
    """The parts of a run, gone afterwards. Raises ConfigError or ProjectError when they cannot be had."""
    address = address_of(require_address(config))
    connector = _connector(config, address, stop=stop, say=say, environ=environ)
    project = Project(root=config.directory)
    analyser = _LateAnalyser(environ)
    homeless = partial(_homeless, address, environ)
    tool = tool_of(config, project, schema=address.schema, analyser=analyser, environ=homeless)
    target = TargetDatabase(connector, setup=tool.setup)
    parts = _parts(config, environ, tool=tool, target=target, scrub=scrub)
    around = OnTarget(run=run, environ=environ, address=require_address(config))
    yard = Yard(
        config=config,
        tool=tool,
        target=target,
        engage=lambda status: _engagement(config, target, status=status, around=around, scrub=scrub),
        rehearse=lambda plan, status: _rehearsed(parts, plan, status=status),
        replay=partial(_replayed, parts),
        take_snapshot=lambda order, status: _snapshot(parts, order, status=status),
        seed_parts=partial(_seed_parts, config, project, tool=tool),
        warm_up=analyser.start,
        run_command=lambda argv: run(
            _seed_command(config, environ, also=_for_own_seed(tool, target, argv=argv), argv=argv),
            _fenced(say, scrub),
            stopped=lambda: stop.signal_number is not None,
        ),
        stop=stop,
        say=say,
    )
    try:
        yield yard
    finally:
        target.close()
        analyser.close()


def _fenced(say: Callable[[str], None], scrub: Scrubber) -> Callable[[str], None]:
    return lambda line: say(scrub(f"    | {line_of(line.expandtabs(4))}"))


def _connector(
    config: Config, address: Address, *, stop: Interruption, say: Callable[[str], None], environ: Mapping[str, str]
) -> Connector:
    return Connector(
        address=address,
        patience=Patience(attempt=config.target.connect_timeout, total=config.target.wait_for_database),
        stop=stop,
        say=say,
        inside_github=environ.get("GITHUB_ACTIONS") == "true",
    )


def _engagement(
    config: Config, target: TargetDatabase, *, status: Status, around: Surroundings, scrub: Scrubber
) -> AbstractContextManager[Engagement]:
    from drydock.postgres.engagement import TargetEngagement, Terms
    from drydock.postgres.message import Guard

    terms = Terms(
        guard=Guard(lock_timeout=config.limits.lock_timeout, statement_timeout=config.limits.statement_timeout),
        mutex_wait=config.target.mutex_wait,
        show_queries=config.report.show_queries,
        environment=config.environment,
        revision=config.origin.commit,
        run_url=config.origin.run_url,
        version=__version__,
        surroundings=around,
        timed=isinstance(around, OnCopy),
        stop=target.connector.stop,
        say=target.connector.say,
        scrub=scrub,
    )
    return TargetEngagement(target, target.connector, terms, status)


def _homeless(address: Address, environ: Mapping[str, str]) -> Mapping[str, str]:
    """What a tool's program sees that is to connect nowhere."""
    return disarmed(environ, endpoint_at(address.dsn), copy=NOWHERE)


def _parts(
    config: Config, environ: Mapping[str, str], *, tool: MigrationTool, target: TargetDatabase, scrub: Scrubber
) -> Parts:
    return Parts(
        config=config,
        environ=environ,
        tool=tool,
        target=target,
        connector=target.connector,
        engage=lambda copy, status: _engagement(
            config,
            copy,
            status=status,
            around=OnCopy(run=run, environ=environ, target=target.endpoint),
            scrub=scrub,
        ),
        scrub=scrub,
    )


def _rehearsed(parts: Parts, plan: Proceed, *, status: Status) -> Rehearsed:
    from drydock.rehearse import rehearse
    from drydock.staging import rehearsing_of

    return rehearse(plan, rehearsing_of(parts, status))


def _replayed(parts: Parts, status: Status) -> Rehearsed:
    from drydock.rehearse import replayed
    from drydock.staging import rehearsing_of

    config = replace(parts.config, rehearsal=replace(parts.config.rehearsal, on="history", scratch="embedded"))
    return replayed(status.pending, rehearsing_of(replace(parts, config=config), status))


def _snapshot(parts: Parts, order: SnapshotOrder, *, status: Status) -> str:
    from drydock.staging import snapshot_of

    return snapshot_of(parts, order, status=status)


class _LateAnalyser:
    """The child process that reads SQL, started when something is pending."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._child: AnalyserProcess | None = None

    def start(self) -> None:
        """Start it and return at once."""
        from drydock.sql.child import ChildAnalyser

        if self._child is None:
            self._child = ChildAnalyser(lambda argv: converse(argv, allow_listed(self._environ)))
            self._child.start()

    def analyse(self, texts: Sequence[str], protected: frozenset[str]) -> tuple[Analysis, ...]:
        """See `Analyser.analyse`."""
        self.start()
        return self._child.analyse(texts, protected) if self._child else ()

    def close(self) -> None:
        """End it."""
        if self._child is not None:
            self._child.close()


def _seed_parts(config: Config, project: Project, *, tool: MigrationTool) -> tuple[SeedPart, ...]:
    files = [file for pattern in config.seed.files for file in project.matching(pattern)]
    commands = [("sh", "-c", config.seed.command)] if config.seed.command else []
    own = tool.seed_argv() if config.seed.uses_tool else None
    return (
        *(_seed_file(project, file) for file in files),
        *(SeedCommand(argv=argv) for argv in commands),
        *((SeedCommand(argv=own, name=f"{tool.name}'s own seed"),) if own else ()),
    )


def _seed_file(project: Project, file: Path) -> SeedFile:
    match decode(project.read(file)):
        case Text(text=text):
            return SeedFile(file=project.shown(file), text=text)
        case Damaged(line=line):
            raise ProjectError(f"{project.shown(file)}, line {line}: the file is not UTF-8.", hint="Save it as UTF-8.")
        case Refused(reason=reason, line=line):
            raise ProjectError(f"{project.shown(file)}, line {line}: {reason}.", hint="Remove it from the file.")


def _seed_command(
    config: Config, environ: Mapping[str, str], *, also: Mapping[str, str], argv: tuple[str, ...]
) -> Command:
    """The user's own program gets the user's own environment; the address is always the target's."""
    path = f"{config.directory / 'node_modules' / '.bin'}:{environ.get('PATH', '')}"
    environment = {**environ, **also, "DATABASE_URL": require_address(config).reveal(), "PATH": path}
    return Command(argv=argv, environment=environment, directory=config.directory, time_limit=SEED_LIMIT)


def _for_own_seed(tool: MigrationTool, target: TargetDatabase, *, argv: tuple[str, ...]) -> Mapping[str, str]:
    """The address as a program of ours takes it; a command of the user's has no business with it."""
    return target.endpoint.for_programs if argv == tool.seed_argv() else {}

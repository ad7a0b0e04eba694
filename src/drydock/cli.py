"""Arguments in, exit code out. The last place that catches: whatever gets here unexpectedly is a bug, and says so."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path

from drydock import __version__
from drydock.config.parse import load
from drydock.config.problems import nearest_of
from drydock.config.schema import flags
from drydock.config.settings import Config
from drydock.config.sources import process_environment
from drydock.deploy import Run
from drydock.errors import DrydockError, ExitCode, UsageError
from drydock.files import Project, write
from drydock.interruption import Interruption
from drydock.model import Report
from drydock.redact import Scrubber, scrubber_of
from drydock.render.wording import line_of
from drydock.report import Known, aborted_by, report_of
from drydock.snapshot.interface import SnapshotOrder
from drydock.tools.interface import Mark
from drydock.wiring import yard_of

COMMANDS = {
    "deploy": "apply what is pending (the default)",
    "check": "say what a deploy would do; touches nothing",
    "status": "applied, pending, and everything wrong with the history",
    "resolve": "repair the tool's history",
    "snapshot": "take a snapshot of the target, fit for rehearsals",
    "init": "write drydock.yml and a workflow; with --target, mark the environment",
    "demo": "the whole of it on a throwaway server with sample data",
}


def main(
    arguments: Sequence[str],
    environ: Mapping[str, str] | None = None,
    *,
    directory: Path | None = None,
    stop: Interruption | None = None,
) -> int:
    """Run one command and answer its exit code. Never raises, except for what argparse does with --help."""
    stop = stop or _installed()
    _tolerate_any_encoding()
    try:
        named = _with_command(arguments)
        parsed = _parser(named[0]).parse_args(named)
        surroundings = process_environment() if environ is None else environ
        return _Command(parsed=parsed, environ=surroundings, directory=directory or Path.cwd(), stop=stop).run()
    except DrydockError as error:
        _print_error(error, as_json=_wants_json(arguments))
        return int(error.exit_code)
    except Exception:  # the last resort: a bug must not look like any other answer
        return _bug()


def understands(first: str) -> bool:
    """Whether a first argument is for us: one of our commands, or an option."""
    return first in COMMANDS or first.startswith("-")


def _installed() -> Interruption:
    stop = Interruption()
    stop.install()
    return stop


@dataclass(frozen=True, slots=True, kw_only=True)
class _Command:
    parsed: argparse.Namespace
    environ: Mapping[str, str]
    directory: Path
    stop: Interruption

    def run(self) -> int:
        name = str(self.parsed.command)
        if name == "demo":
            return _demo(self.environ, self.stop)
        if name == "init" and not self.parsed.target:
            return self._initialise()
        given = {key: value for key, value in vars(self.parsed).items() if isinstance(value, str) and key != "command"}
        config = load(
            {key: value for key, value in given.items() if key not in ("name", "replace", "path")},
            self.environ,
            directory=self.directory,
        )
        scrub = scrubber_of(config.secrets)
        say = _speaker(scrub, quiet=config.report.format == "json")
        for warning in config.warnings:
            say(f"Warning: {warning}")
        report = self._carried_out(name, config, scrub=scrub, say=say)
        return _publish(report, config, scrub=scrub)

    def _carried_out(self, name: str, config: Config, *, scrub: Scrubber, say: Callable[[str], None]) -> Report:
        with yard_of(config, self.environ, stop=self.stop, say=say, scrub=scrub) as yard:
            run = Run(yard, name)
            match name:
                case "check":
                    return run.check()
                case "status":
                    return run.status(log=self.parsed.log, drift=self.parsed.drift)
                case "resolve":
                    mark = Mark.APPLIED if self.parsed.applied else Mark.ROLLED_BACK
                    return run.resolve(str(self.parsed.name), mark)
                case "snapshot":
                    return run.snapshot(_order(self.parsed))
                case "init":
                    return run.mark_target(self.parsed.replace)
                case _:
                    return run.deploy()

    def _initialise(self) -> int:
        from drydock.initialise import initialise

        for line in initialise(Project(root=self.directory)):
            print(line)
        return int(ExitCode.DONE)


def _tolerate_any_encoding() -> None:
    # A C locale must not end a deploy because of a check mark.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _publish(report: Report, config: Config, *, scrub: Scrubber) -> int:
    path = config.report.json_path
    if path is not None and (problem := write(path, _json(report, scrub))):
        print(f"Warning: {problem}", file=sys.stderr)
    with suppress(OSError):
        print(_json(report, scrub) if config.report.format == "json" else scrub(_text(report, config)), end="")
    return report.verdict.exit_code


def _text(report: Report, config: Config) -> str:
    from drydock.render.terminal import terminal_text

    text = terminal_text(report)
    if config.report.color == "never" or (config.report.color == "auto" and not sys.stdout.isatty()):
        return text
    from drydock.render.color import colored

    return colored(text)


def _json(report: Report, scrub: Scrubber) -> str:
    from drydock.render.result import result_text

    return result_text(report, scrub=scrub)


def _speaker(scrub: Scrubber, *, quiet: bool) -> Callable[[str], None]:
    stream = sys.stderr if quiet else sys.stdout

    def say(line: str) -> None:
        # A log that nobody reads any more must not end a deploy half-way.
        with suppress(OSError):
            print(line_of(scrub(line)), file=stream, flush=True)

    return say


def _with_command(arguments: Sequence[str]) -> list[str]:
    """The arguments with `deploy` in front when no command is named."""
    first = arguments[0] if arguments else "deploy"
    if first in COMMANDS or first in ("-h", "--help", "--version"):
        return list(arguments) or [first]
    if not first.startswith("-"):
        nearest = nearest_of(first, COMMANDS)
        hint = f"Did you mean {nearest}?" if nearest else f"The commands are {', '.join(COMMANDS)}."
        raise UsageError(f"There is no command {first}.", hint=hint)
    return ["deploy", *arguments]


def _parser(chosen: str) -> argparse.ArgumentParser:
    """The parser. Only the chosen command gets its options: making all of them takes longer than reading them."""
    parser = argparse.ArgumentParser(prog="drydock", description="The deploy step for Postgres schema changes.")
    parser.add_argument("--version", action="version", version=f"drydock {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text)
        if name == chosen:
            _add_arguments(command, name)
    return parser


def _add_arguments(command: argparse.ArgumentParser, name: str) -> None:
    if name != "demo":
        _add_options(command)
    if name == "status":
        command.add_argument("--log", action="store_true", help="also the last deploys, from the audit table")
        command.add_argument("--drift", action="store_true", help="also what no migration made, by a replay of them")
    if name == "resolve":
        command.add_argument("name", help="the whole name of the migration")
        mark = command.add_mutually_exclusive_group(required=True)
        mark.add_argument("--applied", action="store_true", help="it is in the database: record it")
        mark.add_argument("--rolled-back", action="store_true", help="it is not in the database: pending again")
    if name == "snapshot":
        command.add_argument("path", help="the file to write; PATH.json beside it says what it is")
        command.add_argument("--schema-only", action="store_true", help="without rows")
        command.add_argument("--directory", action="store_true", help="pg_dump's directory format, by several sessions")
        command.add_argument("--overwrite", action="store_true", help="replace what is at PATH")
    if name == "init":
        command.add_argument("--target", action="store_true", help="mark the target's environment")
        command.add_argument("--replace", metavar="OLD", help="the mark that may be overwritten")


def _add_options(command: argparse.ArgumentParser) -> None:
    for flag in flags():
        default = f" (default: {flag.default})" if flag.default else ""
        help_text = f"{flag.help}{default}".replace("%", "%%")
        if flag.is_switch:
            command.add_argument(
                flag.name, dest=flag.dest, nargs="?", const="true", metavar=flag.metavar, help=help_text
            )
        else:
            command.add_argument(flag.name, dest=flag.dest, metavar=flag.metavar, help=help_text)


def _order(parsed: argparse.Namespace) -> SnapshotOrder:
    return SnapshotOrder(
        path=Path(parsed.path),
        is_directory=parsed.directory,
        with_rows=not parsed.schema_only,
        overwrite=parsed.overwrite,
    )


def _demo(environ: Mapping[str, str], stop: Interruption) -> int:
    from drydock.demo import demo

    return demo(environ, stop, say=partial(print, flush=True))


def _wants_json(arguments: Sequence[str]) -> bool:
    # The configuration, which would tell for certain, is what could not be read.
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _print_error(error: DrydockError, *, as_json: bool) -> None:
    if as_json:
        known = Known(command="drydock", environment=None, aborted=aborted_by(error, "configuration"))
        print(_json(report_of(known, timedelta()), Scrubber()), end="")
    for line in (error.what, error.truth, error.hint):
        if line:
            print(Scrubber()(line), file=sys.stderr)


def _bug() -> int:
    import traceback

    trace = traceback.format_exc()
    print(Scrubber()(trace), file=sys.stderr)
    print(
        f"This is a bug in Drydock {__version__}. Please report it with the lines above. What was being run may be "
        "applied or not: `drydock status` tells.",
        file=sys.stderr,
    )
    return int(ExitCode.BUG)

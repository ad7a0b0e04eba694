"""Arguments in, exit code out. The last place that catches: whatever gets here unexpectedly is a bug, and says so."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path

from drydock import errands
from drydock.command_line import COMMANDS, extent_of, flags_in, order_of, parsed_of
from drydock.config.ci import GitHub
from drydock.config.parse import Reading, read
from drydock.config.settings import Config
from drydock.config.sources import process_environment
from drydock.deploy import check, deploy
from drydock.errors import DrydockError, ExitCode
from drydock.files import Project, is_writable_file, write
from drydock.interruption import Interruption
from drydock.model import Report
from drydock.redact import Scrubber
from drydock.render.complaint import complain_of, complain_of_bug
from drydock.report import Known, aborted_by, report_of
from drydock.rollback import rollback
from drydock.run import Run
from drydock.surroundings import Surroundings, surroundings_of
from drydock.tools.interface import Mark
from drydock.trust import refusal_of, warning_of
from drydock.wiring import yard_of


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
        surroundings = process_environment() if environ is None else environ
        parsed = parsed_of(arguments, surroundings)
        return _Command(parsed=parsed, environ=surroundings, directory=directory or Path.cwd(), stop=stop).run()
    except DrydockError as error:
        complain_of(error, Scrubber())
        if _wants_json(arguments):
            print(_json(_refused(error, command="drydock", environment=None), Scrubber()), end="")
        return int(error.exit_code)
    except Exception:  # the last resort: a bug must not look like any other answer
        complain_of_bug()
        return int(ExitCode.BUG)


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
        reading = read(flags_in(self.parsed), self.environ, directory=self.directory)
        stream = sys.stderr if reading.partly.report.format == "json" else sys.stdout
        around = surroundings_of(reading.partly, self.environ, stop=self.stop, stream=stream)
        report = self._reported(name, reading, around=around)
        return _told(report, reading.partly, around=around)

    def _reported(self, name: str, reading: Reading, *, around: Surroundings) -> Report:
        """The report of the command, shown; also of one that came to nothing."""
        try:
            config = reading.fit()
            if (refusal := refusal_of(around.ci, name)) is not None:
                raise refusal
            for warning in (*config.warnings, *filter(None, (warning_of(around.ci, name),))):
                around.log(f"Warning: {warning}")
            with self._with_target(name, config, around=around) as placed:
                report = self._carried_out(name, placed, around=around.hiding(placed.secrets))
        except DrydockError as error:
            around.log.unfold()
            complain_of(error, around.scrub)
            report = _refused(error, command=name, environment=reading.partly.environment)
            if reading.partly.report.format == "json":
                print(_json(report, around.scrub), end="")
        else:
            around.log.unfold()
            _show(report, config, scrub=around.scrub)
        return report

    def _with_target(self, name: str, config: Config, *, around: Surroundings) -> AbstractContextManager[Config]:
        """The configuration, with a target of our own making where a check has none."""
        if not (name == "check" and config.replays_without_target):
            return nullcontext(config)
        from drydock.base_replay import Replaying, stand_in

        return stand_in(config, Replaying(environ=self.environ, stop=self.stop, say=around.log))

    def _carried_out(self, name: str, config: Config, *, around: Surroundings) -> Report:
        with yard_of(config, self.environ, stop=self.stop, say=around.log, scrub=around.scrub) as yard:
            run = Run(yard, name)
            match name:
                case "check":
                    return check(run)
                case "status":
                    return errands.status(run, log=self.parsed.log, drift=self.parsed.drift)
                case "wait":
                    return errands.wait(run)
                case "rollback":
                    return rollback(run, extent_of(self.parsed))
                case "resolve":
                    mark = Mark.APPLIED if self.parsed.applied else Mark.ROLLED_BACK
                    return errands.resolve(run, str(self.parsed.name), mark=mark)
                case "snapshot":
                    return errands.snapshot(run, order_of(self.parsed))
                case "init":
                    return errands.mark_target(run, self.parsed.replace)
                case _:
                    return deploy(run)

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


def _told(report: Report, config: Config, *, around: Surroundings) -> int:
    """Tell whoever is to hear of it; the exit code."""
    messages = config.messages
    has_readers = messages.slack_webhook or messages.webhook or is_writable_file(messages.termination_log)
    if not has_readers and not isinstance(around.ci, GitHub):
        return report.verdict.exit_code
    from drydock.messaging import tell

    try:
        return tell(report, config, around=around)
    except Exception:  # what is deployed is deployed, whatever is wrong with the telling of it
        complain_of_bug()
        return report.verdict.exit_code


def _show(report: Report, config: Config, *, scrub: Scrubber) -> None:
    path = config.report.json_path
    if path is not None and (problem := write(path, _json(report, scrub))):
        print(f"Warning: {problem}", file=sys.stderr)
    if problem := _folder_problem(report, config, scrub=scrub):
        print(f"Warning: {problem}", file=sys.stderr)
    with suppress(OSError):
        text = _json(report, scrub) if config.report.format == "json" else scrub(_text(report, config))
        print(text, end="", flush=True)


def _folder_problem(report: Report, config: Config, *, scrub: Scrubber) -> str | None:
    if config.report.directory is None:
        return None
    from drydock.report_folder import write_reports

    return write_reports(report, config.report.directory, scrub=scrub, link=config.origin.run_url)


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


def _demo(environ: Mapping[str, str], stop: Interruption) -> int:
    from drydock.demo import demo

    return demo(environ, stop, say=partial(print, flush=True))


def _wants_json(arguments: Sequence[str]) -> bool:
    # The configuration, which would tell for certain, is what could not be read.
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _refused(error: DrydockError, *, command: str, environment: str | None) -> Report:
    aborted = aborted_by(error, "configuration")
    return report_of(Known(command=command, environment=environment, aborted=aborted), timedelta())

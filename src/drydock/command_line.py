"""What a user may type: the commands, their own arguments, and every option as a flag."""

import argparse
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from drydock import __version__
from drydock.config.ci import arguments_from_ci, command_from_ci
from drydock.config.problems import nearest_of
from drydock.config.schema import flags
from drydock.errors import UsageError
from drydock.model import DownTo, Extent, Last
from drydock.snapshot.interface import SnapshotOrder

COMMANDS = {
    "deploy": "apply what is pending (the default)",
    "check": "say what a deploy would do; touches nothing",
    "status": "applied, pending, and everything wrong with the history",
    "wait": "wait until the target has this checkout's migrations",
    "rollback": "undo applied migrations by their down scripts, newest first",
    "resolve": "repair the tool's history",
    "snapshot": "take a snapshot of the target, fit for rehearsals",
    "init": "write drydock.yml and a workflow; with --target, mark the environment",
    "demo": "the whole of it on a throwaway server with sample data",
}
OWN = frozenset({"command", "name", "replace", "path", "to"})
"""Arguments of a command that are no options."""


def parsed_of(arguments: Sequence[str], environ: Mapping[str, str]) -> argparse.Namespace:
    """The command line; without one, that which the inputs of the action stand for. Raises UsageError, and what
    argparse raises.
    """
    named = _with_command(arguments or _asked_by_ci(environ))
    return _parser(named[0]).parse_args(named)


def flags_in(parsed: argparse.Namespace) -> Mapping[str, str]:
    """The options that were given, by their names in one word."""
    return {name: value for name, value in vars(parsed).items() if isinstance(value, str) and name not in OWN}


def _asked_by_ci(environ: Mapping[str, str]) -> Sequence[str]:
    command = command_from_ci(environ)
    try:
        return [command, *shlex.split(arguments_from_ci(environ))] if command else []
    except ValueError:
        raise UsageError("The input `arguments` cannot be read: a quote is not closed.") from None


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
    if name == "rollback":
        extent = command.add_mutually_exclusive_group(required=True)
        extent.add_argument("--steps", type=_at_least_one, metavar="N", help="undo the last N")
        extent.add_argument("--to", metavar="NAME", help="undo everything after this one, which stays")
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


def _at_least_one(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def extent_of(parsed: argparse.Namespace) -> Extent:
    """How much `rollback` is to undo."""
    return DownTo(name=parsed.to) if parsed.steps is None else Last(count=parsed.steps)


def order_of(parsed: argparse.Namespace) -> SnapshotOrder:
    """What `snapshot` is to make."""
    return SnapshotOrder(
        path=Path(parsed.path),
        is_directory=parsed.directory,
        with_rows=not parsed.schema_only,
        overwrite=parsed.overwrite,
    )

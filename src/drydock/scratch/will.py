"""What a watchdog is told, as lines of JSON: directories to remove and commands to run when its owner is gone."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from drydock.command import Command

FORGET = b'{"forget": "commands"}'
"""The line that takes all commands back: the owner has done their work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What is to be done, in this order."""

    commands: tuple[Command, ...]
    directories: tuple[Path, ...]


def directory_line(directory: Path) -> bytes:
    """A line that names a directory to remove, with all that runs in it."""
    return json.dumps({"directory": str(directory)}).encode()


def command_line(command: Command) -> bytes:
    """A line that names a command to run; it may hold secrets."""
    words: dict[str, Any] = {
        "argv": command.argv,
        "environment": dict(command.environment),
        "place": str(command.directory),
        "seconds": command.time_limit.total_seconds(),
        "stdin": (command.stdin or b"").decode(),
    }
    return json.dumps({"command": words}).encode()


def will_of(lines: Iterable[bytes]) -> Will:
    """What the lines say, read to their end. The last one may be cut: then it was not meant yet."""
    commands: list[Command] = []
    directories: list[Path] = []
    for line in lines:
        try:
            said = json.loads(line)
        except ValueError:
            continue
        match said:
            case {"directory": str(directory)}:
                directories.append(Path(directory))
            case {"command": words}:
                commands.append(_command(words))
            case _:
                commands.clear()
    return Will(commands=tuple(commands), directories=tuple(directories))


def _command(words: dict[str, Any]) -> Command:
    return Command(
        argv=tuple(words["argv"]),
        environment=words["environment"],
        directory=Path(words["place"]),
        time_limit=timedelta(seconds=words["seconds"]),
        stdin=words["stdin"].encode(),
    )

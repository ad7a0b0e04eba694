"""The owner's side of the watchdog: what must be gone when we are, however we go."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from drydock.command import Command, module_argv
from drydock.process import Attendant, allow_listed, attend
from drydock.scratch.will import FORGET, command_line, directory_line

LIMIT = timedelta(seconds=60)


class Watch:
    """Tells the watchdog what to do at our end. Tell first, then make: between the two we may be killed."""

    def __init__(self, watchdog: Attendant) -> None:
        """Take a running watchdog."""
        self._watchdog = watchdog

    def removes(self, directory: Path) -> None:
        """It removes this directory, with all that runs in it."""
        self._watchdog.tell(directory_line(directory))

    def runs(self, command: Command) -> None:
        """It runs this command."""
        self._watchdog.tell(command_line(command))

    def forgets_commands(self) -> None:
        """It runs none of the commands any more."""
        self._watchdog.tell(FORGET)


@contextmanager
def watched(environ: Mapping[str, str]) -> Iterator[Watch]:
    """A watchdog of our own, for as long as the scope lasts; at its end it sees to it that nothing is left."""
    watchdog = attend(module_argv("drydock.scratch.watchdog"), allow_listed(environ))
    try:
        yield Watch(watchdog)
    finally:
        watchdog.dismiss(LIMIT)

"""The log of a run, as people follow it: one safe line at a time, free of secrets.

In GitHub Actions it also speaks to the runner: secrets are masked first, the lines of a migration are folded. Whatever
comes from a database or a file passes `line_of`, which no runner takes for a command, and which leaves no line that
begins with `::`.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

from drydock.notify.interface import Annotation
from drydock.redact import Scrubber
from drydock.render import workflow_commands
from drydock.render.wording import line_of


class Stage(str):
    """A line that begins a stage of the run: parts follow it."""

    __slots__ = ()


class Part(str):
    """A line that begins a part of a stage, such as one migration: the lines that follow are about it."""

    __slots__ = ()


class RunLog:
    """Takes the lines of a run. Without GitHub, a log is its lines and nothing else."""

    def __init__(self, stream: TextIO, *, scrub: Scrubber, is_github: bool) -> None:
        """Write to the stream from now on."""
        self._stream = stream
        self._scrub = scrub
        self._is_github = is_github
        self._is_open = False

    def __call__(self, line: str) -> None:
        """Say a line."""
        if isinstance(line, Stage | Part):
            self.unfold()
        safe = line_of(self._scrub(line))
        if isinstance(line, Part) and self._is_github:
            self._is_open = True
            self._write(workflow_commands.group(safe))
        else:
            self._write(safe)

    def hide(self, scrub: Scrubber) -> None:
        """From now on, what this scrubber knows."""
        self._scrub = scrub

    def mask(self, words: Iterable[str]) -> None:
        """Ask the runner to hide these words, whoever says them."""
        for word in words if self._is_github else ():
            self._write(workflow_commands.mask(word))

    def unfold(self) -> None:
        """What follows belongs to no part."""
        if self._is_open:
            self._is_open = False
            self._write(workflow_commands.END_OF_GROUP)

    def annotate(self, annotation: Annotation) -> None:
        """A remark that GitHub shows on its pages; elsewhere a line of the log."""
        if self._is_github:
            self._write(self._scrub(workflow_commands.annotation(annotation)))
        else:
            self(f"{annotation.severity.capitalize()}: {annotation.message}")

    def debug(self, line: str) -> None:
        """A line for whoever looks for a fault in Drydock's own work."""
        if self._is_github:
            self._write(workflow_commands.debug(line_of(self._scrub(line))))

    def _write(self, line: str) -> None:
        # A log that nobody reads any more must not end a deploy half-way.
        with suppress(OSError):
            print(line, file=self._stream, flush=True)

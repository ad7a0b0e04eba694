"""How far a restore is, in a plain line every few seconds."""

import time
from collections.abc import Callable, Iterable, Iterator
from threading import Lock

EVERY_SECONDS = 5.0
_MEGABYTE = 1_000_000


class Progress:
    """Counts tables and bytes of rows. Safe to use from several threads."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Say it to `say`."""
        self._say, self._lock = say, Lock()
        self._said_at = time.monotonic()
        self._bytes = 0
        self._of = 0
        self.tables = 0
        """How many tables have their rows."""

    def expect(self, tables: int) -> None:
        """How many tables there will be; 0 when that is not known."""
        self._of = tables

    def counted(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The same blocks."""
        for block in blocks:
            with self._lock:
                self._bytes += len(block)
            self._tell()
            yield block

    def table_done(self) -> None:
        """One more table has its rows."""
        with self._lock:
            self.tables += 1
        self._tell()

    def stage(self, text: str) -> None:
        """Say what begins now."""
        self._say(text)
        self._said_at = time.monotonic()

    def _tell(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._said_at < EVERY_SECONDS:
                return
            self._said_at = now
            of = f" of {self._of}" if self._of else ""
            line = f"Restored {self.tables}{of} tables, {self._bytes // _MEGABYTE} MB of rows."
        self._say(line)

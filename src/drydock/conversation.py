"""Talking to a program over two pipes, line by line, so that two full pipes never stop both sides;
or listening to it.
"""

import io
import os
import select
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from enum import Enum

from drydock.command import Completed

_BLOCK = 1 << 16
_TICK = 0.1


class Silence(Enum):
    """Why there is no line to receive."""

    ENDED = "the program has ended"
    TIME_LIMIT = "the program did not answer in time"


class Conversation:
    """A program that answers lines with lines. Only `receive` ever waits for it."""

    def __init__(self, stdin: int, stdout: int, *, end: Callable[[], None]) -> None:
        """Take the descriptors of the program's pipes, and what ends the program and closes them."""
        self._stdin, self._stdout, self._end = stdin, stdout, end
        self._unsent = bytearray()
        self._partial: list[bytes] = []
        self._lines = deque[bytes]()
        os.set_blocking(stdin, False)
        os.set_blocking(stdout, False)

    def send(self, line: bytes) -> None:
        """Send a line (without newline), now as far as the pipe takes it, the rest while `receive` waits."""
        self._unsent += line + b"\n"
        self._write()

    def receive(self, within: timedelta) -> bytes | Silence:
        """Take the next line, without its newline."""
        deadline = time.monotonic() + within.total_seconds()
        while not self._lines:
            left = deadline - time.monotonic()
            if left <= 0:
                return Silence.TIME_LIMIT
            if not self._turn(left):
                return Silence.ENDED
        return self._lines.popleft()

    def close(self) -> None:
        """End the program at once. Harmless when it has ended."""
        self._end()

    def _turn(self, seconds: float) -> bool:
        """Wait until one of the pipes has something to do, and do it; False when the program has ended."""
        ready = select.poll()
        ready.register(self._stdout, select.POLLIN)
        if self._unsent:
            ready.register(self._stdin, select.POLLOUT)
        for pipe, _ in ready.poll(seconds * 1000):
            if pipe == self._stdin:
                self._write()
            elif not self._read():
                return False
        return True

    def _write(self) -> None:
        try:
            while self._unsent:
                del self._unsent[: os.write(self._stdin, self._unsent[:_BLOCK])]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unsent.clear()

    def _read(self) -> bool:
        block = os.read(self._stdout, _BLOCK)
        head, newline, tail = block.rpartition(b"\n")
        if newline:
            self._lines.extend(b"".join((*self._partial, head)).split(b"\n"))
            self._partial.clear()
        self._partial.append(tail)
        return bool(block)


class Stream(io.RawIOBase):
    """What a program says on stdout, while it runs. It ends early once the program is to stop."""

    def __init__(self, stdout: int, stopped: Callable[[], bool], *, end: Callable[[], Completed]) -> None:
        """Take the descriptor of the program's pipe, and what waits for the program's end."""
        super().__init__()
        self._stdout, self._stopped, self._end = stdout, stopped, end

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what io.BufferedReader hands in
        """Fill the buffer with what there is; 0 at the end."""
        while not select.select([self._stdout], [], [], _TICK)[0]:
            if self._stopped():
                return 0
        return os.readv(self._stdout, [buffer])

    def outcome(self) -> Completed:
        """How the program ended, with what it said on stderr. What it has not said on stdout yet is lost."""
        return self._end()

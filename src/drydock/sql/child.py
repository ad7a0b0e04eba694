"""The analysis in a child process: what crashes or hangs the parser costs one file its analysis, no more."""

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Protocol, Self

from drydock.conversation import Silence
from drydock.errors import NotStartedError
from drydock.sql.interface import Analysis, Opaque
from drydock.sql.wire import READY, answer_of, request_line

LARGEST_BYTES = 8 << 20
"""Larger texts are not parsed: the parser takes about twelve times the text in memory."""

_ARGV = (sys.executable, "-I", "-m", "drydock.sql.worker")
_START_LIMIT = timedelta(seconds=30)
_MOST_UNANSWERED = 64
_MOST_UNANSWERED_BYTES = 1 << 20
_MOST_FAILURES = 20


class Talk(Protocol):
    """A conversation with a child process, as `drydock.conversation.Conversation` is."""

    def send(self, line: bytes) -> None:
        """Send a line without waiting."""

    def receive(self, within: timedelta) -> bytes | Silence:
        """Take the next line of the child."""

    def close(self) -> None:
        """End the child at once."""


Spawn = Callable[[Sequence[str]], Talk]
"""Starts a program in an allow-listed environment without waiting for it; may raise `NotStartedError`."""


class ChildAnalyser:
    """An `Analyser` whose parser runs in a child process. A context manager; leaving it ends the child."""

    def __init__(self, spawn: Spawn, *, time_limit: timedelta = timedelta(seconds=30)) -> None:
        """Hand in how to start the child, and the longest that one text may take."""
        self._spawn = spawn
        self._time_limit = time_limit
        self._talk: Talk | None = None
        self._is_ready = False
        self._failures = 0

    def start(self) -> None:
        """Start the child and return at once: its 0.1 s of loading overlaps with what the caller does."""
        if self._talk is None:
            self._talk, self._is_ready = self._spawn(_ARGV), False

    def close(self) -> None:
        """End the child."""
        if self._talk is not None:
            self._talk.close()
        self._talk = None

    def __enter__(self) -> Self:
        """Start the child."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    def analyse(self, texts: Sequence[str], protected: frozenset[str]) -> tuple[Analysis, ...]:
        """As `Analyser.analyse`. What could not be analysed, for whatever reason, is `Opaque`."""
        answers: dict[int, Analysis] = {}
        small = [number for number, text in enumerate(texts) if _is_small(text)]
        while waiting := [number for number in small if number not in answers]:
            batch = [texts[number] for number in waiting]
            answers.update(zip(waiting, self._one_child(batch, protected), strict=False))
        return tuple(answers.get(number, _TOO_LARGE) for number in range(len(texts)))

    def _one_child(self, texts: Sequence[str], protected: frozenset[str]) -> Iterator[Analysis]:
        """Answers for the texts in order, up to the one that the child did not survive; at least one."""
        talk = self._ready_child()
        if isinstance(talk, Opaque):
            yield from (talk for _ in texts)
            return
        for line in _exchange(talk, (request_line(text, protected) for text in texts), time_limit=self._time_limit):
            if isinstance(line, Silence):
                self._failures += 1
                self.close()
                yield _CRASHED if line is Silence.ENDED else _TOO_SLOW
                return
            yield answer_of(line)

    def _ready_child(self) -> Talk | Opaque:
        if self._failures >= _MOST_FAILURES:
            return _GAVE_UP
        try:
            self.start()
        except NotStartedError as error:
            return Opaque(reason=f"the SQL parser could not be started ({error})")
        talk = self._talk
        if talk is None or not (self._is_ready or talk.receive(_START_LIMIT) == READY):
            self.close()
            return Opaque(reason="the SQL parser could not be started")
        self._is_ready = True
        return talk


def _exchange(talk: Talk, requests: Iterator[bytes], *, time_limit: timedelta) -> Iterator[bytes | Silence]:
    """Answers in order. A bounded number of requests is under way: memory stays small and nobody waits."""
    sizes = deque[int]()
    while True:
        while len(sizes) < _MOST_UNANSWERED and sum(sizes) < _MOST_UNANSWERED_BYTES:
            request = next(requests, None)
            if request is None:
                break
            talk.send(request)
            sizes.append(len(request))
        if not sizes:
            return
        sizes.popleft()
        yield talk.receive(time_limit)


def _is_small(text: str) -> bool:
    if len(text) > LARGEST_BYTES or text.isascii():
        return len(text) <= LARGEST_BYTES
    return len(text.encode(errors="replace")) <= LARGEST_BYTES


_TOO_LARGE = Opaque(reason=f"the file is larger than {LARGEST_BYTES >> 20} MiB, too large to analyse")
_CRASHED = Opaque(reason="the SQL parser crashed on this file")
_TOO_SLOW = Opaque(reason="the SQL parser took too long for this file")
_GAVE_UP = Opaque(reason=f"not analysed: the SQL parser failed on {_MOST_FAILURES} files before this one")

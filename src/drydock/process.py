"""Other programs: the only user of subprocess. `run` is for one that ends, `converse` for one that answers, `stream`
for one that says more than fits into memory.

Every child gets exactly the environment it is handed and a process group of its own, so that a time limit
ends the child's own children too.
"""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Protocol, TypedDict

from drydock.command import Command, Completed
from drydock.conversation import Conversation, Stream
from drydock.errors import NotStartedError

GRACE = timedelta(seconds=2)
"""From SIGTERM to SIGKILL; also how long we listen to what a command left running in the background."""

OnLine = Callable[[str], None]
Stopped = Callable[[], bool]


class Owner(TypedDict, total=False):
    """Whom a child runs as; nothing means as ourselves."""

    user: int
    group: int
    extra_groups: tuple[int, ...]


_TICK = 0.05
_BLOCK = 1 << 16
_ALWAYS = frozenset(("PATH", "LANG", "TZ", "TMPDIR"))


class Runner(Protocol):
    """Runs commands; `run` is the real one."""

    def __call__(self, command: Command, on_line: OnLine | None = None, *, stopped: Stopped | None = None) -> Completed:
        """As `run`."""


def allow_listed(environ: Mapping[str, str], also: Mapping[str, str] | None = None) -> dict[str, str]:
    """Pick what a child may see of our environment: PATH, LANG, LC_*, TZ, TMPDIR; then add `also`."""
    kept = {name: value for name, value in environ.items() if name in _ALWAYS or name.startswith("LC_")}
    return {**kept, **(also or {})}


def run(command: Command, on_line: OnLine | None = None, *, stopped: Stopped | None = None) -> Completed:
    """Run a command to its end; a non-zero exit is a `Completed`. Raises `NotStartedError`.

    `on_line` gets each line of stdout and stderr as it arrives. `stopped` is asked at least every 50 ms. At
    the time limit, or when `stopped` says so, the process group gets SIGTERM and, after `GRACE`, SIGKILL.
    """
    process = _start(command.argv, command.environment, directory=command.directory, owner=owner_of(command))
    try:
        return _Listener(process, command, on_line).listen(stopped)
    finally:
        _finish(process)


def converse(argv: Sequence[str], environment: Mapping[str, str]) -> Conversation:
    """Start a program that answers lines with lines; its stderr is dropped. Raises `NotStartedError`."""
    process = _start(argv, environment, errors=subprocess.DEVNULL)
    return Conversation(_number(process.stdin), _number(process.stdout), end=partial(_finish, process))


def owner_of(command: Command) -> Owner:
    """The account of a command, without our own supplementary groups."""
    if command.user is None:
        return Owner()
    return Owner(user=command.user, group=command.group or command.user, extra_groups=())


class Attendant:
    """A program that waits for our end: its standard input closes with us, however we go."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Take over a program that `attend` started."""
        self._process = process

    def tell(self, line: bytes) -> None:
        """Give it a line to know, without its line end. When it has ended, nothing happens."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.write(line + b"\n")

    def dismiss(self, within: timedelta) -> None:
        """Let it see our end now, and wait for its own; it is killed when it takes longer."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within.total_seconds())
        _finish(self._process)


def attend(argv: Sequence[str], environment: Mapping[str, str]) -> Attendant:
    """Start a program that outlives us if need be; what it says is dropped. Raises `NotStartedError`."""
    return Attendant(_start(argv, environment, errors=subprocess.DEVNULL))


@contextmanager
def stream(command: Command, *, stopped: Stopped) -> Iterator[Stream]:
    """Start a program whose stdout is read piece by piece; it has ended when the scope ends. Raises `NotStartedError`.

    It has no stdin and no time limit.
    """
    with _nameless() as errors:
        process = _start(command.argv, command.environment, directory=command.directory, errors=errors)
        try:
            yield Stream(_number(process.stdout), stopped, end=partial(_ended, process, errors, stopped=stopped))
        finally:
            _finish(process)


def _nameless() -> IO[bytes]:
    """A file of no directory, in memory where the system can: there may be no place to write."""
    in_memory = getattr(os, "memfd_create", None)
    return tempfile.TemporaryFile() if in_memory is None else os.fdopen(in_memory("drydock"), "w+b")


def _ended(process: subprocess.Popen[bytes], errors: IO[bytes], *, stopped: Stopped) -> Completed:
    was_stopped = stopped()
    if was_stopped:
        _signal_group(process, signal.SIGKILL)
    if process.stdout is not None:
        process.stdout.close()
    code = process.wait()
    errors.seek(0)
    said = errors.read(_BLOCK).decode("utf-8", "replace")
    return Completed(exit_code=code, stdout="", stderr=said, timed_out=False, stopped=was_stopped)


def _number(pipe: IO[bytes] | None) -> int:
    return -1 if pipe is None else pipe.fileno()


def _start(
    argv: Sequence[str],
    environment: Mapping[str, str],
    *,
    directory: Path | None = None,
    errors: IO[bytes] | int = subprocess.PIPE,
    owner: Owner | None = None,
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            argv,
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            bufsize=0,
            **(owner or {}),
        )
    except OSError as error:
        raise NotStartedError(
            f"{argv[0]} cannot be started: {error.strerror}: {error.filename}.",
            hint="Install it, or correct its name or the directory.",
        ) from error


def _finish(process: subprocess.Popen[bytes]) -> None:
    """Make sure that the program has ended, with SIGKILL if need be, and that its pipes are closed."""
    if process.poll() is None:
        _signal_group(process, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


class _Ending:
    """Decides when a command must end, and ends its group: SIGTERM first, SIGKILL after the grace."""

    def __init__(self, process: subprocess.Popen[bytes], limit: timedelta) -> None:
        self._process = process
        self._deadline = time.monotonic() + limit.total_seconds()
        self._kill_at: float | None = None
        self._give_up_at: float | None = None
        self.timed_out = self.stopped = False

    def check(self, stopped: Stopped | None) -> bool:
        """Act on time and on `stopped`. True when there is nothing to wait for any more."""
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            _signal_group(self._process, signal.SIGKILL)
        if self._process.poll() is not None:
            self._give_up_at = self._give_up_at or now + GRACE.total_seconds()
            return now >= self._give_up_at
        if self._kill_at is None:
            self.timed_out = now >= self._deadline
            self.stopped = not self.timed_out and stopped is not None and stopped()
            if self.timed_out or self.stopped:
                self._kill_at = now + GRACE.total_seconds()
                _signal_group(self._process, signal.SIGTERM)
        return False


class _Voice:
    """One output of the command: everything it said, and its lines as they become complete."""

    def __init__(self, on_line: OnLine | None) -> None:
        self._on_line = on_line
        self._blocks: list[bytes] = []
        self._open = b""

    def hear(self, block: bytes) -> None:
        self._blocks.append(block)
        if self._on_line is not None:
            *lines, self._open = (self._open + block).split(b"\n")
            self._tell(lines)

    def end(self) -> str:
        self._tell([self._open] if self._open else [])
        return b"".join(self._blocks).decode("utf-8", "replace")

    def _tell(self, lines: list[bytes]) -> None:
        if self._on_line is not None:
            for line in lines:
                self._on_line(line.decode("utf-8", "replace").rstrip("\r"))


class _Listener:
    """Reads both outputs and feeds stdin at the same time, so that no full pipe can stop the command."""

    def __init__(self, process: subprocess.Popen[bytes], command: Command, on_line: OnLine | None) -> None:
        self._process = process
        self._unsent = memoryview(command.stdin or b"")
        self._ending = _Ending(process, command.time_limit)
        self._out, self._err = _Voice(on_line), _Voice(on_line)

    def listen(self, stopped: Stopped | None) -> Completed:
        with selectors.DefaultSelector() as pipes:
            self._register(pipes)
            while not self._ending.check(stopped) and (pipes.get_map() or self._process.poll() is None):
                self._serve(pipes)
        if self._ending.timed_out or self._ending.stopped:
            _signal_group(self._process, signal.SIGKILL)
        return Completed(
            exit_code=self._process.wait(),
            stdout=self._out.end(),
            stderr=self._err.end(),
            timed_out=self._ending.timed_out,
            stopped=self._ending.stopped,
        )

    def _register(self, pipes: selectors.BaseSelector) -> None:
        for pipe, voice in ((self._process.stdout, self._out), (self._process.stderr, self._err)):
            if pipe is not None:
                pipes.register(pipe, selectors.EVENT_READ, voice)
        if self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)
            pipes.register(self._process.stdin, selectors.EVENT_WRITE, None)

    def _serve(self, pipes: selectors.BaseSelector) -> None:
        if not pipes.get_map():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_TICK)
            return
        for key, _ in pipes.select(_TICK):
            pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
            done = self._feed(pipe) if key.data is None else not self._heard(pipe, key.data)
            if done:
                pipes.unregister(pipe)
                with suppress(OSError):
                    pipe.close()

    def _feed(self, stdin: IO[bytes]) -> bool:
        """Write what the pipe takes; True when all is written, or nobody reads it any more."""
        try:
            written = os.write(stdin.fileno(), self._unsent[:_BLOCK]) if self._unsent else 0
        except BrokenPipeError:
            return True
        self._unsent = self._unsent[written:]
        return not self._unsent

    def _heard(self, pipe: IO[bytes], voice: _Voice) -> bool:
        block = os.read(pipe.fileno(), _BLOCK)
        if block:
            voice.hear(block)
        return bool(block)

"""Brings a snapshot from an https address to the local disk: resumed where it was cut, and kept for the next time."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from drydock.errors import RehearsalError
from drydock.redact import Secret
from drydock.snapshot.interface import Answer, CutError, Fetch

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
EVERY_SECONDS = 5.0
_TICK = 0.2
_REFUSALS = {
    401: ("asks for a password", "Put user and password into the URL, or use a signed one."),
    403: ("refuses access", "A signed URL may have run out; else check who may read the file."),
    404: ("has no such file", "Check the address."),
    410: ("has no such file any more", "Check the address."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloading:
    """How snapshots are downloaded."""

    fetch: Fetch
    directory: Path
    """Where they are kept; made when it is not there."""
    say: Callable[[str], None]
    stopped: Callable[[], bool]
    pauses: tuple[float, ...] = PAUSES
    """Seconds before each further attempt after one that brought nothing."""


def shown_url(url: Secret) -> str:
    """The address for messages: scheme, host and the file's name; nothing that could be secret."""
    parts = urlsplit(url.reveal())
    name = parts.path.rpartition("/")[2]
    between = "/.../" if parts.path.count("/") > 1 else "/"
    return f"{parts.scheme}://{parts.hostname or ''}{between}{name}"


def download(url: Secret, downloading: Downloading) -> Path:
    """The file, downloaded now, or earlier and unchanged since. Raises RehearsalError naming it and what is wrong."""
    parts = urlsplit(url.reveal())
    if parts.scheme != "https":
        raise RehearsalError(f"{shown_url(url)}: snapshots are fetched over https only.", hint="Use an https address.")
    # The query holds the signature, which differs each time.
    name = sha256(f"{parts.hostname}{parts.port or ''}{parts.path}".encode()).hexdigest()[:32]
    try:
        downloading.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _Download(url, downloading, path=downloading.directory / f"{name}.dump").whole()
    except OSError as error:
        room = _room(downloading.directory)
        raise RehearsalError(
            f"{shown_url(url)} cannot be kept on this disk: {error.strerror}.", hint=f"{room // 1_000_000} MB are free."
        ) from None


class _Download:
    def __init__(self, url: Secret, downloading: Downloading, *, path: Path) -> None:
        self._url, self._how, self._path = url, downloading, path
        self._mark = path.with_suffix(".version")
        self._shown = shown_url(url)
        self._said_at = time.monotonic()

    def whole(self) -> Path:
        attempts = iter(self._how.pauses)
        while True:
            had = self._size()
            try:
                if self._attempt():
                    return self._path
            except CutError as error:
                reason = str(error)
            else:
                reason = "the server has an error"
            if self._size() > had:
                attempts = iter(self._how.pauses)
            pause = next(attempts, None)
            if pause is None:
                raise RehearsalError(
                    f"{self._shown} could not be downloaded: {reason}; {self._size() // 1_000_000} MB are here.",
                    hint="Run again: the download goes on where it ended.",
                )
            self._wait(pause)

    def _attempt(self) -> bool:
        """Ask once; whether all is here."""
        with self._how.fetch(self._url, begin=self._size(), version=self._version()) as answer:
            if answer.status == 416 and answer.total_bytes is not None and self._size():
                # What is here is all there is: the server has nothing behind it.
                return self._is_unchanged(answer)
            self._require_success(answer)
            if answer.status >= 500 or answer.status == 429:
                return False
            self._take(answer)
            return answer.total_bytes is None or self._size() == answer.total_bytes

    def _is_unchanged(self, answer: Answer) -> bool:
        if answer.version is not None and answer.version != self._version():
            self._path.unlink(missing_ok=True)
            return False
        return True

    def _require_success(self, answer: Answer) -> None:
        if answer.status in (200, 206, 416, 429) or answer.status >= 500:
            return
        what, hint = _REFUSALS.get(answer.status, (f"answers with status {answer.status}", "Check the address."))
        raise RehearsalError(f"{self._shown}: the server {what}.", hint=hint)

    def _take(self, answer: Answer) -> None:
        if answer.status == 416:
            self._path.unlink(missing_ok=True)
            return
        begin = answer.begins_at
        lacking = (answer.total_bytes or 0) - begin
        room = _room(self._path.parent) + (0 if begin else self._size())
        if lacking > room:
            raise RehearsalError(
                f"{self._shown} has {answer.total_bytes} bytes, and there is no room for them.",
                hint=f"{room // 1_000_000} MB are free where snapshots are kept.",
            )
        with self._path.open("r+b" if begin else "wb") as file:
            file.seek(begin)
            file.truncate()
            # Only now: an older version's bytes must never stand behind a newer version's mark.
            self._mark.write_text(answer.version or "", encoding="utf-8")
            for block in answer.blocks:
                file.write(block)
                self._tell(file.tell(), answer.total_bytes)

    def _size(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    def _version(self) -> str | None:
        return (self._mark.read_text(encoding="utf-8") or None) if self._mark.exists() else None

    def _tell(self, done: int, total: int | None) -> None:
        self._require_going_on()
        now = time.monotonic()
        if now - self._said_at >= EVERY_SECONDS:
            self._said_at = now
            of = f" of {total // 1_000_000}" if total else ""
            self._how.say(f"Downloaded {done // 1_000_000}{of} MB of {self._shown}.")

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._require_going_on()
            time.sleep(min(_TICK, left))

    def _require_going_on(self) -> None:
        if self._how.stopped():
            raise RehearsalError(f"The download of {self._shown} was stopped.")


def _room(directory: Path) -> int:
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize

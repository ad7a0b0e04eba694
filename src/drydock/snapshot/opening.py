"""Reads dumps through whatever compression is around them, and unpacks those that pg_restore must have as a file."""

import gzip
import io
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import zstandard

from drydock.errors import RehearsalError
from drydock.snapshot.restoring import Dump, Wrapping

BUFFER = 1 << 18
DAMAGES = (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError)
HINT = "Take the snapshot again, and compare sizes or checksums after copying it."


class Unwrapped(io.RawIOBase):
    """The bytes inside a compressed file. Raises RehearsalError, naming the file, when it is damaged or cut off."""

    def __init__(self, path: Path, wrapping: Wrapping, *, shown: str) -> None:
        """Open the file."""
        super().__init__()
        self._file = path.open("rb")
        self._shown = shown
        self._size = path.stat().st_size
        self._inner = _inner(self._file, wrapping)
        self._is_zstd = wrapping == "zstd"

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what io.BufferedReader hands in
        """Fill the buffer; 0 at the end."""
        try:
            block = self._inner.read(len(buffer))
        except DAMAGES as error:
            raise RehearsalError(self._complaint("is damaged or cut off"), hint=HINT) from error
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        """Close the file too."""
        self._file.close()
        super().close()

    def _complaint(self, what: str) -> str:
        return f"{self._shown} {what}: its compression ends early, near byte {self._file.tell()} of {self._size}."


def _inner(file: io.BufferedReader, wrapping: Wrapping) -> io.BufferedIOBase | io.RawIOBase | io.BufferedReader:
    match wrapping:
        case "gzip":
            return gzip.GzipFile(fileobj=file)
        case "zstd":
            return _Frames(file)
        case "none":
            return file


class _Frames(io.RawIOBase):
    """All frames of a zstd file; unlike the library's reader it notices that the last one is cut off."""

    def __init__(self, file: io.BufferedReader) -> None:
        super().__init__()
        self._file = file
        self._frame = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        self._is_within = False
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self._ready:
            packed = self._frame.unused_data if self._frame.eof else b""
            packed = packed or self._file.read(BUFFER // 4)
            if not packed:
                if self._is_within:
                    raise EOFError("within a frame")
                return b""
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
            self._ready = self._frame.decompress(packed)
            self._is_within = not self._frame.eof
        block, self._ready = self._ready[:size], self._ready[size:]
        return block


def opened(dump: Dump) -> io.BufferedReader:
    """The dump's file, uncompressed."""
    return unwrapped(dump.path, dump.wrapping, shown=dump.shown)


def unwrapped(path: Path, wrapping: Wrapping, *, shown: str) -> io.BufferedReader:
    """A file, uncompressed. Raises RehearsalError when it cannot be opened."""
    try:
        return io.BufferedReader(Unwrapped(path, wrapping, shown=shown), BUFFER)
    except OSError as error:
        raise RehearsalError(f"{shown} cannot be read: {error.strerror}.", hint="Make it readable.") from None


@contextmanager
def unpacked(dump: Dump, directory: Path, *, stopped: Callable[[], bool]) -> Iterator[Dump]:
    """The archive without the compression around it; a copy in `directory` is gone afterwards."""
    if dump.wrapping == "none":
        yield dump
        return
    bare = directory / "unpacked.dump"
    try:
        _unpack(dump, bare, stopped=stopped)
        yield replace(dump, path=bare, wrapping="none")
    finally:
        bare.unlink(missing_ok=True)


def _unpack(dump: Dump, bare: Path, *, stopped: Callable[[], bool]) -> None:
    try:
        with closing(opened(dump)) as packed, bare.open("wb") as file:
            while (block := packed.read(BUFFER)) and not stopped():
                file.write(block)
    except OSError as error:
        room = shutil.disk_usage(bare.parent).free // 1_000_000
        raise RehearsalError(
            f"{dump.shown} cannot be unpacked: {error.strerror}.", hint=f"{room} MB are free where the scratch is."
        ) from None
    if stopped():
        raise RehearsalError("The restore was stopped.")

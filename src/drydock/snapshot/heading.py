"""What a dump says at its beginning: read from the bytes, without any program, so that any version can be named.

The header of an archive is that of pg_backup_archiver.c (`ReadHead`), the same in all three archive formats: magic,
version, sizes of integers and offsets, format, compression, creation time, database, server's and pg_dump's version.
"""

import re
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

from drydock.snapshot.restoring import Heading

MAGIC = b"PGDMP"
FORMATS = {1: "custom", 3: "tar", 5: "directory"}
_SERVER = re.compile(rb"^-- Dumped from database version (\S+)", re.MULTILINE)
_DUMPED_BY = re.compile(rb"^-- Dumped by pg_dump version (\S+)", re.MULTILINE)
_STARTED = re.compile(rb"^-- Started on (.+?)\r?$", re.MULTILINE)
_HAS_ALGORITHM_BYTE = (1, 15)
NEWEST_ARCHIVE = (1, 16)
_ARCHIVES = ((17, NEWEST_ARCHIVE), (16, (1, 15)), (0, (1, 14)))


class NoHeadingError(Exception):
    """The bytes are no complete header of an archive."""


class Integers:
    """Reads what an archive is made of, from behind its magic. Everything raises NoHeadingError at an early end."""

    def __init__(self, source: BinaryIO) -> None:
        """The source stands at the beginning of the archive."""
        self._source = source
        self.take(len(MAGIC))
        self.integer_bytes = 4
        self.offset_bytes = 8

    def byte(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def take(self, count: int) -> bytes:
        """So many bytes."""
        taken = self._source.read(count)
        if len(taken) < count:
            raise NoHeadingError
        return taken

    def integer(self) -> int:
        """A number: its sign, then its bytes from the lowest on."""
        sign = self.byte()
        value = int.from_bytes(self.take(self.integer_bytes), "little")
        return -value if sign else value

    def text(self) -> str | None:
        """A text behind its length; None where there is none."""
        length = self.integer()
        return self.take(length).decode("utf-8", "replace") if length >= 0 else None


def format_of(head: bytes) -> str | None:
    """The format that an archive's header names. Raises NoHeadingError when it is cut off."""
    read = Integers(BytesIO(head))
    read.take(5)
    return FORMATS.get(read.byte())


def archive_version(head: bytes) -> tuple[int, int]:
    """The version of the archive format. Raises NoHeadingError when it is cut off."""
    read = Integers(BytesIO(head))
    return read.byte(), read.byte()


def archive_heading(head: bytes) -> Heading:
    """What the header of an archive says. Raises NoHeadingError when it is cut off."""
    version = archive_version(head)
    if version > NEWEST_ARCHIVE:
        return Heading(archive_version=version)
    return _heading(Integers(BytesIO(head)))


def after_heading(read: Integers) -> int:
    """Read over the header; how many entries the table of contents behind it has."""
    _heading(read)
    return read.integer()


def _heading(read: Integers) -> Heading:
    version = read.byte(), read.byte()
    read.byte()
    read.integer_bytes, read.offset_bytes = read.byte(), read.byte()
    read.byte()
    if read.integer_bytes not in (4, 8):
        raise NoHeadingError
    is_compressed = bool(read.byte() if version >= _HAS_ALGORITHM_BYTE else read.integer())
    taken_at = _moment(read.integer)
    read.text()
    return Heading(
        server_version=(read.text() or "").split(" ")[0] or None,
        dumped_by=(read.text() or "").split(" ")[0] or None,
        taken_at=taken_at,
        archive_version=version,
        is_compressed=is_compressed,
    )


def plain_heading(head: bytes) -> Heading:
    """What the comments of a plain dump say."""
    server, by, started = (
        found[1].decode("utf-8", "replace") if (found := pattern.search(head)) else None
        for pattern in (_SERVER, _DUMPED_BY, _STARTED)
    )
    return Heading(server_version=server, dumped_by=by, taken_at=started)


def major_of(version: str | None) -> int:
    """The major version: 15 of `15.3`, `16beta1`; 0 for none."""
    found = re.match(r"\d+", version or "")
    return int(found[0]) if found else 0


def _moment(integer: Callable[[], int]) -> str:
    # struct tm of the machine that dumped, in its own time zone, which is not written down.
    second, minute, hour, day, month, year, _ = (integer() for _ in range(7))
    return f"{year + 1900:04}-{month + 1:02}-{day:02} {hour:02}:{minute:02}:{second:02}"


def readable_archive(major: int) -> tuple[int, int]:
    """The newest version of the archive format that pg_restore of a major version reads (12 and later)."""
    return next(version for since, version in _ARCHIVES if major >= since)

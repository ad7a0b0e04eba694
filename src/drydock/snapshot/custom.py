"""Whether an archive in custom format is whole: found in its own structure, before pg_restore reads it.

pg_restore (15 to 18) may loop for ever over a file that is cut off between blocks it skips. Layout:
pg_backup_archiver.c (`ReadToc`) and pg_backup_custom.c. The table of contents says where each entry's rows begin; they
are blocks, each behind its length, up to a length of zero. Large objects are such rows, each behind its number, up to
a number of zero.
"""

import os
from io import BufferedReader
from pathlib import Path

from drydock.errors import RehearsalError
from drydock.snapshot.heading import Integers, NoHeadingError, after_heading
from drydock.snapshot.restoring import Dump
from drydock.snapshot.tarred import cut_in

_HAS_SECTIONS = (1, 11)
_HAS_ACCESS_METHODS = (1, 14)
_HAS_RELATION_KINDS = (1, 16)
_BLOBS = 3
_IS_SET = 2
_NO_DATA = 3
HINT = "Take the snapshot again, and compare sizes or checksums after copying it."


def require_whole(dump: Dump) -> None:
    """Raises RehearsalError, naming the dump and where it ends, when a custom archive or a tar is cut off."""
    if dump.form == "tar" and dump.wrapping == "none" and (member := cut_in(dump.path)) is not None:
        raise RehearsalError(f"{dump.shown} is cut off, at {member}: it ends at byte {_size(dump.path)}.", hint=HINT)
    if dump.form != "custom" or dump.wrapping != "none" or dump.heading.archive_version is None:
        return
    try:
        with dump.path.open("rb") as file:
            _Archive(file, dump.heading.archive_version, size=dump.path.stat().st_size).walk()
    except NoHeadingError as error:
        where = f", within {error}" if str(error) else ""
        raise RehearsalError(
            f"{dump.shown} is cut off{where}: it ends at byte {_size(dump.path)}.", hint=HINT
        ) from None


def _size(path: Path) -> int:
    return path.stat().st_size


class _Archive:
    def __init__(self, file: BufferedReader, version: tuple[int, int], *, size: int) -> None:
        self._file, self._version, self._size = file, version, size
        self._read = Integers(file)

    def walk(self) -> None:
        """Look at the rows that stand last in the file; at all, where the file does not say where they begin."""
        count = after_heading(self._read)
        last, name, is_placed = 0, "", True
        for _ in range(count):
            entry, state, place = self._entry()
            is_placed = is_placed and state in (_IS_SET, _NO_DATA)
            if state == _IS_SET and place >= last:
                last, name = place, entry
        if not is_placed:
            self._walk_all()
        elif last:
            self._file.seek(last)
            self._walk_one(name)

    def _entry(self) -> tuple[str, int, int]:
        """Name, state and place of the rows of one entry of the table of contents."""
        read = self._read
        read.integer()
        read.integer()
        read.text()
        read.text()
        tag, kind = read.text(), read.text()
        if self._version >= _HAS_SECTIONS:
            read.integer()
        for _ in range(3):
            read.text()
        schema = read.text()
        read.text()
        if self._version >= _HAS_ACCESS_METHODS:
            read.text()
        if self._version >= _HAS_RELATION_KINDS:
            read.integer()
        read.text()
        read.text()
        while read.text() is not None:
            pass
        state = read.byte()
        place = int.from_bytes(read.take(read.offset_bytes), "little")
        return f"{kind} {'.'.join(filter(None, (schema, tag)))}", state, place

    def _walk_all(self) -> None:
        while self._file.tell() < self._size:
            self._walk_one("the rows")

    def _walk_one(self, name: str) -> None:
        try:
            kind = self._read.byte()
            self._read.integer()
            if kind != _BLOBS:
                self._skip_blocks()
                return
            while self._read.integer():
                self._skip_blocks()
        except NoHeadingError:
            raise NoHeadingError(name) from None

    def _skip_blocks(self) -> None:
        while length := self._read.integer():
            if self._file.tell() + length > self._size:
                raise NoHeadingError
            self._file.seek(length, os.SEEK_CUR)

"""Whether an archive in tar format is whole: found by walking over its members, before pg_restore reads it.

pg_restore (15 to 18) may loop for ever over a tar that is cut off. Layout: POSIX.1-1988 ustar; pg_dump writes sizes
from 8 GB on in base 256, and ends the file with blocks of zeros.
"""

from io import BufferedReader
from pathlib import Path

BLOCK = 512
_NAME, _SIZE = slice(0, 100), slice(124, 136)
_BASE_256 = 0x80


def cut_in(path: Path) -> str | None:
    """The member within which, or behind which, the file ends too early; None when it is whole."""
    size = path.stat().st_size
    last = "its heading"
    with path.open("rb") as file:
        while len(header := file.read(BLOCK)) == BLOCK:
            if not any(header):
                return None
            last = header[_NAME].rstrip(b"\0").decode("ascii", "replace")
            if not _skipped(file, header, size=size):
                return last
    return last


def _skipped(file: BufferedReader, header: bytes, *, size: int) -> bool:
    """Go to the next member; whether this one is there to its last byte."""
    length = _number(header[_SIZE])
    end = file.tell() + length
    if end > size:
        return False
    file.seek(end + -length % BLOCK)
    return True


def _number(field: bytes) -> int:
    if field[0] & _BASE_256:
        return int.from_bytes(bytes((field[0] & ~_BASE_256, *field[1:])), "big")
    digits = field.rstrip(b"\0 ").lstrip()
    return int(digits, 8) if digits and all(byte in b"01234567" for byte in digits) else 0

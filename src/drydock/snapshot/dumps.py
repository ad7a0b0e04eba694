"""Finds out what a file is, and says plainly what is wrong with one that is no dump."""

import re
from contextlib import closing
from pathlib import Path

from drydock.errors import RehearsalError
from drydock.snapshot.heading import (
    MAGIC,
    NoHeadingError,
    archive_heading,
    archive_version,
    format_of,
    plain_heading,
)
from drydock.snapshot.opening import HINT, unwrapped
from drydock.snapshot.restoring import Dump, Form, Heading, Wrapping

_HEAD_BYTES = 16_384
_TAR_BLOCK = 512
_WRAPPINGS: dict[bytes, Wrapping] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_STRANGERS = {
    b"BZh": "is compressed with bzip2",
    b"\xfd7zXZ": "is compressed with xz",
    b"PK\x03\x04": "is a zip file",
    b"\x04\x22\x4d\x18": "is compressed with lz4",
    b"\xff\xfe": "is UTF-16 text, as PowerShell writes it; let pg_dump write the file (-f)",
    b"\xfe\xff": "is UTF-16 text, as PowerShell writes it; let pg_dump write the file (-f)",
    b"Salted__": "is encrypted (openssl)",
    b"age-encryption.org": "is encrypted (age)",
    b"-----BEGIN PGP": "is encrypted (PGP)",
    b"-----BEGIN AGE": "is encrypted (age)",
}
_CLUSTER = b"-- PostgreSQL database cluster dump"
_BOM = b"\xef\xbb\xbf"
_FIRST_WORD = re.compile(
    rb"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:\\?(?:SET|CREATE|SELECT|COPY|INSERT|BEGIN|START|ALTER|DROP|COMMENT|DO|GRANT|REVOKE|TRUNCATE|"
    rb"UPDATE|DELETE|WITH|restrict|connect|c|set|encoding|if|echo)\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)


def look_at(path: Path, shown: str) -> Dump:
    """What the file or directory at `path` is. Raises RehearsalError naming it and what is wrong with it."""
    try:
        if path.is_dir():
            return _directory(path, shown)
        size = path.stat().st_size
        with path.open("rb") as file:
            first = file.read(_HEAD_BYTES)
    except OSError as error:
        raise RehearsalError(
            f"The snapshot {shown} cannot be read: {error.strerror}.", hint="Correct the path, or make it readable."
        ) from None
    if not first:
        raise RehearsalError(f"The snapshot {shown} is empty.", hint="Take it again; look at what pg_dump said.")
    wrapping = _wrapping(first)
    with closing(unwrapped(path, wrapping, shown=shown)) as text:
        head = text.read(_HEAD_BYTES)
    if not head:
        raise RehearsalError(f"The snapshot {shown} is empty inside its compression.", hint=HINT)
    form, heading = _file(head, shown)
    return Dump(path=path, shown=shown, form=form, wrapping=wrapping, heading=heading, size_bytes=size)


def _wrapping(first: bytes) -> Wrapping:
    return next((name for magic, name in _WRAPPINGS.items() if first.startswith(magic)), "none")


def _directory(path: Path, shown: str) -> Dump:
    contents = path / "toc.dat"
    if not contents.is_file():
        raise RehearsalError(
            f"The directory {shown} is no dump: it has no toc.dat.", hint="Name the directory that pg_dump -Fd wrote."
        )
    with contents.open("rb") as file:
        heading = _archive(file.read(_HEAD_BYTES), shown, expected="directory")
    size = sum(file.stat().st_size for file in path.iterdir())
    return Dump(path=path, shown=shown, form="directory", wrapping="none", heading=heading, size_bytes=size)


def _file(head: bytes, shown: str) -> tuple[Form, Heading]:
    if head.startswith(MAGIC):
        return "custom", _archive(head, shown, expected="custom")
    if head[257:262] == b"ustar" or head.startswith(b"toc.dat\0"):
        return "tar", _tar(head, shown)
    for magic, what in _STRANGERS.items():
        if head.startswith(magic):
            raise RehearsalError(
                f"The snapshot {shown} {what}.", hint="Drydock reads gzip and zstd; unpack or decrypt it first."
            )
    _require_sql(head.removeprefix(_BOM), shown)
    return "plain", plain_heading(head)


def _require_sql(head: bytes, shown: str) -> None:
    if _CLUSTER in head[:200]:
        raise RehearsalError(
            f"The snapshot {shown} is of a whole server (pg_dumpall).",
            hint="Take one of the one database, with pg_dump.",
        )
    cut = head.rpartition(b"\n")[0] or head
    if re.search(rb"[\x00-\x08\x0e-\x1f]", head) or not _FIRST_WORD.match(cut):
        raise RehearsalError(
            f"The snapshot {shown} is no dump of pg_dump, or it is encrypted.",
            hint="Drydock reads the formats custom, directory, tar and plain; decrypt it first if it is encrypted.",
        )


def _tar(head: bytes, shown: str) -> Heading:
    name = head[:100].rstrip(b"\0")
    if name != b"toc.dat":
        raise RehearsalError(
            f"The snapshot {shown} is a tar file, but not one that pg_dump wrote.",
            hint="If it holds a directory that pg_dump -Fd wrote, unpack it and name the directory.",
        )
    return _archive(head[_TAR_BLOCK:], shown, expected="tar")


def _archive(head: bytes, shown: str, *, expected: Form) -> Heading:
    try:
        if not head.startswith(MAGIC):
            raise NoHeadingError
        found = format_of(head)
        if found is None or archive_version(head)[0] != 1:
            raise NoHeadingError
        # pg_dump -Fd writes `tar` into its toc.dat, so that pg_restore reads an unpacked tar like a directory.
        if (found == "custom") != (expected == "custom"):
            raise RehearsalError(
                f"The snapshot {shown} is the table of contents of a dump in {found} format, not the dump.",
                hint="Name the directory that pg_dump -Fd wrote, or the whole file.",
            )
        return archive_heading(head)
    except NoHeadingError:
        raise RehearsalError(f"The snapshot {shown} is cut off or damaged in its heading.", hint=HINT) from None

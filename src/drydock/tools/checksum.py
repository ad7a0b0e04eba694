"""The digest of a file that reports and our own history table name it by."""

import hashlib


def sha256(raw: bytes) -> str:
    """Lower-case hex SHA-256 of the bytes."""
    return hashlib.sha256(raw).hexdigest()


def is_same_script(raw: bytes, checksum: str) -> bool:
    """Whether this is the text that the checksum was made of, line ends aside: a checkout may change those."""
    unix = raw.replace(b"\r\n", b"\n")
    return checksum in (sha256(raw), sha256(unix), sha256(unix.replace(b"\n", b"\r\n")))

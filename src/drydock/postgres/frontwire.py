"""The start of the wire protocol as a server sees it (manual section 55.7): first message, password, greeting."""

import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass

ENCRYPTION = frozenset((80877103, 80877104))
"""TLS and GSS."""
CANCELLING = 80877102
VERSION_3 = 196608
LONGEST_START = 10_000
"""PostgreSQL's own limit; whoever sends more is no client of it."""
NO = b"N"


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """A session is wanted, with these parameters: user, database, and settings."""

    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """What the session with this key runs is to be cancelled."""

    key: tuple[int, int]


def read_start(client: socket.socket) -> Startup | Cancel | None:
    """The first message that counts: TLS and GSS are declined before. None when it is no such message.

    Raises OSError when the client goes.
    """
    while True:
        length, code = struct.unpack("!ii", _exactly(client, 8))
        if not 8 <= length <= LONGEST_START:
            return None
        body = _exactly(client, length - 8)
        if code in ENCRYPTION:
            client.sendall(NO)
        elif code == CANCELLING:
            pid, secret = struct.unpack("!ii", body)
            return Cancel(key=(pid, secret))
        elif code == VERSION_3:
            words = body.decode("utf-8", "replace").split("\0")
            return Startup(parameters=dict(zip(words[::2], words[1::2], strict=False)))
        else:
            return None


def password_of(client: socket.socket) -> bytes:
    """Ask for the password in clear; what was answered. Raises OSError when the client goes."""
    client.sendall(_message(b"R", struct.pack("!i", 3)))
    kind, length = struct.unpack("!ci", _exactly(client, 5))
    if kind != b"p" or not 4 <= length <= LONGEST_START:
        return b""
    return _exactly(client, length - 4).rstrip(b"\0")


def greeting(parameters: Mapping[str, str], key: tuple[int, int]) -> bytes:
    """What a server says once the client is in."""
    told = (_message(b"S", f"{name}\0{value}\0".encode()) for name, value in parameters.items())
    return b"".join(
        (_message(b"R", struct.pack("!i", 0)), *told, _message(b"K", struct.pack("!ii", *key)), _message(b"Z", b"I"))
    )


def error(sqlstate: str, text: str) -> bytes:
    """A fatal error."""
    fields = {"S": "FATAL", "V": "FATAL", "C": sqlstate, "M": text}
    return _message(b"E", b"".join(f"{name}{value}\0".encode() for name, value in fields.items()) + b"\0")


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _exactly(client: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        block = client.recv(count - len(found))
        if not block:
            raise ConnectionResetError("the client went")
        found += block
    return found

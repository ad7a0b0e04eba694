"""From the bytes of a script to its text: the checks that must come before any parser or server sees it."""

import re
from dataclasses import dataclass

_BOM = "\ufeff"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A script that is strict UTF-8, without its byte order mark."""

    text: str
    bom: bool
    """Whether a byte order mark was there; checksums are over the bytes, so they include it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A script that is not UTF-8. Some tools run it with U+FFFD in place of what they cannot read."""

    text: str
    """The text with U+FFFD, without its byte order mark."""
    bom: bool
    offset: int
    """Of the first bad byte, from 0, in the file."""
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A script that must not be run: the server or its client library would not read what is written."""

    reason: str
    line: int


def decode(raw: bytes) -> Text | Damaged | Refused:
    """Read a script's bytes. NUL matters most: the client library would silently cut the text there."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Refused(reason="the file is UTF-16; save it as UTF-8", line=1)
    try:
        whole, broken = raw.decode("utf-8"), None
    except UnicodeDecodeError as error:
        whole, broken = raw.decode("utf-8", "replace"), error.start
    if control := _CONTROL.search(whole):
        return Refused(reason=_about(control.group()), line=line_of(whole, control.start()))
    bom = whole.startswith(_BOM)
    text = whole.removeprefix(_BOM)
    if broken is None:
        return Text(text=text, bom=bom)
    return Damaged(text=text, bom=bom, offset=broken, line=raw.count(b"\n", 0, broken) + 1)


def line_of(text: str, offset: int) -> int:
    """Line of a character offset, from 1."""
    return text.count("\n", 0, offset) + 1


def _about(control: str) -> str:
    if control == "\0":
        return "the file contains a NUL character; everything after it would be ignored"
    return f"the file contains the control character U+{ord(control):04X}"

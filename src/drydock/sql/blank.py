"""Blanks and comments of SQL, as the server's scanner sees them. Used between statements and by `psql`."""

import re

_BLANK = re.compile(r"(?:[ \t\n\r\f\v]+|--[^\n\r]*)+")
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def after_comment(text: str, at: int) -> int:
    """Position behind the block comment that starts at `at`. Comments nest; an open one runs to the end."""
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, at):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)


def first_token(text: str, at: int) -> int:
    """Position of the first character from `at` on that is neither blank nor comment, or the end."""
    while True:
        if blank := _BLANK.match(text, at):
            at = blank.end()
        if not text.startswith("/*", at):
            return at
        at = after_comment(text, at)


def is_gap(text: str, start: int, *, end: int) -> bool:
    """Say whether `text[start:end]` holds nothing but blanks, comments and semicolons."""
    at = start
    while (at := first_token(text, at)) < end and text[at] == ";":
        at += 1
    return at >= end

"""Where one statement ends and the next begins: fed with lines, answers with statements."""

import re
from collections.abc import Iterator

# What changes how the text is read on. Words matter only in front of a string and inside CREATE FUNCTION.
_MARK = re.compile(
    rb"""(?<![\w$\x80-\xff])[eE]'|'|"|--|/\*|[();]|(?<![\w$\x80-\xff])\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$"""
)
_MARK_OR_WORD = re.compile(_MARK.pattern + rb"|(?<![\w$\x80-\xff])(?i:begin|case|end)(?![\w$\x80-\xff])")
_ROUTINE = re.compile(rb"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
_SPACE = re.compile(rb"\s+")
_COMMENT_MARK = re.compile(rb"/\*|\*/")
_ESCAPE_END = re.compile(rb"\\.|''|'", re.DOTALL)
_CONFORMING = re.compile(rb"SET\s+standard_conforming_strings\s*(?:=|TO)\s*'?(on|off)", re.IGNORECASE)
_COMMENT = b"/*"
_STRING = b"'"
_ESCAPED = b"\\'"
_NAME = b'"'


class Cutter:
    """Reads SQL as psql does: quotes, dollar quotes, comments, parentheses, BEGIN ATOMIC ... END."""

    def __init__(self) -> None:
        """Begin at the beginning of a text."""
        self._quote = b""
        self._is_conforming = True
        self._text: list[bytes] = []
        self._outline: list[bytes] = []
        self._parentheses = self._begins = self._comments = 0
        self._is_routine = False

    @property
    def is_open(self) -> bool:
        """Whether the reading is within a statement or a block comment."""
        return bool(self._text or self._quote)

    def feed(self, line: bytes) -> Iterator[tuple[bytes, str]]:
        """The statements that this line ends, each as its text and its outline."""
        position = 0
        while position < len(line):
            if not self._quote and not self._text:
                # Blanks and comments before a statement are no part of it.
                position += len(line[position:]) - len(line[position:].lstrip())
                if line.startswith(b"--", position) or position == len(line):
                    return
            position, has_ended = self._read(line, position)
            if has_ended:
                yield from self._take()

    def rest(self) -> tuple[bytes, str, bool]:
        """What no semicolon has ended: text, outline, and whether it could be whole."""
        is_whole = not (self._quote or self._parentheses or self._begins)
        statements = tuple(self._take())
        text, outline = statements[0] if statements else (b"", "")
        return text, outline, is_whole

    def _read(self, line: bytes, position: int) -> tuple[int, bool]:
        """Read on to the next mark: the position behind it, and whether it ends the statement."""
        if self._quote:
            return self._close(line, position), False
        if not self._text:
            self._is_routine = _ROUTINE.match(line, position) is not None
        found = (_MARK_OR_WORD if self._is_routine else _MARK).search(line, position)
        end = found.start() if found else len(line)
        self._keep(line[position:end])
        if found is None:
            return len(line), False
        mark = found[0]
        if mark == b";" and not self._parentheses and not self._begins:
            return found.end(), True
        if mark == b"--":
            self._text.append(b"\n" if self._text else b"")
            return len(line), False
        self._open(mark)
        return found.end(), False

    def _keep(self, text: bytes) -> None:
        if not text:
            return
        self._text.append(text)
        if not self._parentheses:
            short = _SPACE.sub(b" ", text)
            is_spaced = bool(self._outline) and self._outline[-1].endswith(b" ")
            self._outline.append(short.lstrip() if is_spaced else short)

    def _open(self, mark: bytes) -> None:
        """Take a mark that opens or closes something."""
        if mark == b"/*":
            self._quote, self._comments = _COMMENT, 1
            self._keep(b" " if self._text else b"")
            return
        self._text.append(mark)
        if mark in b"()":
            self._bracket(mark)
        elif mark[:1] in b"$\"'eE" and mark.lower() != b"end":
            self._quote = self._quote_of(mark)
            self._note(mark if mark == _NAME else b"''")
        elif mark != b";":
            self._word(mark)

    def _quote_of(self, mark: bytes) -> bytes:
        if mark in (b"e'", b"E'") or (mark == b"'" and not self._is_conforming):
            return _ESCAPED
        return mark

    def _bracket(self, mark: bytes) -> None:
        if mark == b"(":
            self._note(b"(")
            self._parentheses += 1
        else:
            self._parentheses = max(0, self._parentheses - 1)
            self._note(b")")

    def _word(self, mark: bytes) -> None:
        """A SQL function's body is BEGIN ATOMIC ... END; CASE ends with END too."""
        self._note(mark)
        word = mark.lower()
        if word == b"begin" or (word == b"case" and self._begins):
            self._begins += 1
        elif word == b"end" and self._begins:
            self._begins -= 1

    def _note(self, outline: bytes) -> None:
        if not self._parentheses:
            self._outline.append(outline)

    def _close(self, line: bytes, position: int) -> int:
        """Read on to the end of what is open; the position behind it, or the line's end."""
        if self._quote == _COMMENT:
            return self._close_comment(line, position)
        end = self._end_of_quote(line, position)
        stop = end if end >= 0 else len(line)
        self._text.append(line[position:stop])
        if self._quote == _NAME:
            self._note(line[position:stop])
        if end >= 0:
            self._quote = b""
        return stop

    def _end_of_quote(self, line: bytes, position: int) -> int:
        """Behind the closing mark; -1 when it is not on this line. A doubled quote closes and opens at once."""
        if self._quote == _ESCAPED:
            for found in _ESCAPE_END.finditer(line, position):
                if found[0] == b"'":
                    return found.end()
            return -1
        place = line.find(self._quote, position)
        return place + len(self._quote) if place >= 0 else -1

    def _close_comment(self, line: bytes, position: int) -> int:
        for found in _COMMENT_MARK.finditer(line, position):
            self._comments += 1 if found[0] == b"/*" else -1
            if not self._comments:
                self._quote = b""
                return found.end()
        return len(line)

    def _take(self) -> Iterator[tuple[bytes, str]]:
        text = b"".join(self._text).strip()
        outline = b"".join(self._outline).decode("utf-8", "replace").strip()
        self._text, self._outline = [], []
        self._quote = b""
        self._parentheses = self._begins = 0
        if text:
            setting = _CONFORMING.match(text)
            if setting is not None:
                self._is_conforming = setting[1].lower() == b"on"
            yield text, outline

r"""Cuts the text of a dump into statements and the rows between them, as psql would, without ever holding all of it.

The text comes from pg_restore or from a plain dump. Only quotes, comments, parentheses and the bodies of SQL
functions are understood: enough to know where a statement ends. psql's own commands (`\connect`,
`\!`) are reported, never obeyed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from drydock.snapshot.cutting import Cutter
from drydock.snapshot.names import NAME
from drydock.snapshot.rows import Rows

_HEADER = re.compile(
    rb"-- (?:Data for )?Name: (?P<name>.*); Type: (?P<kind>[^;]*); Schema: (?P<schema>.*?); Owner: (?P<owner>.*?)"
    rb"(?:; Tablespace: (?P<tablespace>.*))?\r?\n"
)
# No looser: `COPY t FROM PROGRAM 'x' WHERE a IS DISTINCT FROM stdin` is a statement too.
_COPY_IN = re.compile(rf"COPY (?:BINARY )?(?P<table>{NAME}) ?(?:\(\))? ?FROM STDIN\b", re.IGNORECASE)
END_OF_DUMP = b"-- PostgreSQL database dump complete"
HEAD_OF_DUMP = b"-- PostgreSQL database dump"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a header comment of pg_dump announces; empty in a text without headers."""

    kind: str = ""
    """As pg_dump has it: `TABLE`, `FK CONSTRAINT`."""
    schema: str = ""
    name: str = ""

    def __str__(self) -> str:
        """For messages: `TABLE public.users`."""
        return " ".join(part for part in (self.kind, ".".join(filter(None, (self.schema, self.name)))) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, without its semicolon."""

    entry: Entry
    text: bytes
    outline: str
    """On one line, without comments; `''` for every string and dollar-quoted text, `()` for all in parentheses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyIn:
    """A `COPY ... FROM stdin` with its rows, which can be read once, before the next piece is asked for."""

    statement: Statement
    table: str
    """As SQL needs it."""
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PsqlCommand:
    r"""A line that only psql understands; `word` is its first one: `\!`."""

    word: str


Piece = Statement | CopyIn | PsqlCommand


class Pieces:
    """The pieces of one text, in order. The attributes are true of what has been read so far."""

    def __init__(self, source: BufferedReader) -> None:
        """Read from `source`."""
        self._source = source
        self._cutter = Cutter()
        self.entry = Entry()
        """Where the reading is."""
        self.is_pg_dump = False
        """Whether the text says that pg_dump made it."""
        self.is_complete = False
        """Whether the line that pg_dump writes last has been seen."""
        self.is_cut = False
        """Whether the text ends within a statement or within rows."""

    def __iter__(self) -> Iterator[Piece]:
        """The pieces, once."""
        while line := self._source.readline():
            if not self._cutter.is_open:
                if line.lstrip().startswith(b"\\"):
                    yield PsqlCommand(word=line.split()[0].decode("utf-8", "replace"))
                    continue
                self._heed(line)
            for text, outline in self._cutter.feed(line):
                yield from self._piece(text, outline)
        yield from self._rest()

    def _heed(self, line: bytes) -> None:
        """Take what a comment of pg_dump says."""
        if not line.startswith(b"--"):
            return
        header = _HEADER.fullmatch(line)
        if header is not None:
            self.entry = _entry(header)
        self.is_complete = self.is_complete or line.startswith(END_OF_DUMP)
        self.is_pg_dump = self.is_pg_dump or line.startswith(HEAD_OF_DUMP)

    def _piece(self, text: bytes, outline: str) -> Iterator[Piece]:
        statement = Statement(entry=self.entry, text=text, outline=outline)
        copy = _COPY_IN.match(outline)
        if copy is None:
            yield statement
            return
        rows = Rows(self._source)
        yield CopyIn(statement=statement, table=copy["table"], rows=rows)
        rows.skip()
        self.is_cut = self.is_cut or not rows.have_ended

    def _rest(self) -> Iterator[Piece]:
        """What follows the last semicolon: psql runs it, unless it is cut off within quotes or parentheses."""
        text, outline, is_whole = self._cutter.rest()
        if text and (self.is_pg_dump or not is_whole):
            self.is_cut = True
        elif text:
            yield Statement(entry=self.entry, text=text, outline=outline)


def _entry(header: re.Match[bytes]) -> Entry:
    kind, schema, name = (header[part].decode("utf-8", "replace") for part in ("kind", "schema", "name"))
    return Entry(kind=kind, schema="" if schema == "-" else schema, name=name)

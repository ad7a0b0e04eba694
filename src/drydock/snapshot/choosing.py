"""Chooses whose rows of a dump are restored: those that the pending steps can reach, by the dump's own structure.

The rows of the tool's history come first: only they tell which migrations must be caught up on the copy, and these are
steps like the others. Then what the dump builds after its rows (keys, indexes, triggers, rules) is tried on the empty
tables in a transaction that is rolled back, so that the catalog knows the whole structure when `closure` asks it.
In doubt all rows are restored.
"""

import re
from collections.abc import Iterable
from contextlib import closing

from drydock.postgres.interface import Filling
from drydock.snapshot.archive import Archive, TableRows
from drydock.snapshot.closure import EVERYTHING, AllRows, Chosen, Left, closure
from drydock.snapshot.filler import Filler
from drydock.snapshot.filtering import Leave, course_of
from drydock.snapshot.names import name_of
from drydock.snapshot.opening import opened
from drydock.snapshot.pieces import CopyIn, Piece, Pieces, Statement
from drydock.snapshot.restoring import Choosing, Dump
from drydock.sql.interface import Name, Needs

_TRIED = re.compile(
    r"ALTER (?:TABLE|INDEX|STATISTICS) |CREATE (?:UNIQUE )?INDEX |CREATE (?:CONSTRAINT )?TRIGGER |CREATE RULE "
    r"|CREATE POLICY |CREATE (?:OR REPLACE )?(?:MATERIALIZED )?(?:VIEW|FUNCTION|PROCEDURE) |CREATE STATISTICS ",
    re.IGNORECASE,
)
# What says nothing of whose rows lead to whose, or was done before the rows: every part of a dump begins with the same
# settings. Event triggers are disabled on a copy.
_UNTRIED = re.compile(
    r"COMMENT ON |GRANT |REVOKE |ALTER DEFAULT PRIVILEGES |SECURITY LABEL |(?:CREATE|ALTER) PUBLICATION "
    r"|(?:CREATE|ALTER) EVENT TRIGGER |REFRESH MATERIALIZED VIEW |SET "
    r"|ALTER (?:TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE|FUNCTION|PROCEDURE) .* OWNER TO "
    r"|SELECT (?:\* FROM )?pg_catalog\.(?:set_config|setval|lo_\w+|lowrite|pg_restore_\w+)\(\)",
    re.IGNORECASE,
)


def choose_in_archive(archive: Archive, filler: Filler, *, tables: tuple[TableRows, ...]) -> None:
    """Look at an archive whose structure is there, and whose rows are not yet."""
    choosing = filler.job.choosing
    if choosing is None:
        return
    kept = {table.name: table.number for table in tables if table.name and _is_kept(table.name, choosing)}
    if kept:
        with archive.entries(tuple(kept.values())) as pieces:
            for piece in pieces:
                filler.take(piece)
    looking = _Looking(filler, choosing.needs())
    if looking.goes_on:
        with archive.section("post-data") as pieces:
            for piece in pieces:
                looking.try_out(piece)
    looking.end({table.name for table in tables if table.name}, there=kept)


def choose_in_text(dump: Dump, filler: Filler) -> None:
    """Look at a plain dump whose structure is there, up to its first rows: its text is read through once more."""
    choosing = filler.job.choosing
    if choosing is None:
        return
    scan = _Scan(filler, choosing)
    with closing(opened(dump)) as text:
        for piece in Pieces(text):
            scan.take(piece)
            if scan.is_vain:
                break
    looking = _Looking(filler, scan.needs or choosing.needs())
    for statement in scan.later:
        looking.try_out(statement)
    looking.end(scan.named, there=scan.there)


def _is_kept(name: Name, choosing: Choosing) -> bool:
    return any(name == (table.schema or name[0], table.name) for table in choosing.kept)


class _Scan:
    """What a plain dump holds: whose rows, and what follows them. The history's rows are restored on the way."""

    def __init__(self, filler: Filler, choosing: Choosing) -> None:
        self._filler, self._choosing = filler, choosing
        self.named: set[Name] = set()
        self.there: set[Name] = set()
        self.later: list[Statement] = []
        self.needs: Needs | None = None

    @property
    def is_vain(self) -> bool:
        """Whether it is known that all rows may be met."""
        return self.needs is not None and self.needs.untold is not None

    def take(self, piece: Piece) -> None:
        """Go over one piece."""
        if isinstance(piece, CopyIn):
            self._take_rows(piece)
        elif isinstance(piece, Statement) and self.named:
            self.later.append(piece)

    def _take_rows(self, piece: CopyIn) -> None:
        name = name_of(piece.table)
        if name is None:
            return
        self.named.add(name)
        if _is_kept(name, self._choosing):
            self._filler.take(piece)
            self.there.add(name)
            if len(self.there) == len(self._choosing.kept):
                self.needs = self._choosing.needs()


class _Looking:
    """The structure on trial: a transaction that is open from the first statement tried to the end."""

    def __init__(self, filler: Filler, needs: Needs) -> None:
        self._filler, self._needs = filler, needs
        self._doubt = needs.untold
        self._is_open = False

    @property
    def goes_on(self) -> bool:
        """Whether rows may be left out, as far as is known."""
        return self._doubt is None

    def try_out(self, piece: Piece) -> None:
        """Run a statement that belongs behind the rows."""
        if not self.goes_on or not isinstance(piece, Statement) or _UNTRIED.match(piece.outline):
            return
        if isinstance(course_of(piece), Leave):
            return
        if not _TRIED.match(piece.outline):
            self._doubt = f"it is not known what {str(piece.entry) or 'a statement'} of the dump does"
            return
        refused = self._begun() or self._filling.execute(piece.text)
        if refused is not None:
            self._is_open = False
            self._doubt = f"{piece.entry} could not be tried: {refused}"

    def end(self, named: set[Name], *, there: Iterable[Name]) -> None:
        """Ask the catalog, undo what was tried, and tell the filler.

        `named` are the tables that have rows in the dump, `there` those that have them on the copy already.
        """
        left = self._left(named - {*there})
        if self._is_open:
            self._filling.execute(b"ROLLBACK")
        if isinstance(left, AllRows):
            self._filler.job.progress.stage(f"All rows are restored: {left.reason}.")
            left = EVERYTHING.left
        self._filler.leave(Chosen(left=left, there=frozenset(there)))

    def _left(self, leavable: set[Name]) -> Left | AllRows:
        if self._doubt is not None:
            return AllRows(reason=self._doubt)
        return closure(self._filling, self._needs, leavable=leavable)

    def _begun(self) -> object:
        refused = None if self._is_open else self._filling.execute(b"BEGIN")
        self._is_open = True
        return refused

    @property
    def _filling(self) -> Filling:
        return self._filler.filling

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


def choose_in_archive(archive: Archive, filler: Filler, *, tables: tuple[TableRows, ...], choosing: Choosing) -> Chosen:
    """Look at an archive whose structure is there, and whose rows are not yet."""
    kept = tuple(table for table in tables if table.name is not None and _is_kept(table.name, choosing))
    if kept:
        with archive.entries(tuple(table.number for table in kept)) as pieces:
            for piece in pieces:
                filler.take(piece)
    there = {table.name for table in kept if table.name is not None}
    named = {table.name for table in tables if table.name is not None}
    looking = _Looking(filler, choosing.needs())
    if looking.goes_on:
        with archive.section("post-data") as pieces:
            for piece in pieces:
                looking.try_out(piece)
    return looking.end(named - there, there=there)


def choose_in_text(dump: Dump, filler: Filler, choosing: Choosing) -> Chosen:
    """Look at a plain dump whose structure is there, up to its first rows: its text is read through once more."""
    named: set[Name] = set()
    there: set[Name] = set()
    later: list[Statement] = []
    needs: Needs | None = None
    with closing(opened(dump)) as text:
        for piece in Pieces(text):
            if isinstance(piece, CopyIn) and (name := name_of(piece.table)):
                named.add(name)
                if _is_kept(name, choosing):
                    filler.take(piece)
                    there.add(name)
            elif isinstance(piece, Statement) and named:
                later.append(piece)
            needs = choosing.needs() if needs is None and len(there) == len(choosing.kept) else needs
            if needs is not None and needs.untold:
                break
    looking = _Looking(filler, choosing.needs() if needs is None else needs)
    for statement in later:
        looking.try_out(statement)
    return looking.end(named - there, there=there)


def _is_kept(name: Name, choosing: Choosing) -> bool:
    return any(name == (table.schema or name[0], table.name) for table in choosing.kept)


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

    def end(self, leavable: set[Name], *, there: Iterable[Name]) -> Chosen:
        """Ask the catalog, and undo what was tried."""
        left = self._left(leavable)
        if self._is_open:
            self._filling.execute(b"ROLLBACK")
        if isinstance(left, AllRows):
            self._filler.job.progress.stage(f"All rows are restored: {left.reason}.")
            left = EVERYTHING.left
        return Chosen(left=left, there=frozenset(there))

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

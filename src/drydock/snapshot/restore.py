"""Restores a dump onto an empty scratch: structure, rows in parallel, then indexes in parallel, then the rest."""

import re
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace

from drydock.errors import RehearsalError
from drydock.model import Skipped
from drydock.scratch.interface import Scratch
from drydock.snapshot.archive import Archive
from drydock.snapshot.choosing import choose_in_archive, choose_in_text
from drydock.snapshot.custom import require_whole
from drydock.snapshot.filler import Filler, Job
from drydock.snapshot.ledger import Ledger
from drydock.snapshot.names import NAME
from drydock.snapshot.opening import opened, unpacked
from drydock.snapshot.parallel import share
from drydock.snapshot.pieces import CopyIn, Pieces, Statement
from drydock.snapshot.progress import Progress
from drydock.snapshot.restoring import Choosing, Dump, Means, Restored

_BUILT = frozenset({"CONSTRAINT", "INDEX"})
_BUILT_ON = re.compile(
    rf"(?:ALTER TABLE (?:ONLY )?|CREATE (?:UNIQUE )?INDEX (?:{NAME} )?ON (?:ONLY )?)(?P<table>{NAME})", re.IGNORECASE
)
_PORTIONS_EACH = 8
_LARGEST_PORTION = 64


def restore(
    dump: Dump,
    scratch: Scratch,
    *,
    means: Means,
    skipped: tuple[Skipped, ...] = (),
    choosing: Choosing | None = None,
) -> Restored:
    """See `Restore` in restoring.py; `choosing` may leave rows out."""
    job = Job(
        shown=dump.shown,
        scratch=scratch,
        means=means,
        ledger=Ledger(skipped),
        progress=Progress(means.say),
        choosing=choosing,
    )
    with means.open_filling(scratch.address, means.stopped) as filling:
        filler = Filler(job, filling)
        if dump.form == "plain":
            has_rows = _restore_text(dump, filler)
        else:
            with unpacked(dump, scratch.directory, stopped=means.stopped) as bare:
                require_whole(bare)
                archive = Archive(dump=bare, means=means, directory=scratch.directory)
                has_rows = _restore_archive(archive, filler)
    return Restored(
        skipped=job.ledger.skipped,
        notes=job.ledger.notes,
        left_out=job.ledger.left_out,
        tables=job.progress.tables,
        has_rows=has_rows,
    )


def _restore_text(dump: Dump, filler: Filler) -> bool:
    with closing(opened(dump)) as text:
        pieces = Pieces(text)
        _take_all(pieces, filler, before_rows=lambda: choose_in_text(dump, filler))
    if pieces.is_cut or (pieces.is_pg_dump and not pieces.is_complete):
        raise RehearsalError(
            f"{dump.shown} is cut off{f', at {pieces.entry}' if str(pieces.entry) else ''}.",
            hint="Take the snapshot again, and compare sizes or checksums after copying it.",
        )
    return filler.has_rows


def _restore_archive(archive: Archive, filler: Filler) -> bool:
    content = archive.content()
    with archive.section("pre-data") as pieces:
        _take_all(pieces, filler)
    if content.tables:
        choose_in_archive(archive, filler, tables=content.tables)
    tables = tuple(table.number for table in content.tables if not filler.leaves(table.name))
    filler.job.progress.expect(len(tables))
    if tables:
        _load_rows(archive, filler.job, tables=tables)
    if content.others:
        with archive.entries(content.others) as pieces:
            _take_all(pieces, filler)
    with archive.section("post-data") as pieces:
        _take_all(pieces, filler)
    return bool(content.tables)


def _load_rows(archive: Archive, job: Job, *, tables: tuple[str, ...]) -> None:
    """Every worker has a pg_restore of its own, for a few tables at a time; a tar can only be read through once."""

    def load(filler: Filler, numbers: tuple[str, ...]) -> None:
        with replace(archive, means=filler.job.means).entries(numbers) as pieces:
            for piece in pieces:
                filler.take(piece)

    workers = 1 if archive.dump.form == "tar" else job.means.workers
    size = len(tables) if workers == 1 else min(_LARGEST_PORTION, max(1, len(tables) // (workers * _PORTIONS_EACH)))
    portions = [tables[start : start + size] for start in range(0, len(tables), size)]
    share(job, portions, settings=(), work=load)


def _take_all(pieces: Pieces, filler: Filler, *, before_rows: Callable[[], None] = lambda: None) -> None:
    """In order; but indexes and keys that follow each other are built side by side, table by table."""
    job = filler.job
    built: list[Statement] = []
    has_rows = False
    for piece in pieces:
        if isinstance(piece, CopyIn) and not has_rows:
            has_rows = True
            before_rows()
        if isinstance(piece, Statement) and piece.entry.kind in _BUILT and _is_built(piece):
            built.append(piece)
            continue
        _build(built, job, filler=filler)
        built.clear()
        filler.take(piece)
        _require_going_on(job)
    _build(built, job, filler=filler)


def _is_built(piece: Statement) -> bool:
    return " FOREIGN KEY " not in piece.outline.upper()


def _build(statements: Iterable[Statement], job: Job, *, filler: Filler) -> None:
    by_table: dict[str, list[Statement]] = {}
    last = ""
    for statement in statements:
        # What follows an index in its entry (CLUSTER ON, SET STATISTICS) belongs to the same table.
        found = _BUILT_ON.match(statement.outline)
        last = found["table"] if found else last
        by_table.setdefault(last, []).append(statement)
    if len(by_table) < 2:
        for statement in (each for group in by_table.values() for each in group):
            filler.run(statement)
        return
    job.progress.stage(f"Building indexes and keys of {len(by_table)} tables.")
    share(job, by_table.values(), settings=filler.settings, work=_build_group)


def _build_group(filler: Filler, statements: list[Statement]) -> None:
    for statement in statements:
        filler.run(statement)


def _require_going_on(job: Job) -> None:
    if job.means.stopped():
        raise RehearsalError("The restore was stopped.")

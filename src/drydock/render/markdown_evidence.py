"""The folded part of a Markdown report: statements and times, schema changes, drift, what is odd, the circumstances."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from drydock.model import (
    Attempt,
    Change,
    Inconclusive,
    NotRehearsed,
    Rehearsed,
    Report,
    StatementTime,
    StepApplied,
    Target,
)
from drydock.render.escaping import cell_code, fenced, linked, prose
from drydock.render.history import warnings_of
from drydock.render.markdown_decision import refusal_text
from drydock.render.markdown_layout import Layout, Lines, blocks, fold, more, table
from drydock.render.markdown_table import every_row
from drydock.render.problems import explanation_of
from drydock.render.rehearsal import left_out_texts, redone_texts
from drydock.render.rehearsal import word_of as proof_word
from drydock.render.rows import Row, rows_of
from drydock.render.seeding import seed_text
from drydock.render.steps import way_of, word_of
from drydock.render.wording import counted, human_duration


def evidence_lines(report: Report, layout: Layout) -> Lines:
    """Every fold that has something in it."""
    if not layout.folds:
        return ()
    rehearsed = report.rehearsal if isinstance(report.rehearsal, Rehearsed) else None
    changes = rehearsed.changes if rehearsed else ()
    drift = rehearsed.drift if rehearsed else ()
    redone = redone_texts(rehearsed.redone) if rehearsed else ()
    rows = rows_of(report)
    return blocks(
        fold(f"All {counted(len(rows), 'migration')}", every_row(report, layout)),
        fold("Statements and their times", _statements(rows, layout)),
        fold(f"Schema changes on the copy ({len(changes):,})", _diff(changes, layout)),
        fold("Undone and applied again on the copy", layout.listed(tuple(map(prose, redone)))),
        fold(f"Drift: what no migration made on the target ({len(drift):,})", _diff(drift, layout)),
        _warnings(report, layout),
        _notes(report, layout),
        fold("Earlier deploys", _log(report.log or (), layout)),
        fold("About this run", _circumstances(report, layout)),
    )


def _statements(rows: Sequence[Row], layout: Layout) -> Lines:
    """A fold for each migration that has something to unfold."""
    if not layout.statements:
        return ()
    inner = [(row, _details(row, layout)) for row in rows]
    told = [(row, lines) for row, lines in inner if lines]
    shown = (fold(_title(row), lines, name=row.migration.name) for row, lines in told[: layout.entries])
    return blocks(*shown, more(len(told) - layout.entries))


def _title(row: Row) -> str:
    parts = []
    if row.copy:
        took = "" if row.copy.duration is None else f" in {human_duration(row.copy.duration)}"
        parts.append(f"{proof_word(row.copy.proof).lower()} on the copy{took}")
    match row.target:
        case None:
            pass
        case StepApplied(duration=duration):
            parts.append(f"{row.done} in {human_duration(duration)}")
        case step:
            parts.append(word_of(step).lower())
    return "; ".join(parts) or "pending"


def _details(row: Row, layout: Layout) -> Lines:
    return blocks(layout.listed(tuple(_said(row))), _times(row, layout))


def _said(row: Row) -> Iterator[str]:
    """What neither the table nor the head has told."""
    if row.copy and isinstance(row.copy.proof, Inconclusive):
        yield f"On the copy, where it cannot be told without rows: {refusal_text(row.copy.proof.refusal)}"
    if isinstance(row.target, StepApplied):
        attempts = f"attempt {row.target.attempts}" if row.target.attempts > 1 else ""
        way = ", ".join(filter(None, (prose(way_of(row.target.course)), attempts)))
        yield from (f"On the target: {way}",) if way else ()
        yield from map(prose, row.target.notes)


def _times(row: Row, layout: Layout) -> Lines:
    """The statements in their order; of very many, the slowest."""
    on_copy = {time.number: time for time in row.copy.times} if row.copy else {}
    on_target = {time.number: time for time in row.target.times} if isinstance(row.target, StepApplied) else {}
    every = {**on_copy, **on_target}
    slowest = sorted(every, key=lambda number: every[number].duration, reverse=True)[: layout.statements]
    rows = (
        (
            linked(str(every[number].line), layout.address(row.migration.file, every[number].line)),
            cell_code(every[number].kind),
            _took(on_copy.get(number)),
            _took(on_target.get(number)),
        )
        for number in sorted(slowest)
    )
    shown = table(("Line", "Statement", "On the copy", "On the target"), rows)
    return blocks(shown, more(len(every) - len(slowest), "faster ones"))


def _took(time: StatementTime | None) -> str:
    return "" if time is None else human_duration(time.duration)


def _diff(changes: Sequence[Change], layout: Layout) -> Lines:
    if not changes:
        return ()
    lines = (line for change in changes[: layout.entries] for line in _changed(change))
    return blocks(fenced(lines, "diff"), more(len(changes) - layout.entries))


def _changed(change: Change) -> Lines:
    match change.kind:
        case "added":
            return (f"+ {change.what}",)
        case "removed":
            return (f"- {change.what}",)
        case "altered":
            before, after, line = change.excerpt()
            about = f"{change.what}: {change.aspect}" + (f", line {line}" if line else "")
            return (f"- {about}: {before}", f"+ {about}: {after}")
        case _:
            assert_never(change.kind)


def _warnings(report: Report, layout: Layout) -> Lines:
    explained = [explanation_of(problem) for problem in warnings_of(report)]
    items = [f"{prose(one.text)} {prose(one.hint)}" for one in explained]
    return fold(f"Warnings of the history ({len(items):,})", layout.listed(items))


def _notes(report: Report, layout: Layout) -> Lines:
    rehearsed = report.rehearsal
    lacking = rehearsed.loaded.skipped if isinstance(rehearsed, Rehearsed) else ()
    left_out = left_out_texts(rehearsed.loaded.left_out) if isinstance(rehearsed, Rehearsed) else ()
    copied = (*rehearsed.loaded.notes, *rehearsed.notes) if isinstance(rehearsed, Rehearsed) else ()
    done = report.outcome.notes if report.outcome else ()
    items = (
        *(f"Not on the copy: {prose(f'{one.kind} `{one.name}`: {one.reason}')}" for one in lacking),
        *map(prose, (*left_out, *copied, *done)),
    )
    title = "What the copy lacks, and notes" if lacking else "Notes"
    return fold(f"{title} ({len(items):,})", layout.listed(items))


def _log(attempts: Sequence[Attempt], layout: Layout) -> Lines:
    return layout.listed(
        [
            f"{prose(one.started_at[:19])}: {one.applied} of {one.planned} applied by {prose(one.who)}: "
            + prose(one.outcome or "ended without a word (killed, or still running)")
            for one in attempts
        ]
    )


def _circumstances(report: Report, layout: Layout) -> Lines:
    items = (
        *((f"Target: {_target(report.target)}",) if report.target else ("Target: not reached",)),
        *_history(report),
        *_rehearsal(report),
        *((f"Seed: {prose(said)}",) if (said := seed_text(report)) else ()),
    )
    return layout.listed(items)


def _history(report: Report) -> Lines:
    if report.status is None:
        return ()
    before = " before this run" if report.outcome and report.outcome.steps else ""
    count = counted(len(report.status.applied), "migration")
    return (f"History: {count} applied{before}, says {prose(f'`{report.status.history}` ({report.status.tool})')}",)


def _target(target: Target) -> str:
    marked = f"marked {target.mark.environment}" if target.mark.environment is not None else "not marked"
    return prose(f"`{target.database}` on PostgreSQL {target.server_version} as `{target.user}`, {marked}")


def _rehearsal(report: Report) -> Lines:
    match report.rehearsal:
        case Rehearsed(copy=copy, loaded=loaded, caught_up=caught_up) as rehearsed:
            where = prose(f"{loaded.origin.name} ({copy.kind}, PostgreSQL {copy.server_version}, as `{copy.user}`)")
            took = f"{human_duration(rehearsed.load_duration)} to make, {human_duration(rehearsed.duration)} to run"
            taken = f", taken {prose(loaded.origin.taken_at)}" if loaded.origin.taken_at else ""
            first = f", {counted(len(caught_up), 'migration')} applied to it first" if caught_up else ""
            return (f"Rehearsed on {where}{taken}{first}; {took}",)
        case NotRehearsed(reason=reason):
            return (f"Not rehearsed: {prose(reason)}",)
        case None:
            return ()
        case _:
            assert_never(report.rehearsal)
